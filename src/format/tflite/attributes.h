// Options tables of operators as typed attributes, and back: canonical names (graph/attribute.h) where there is one,
// the schema's own name for every other field. Absent fields get the schema's default.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "format/tflite/layout.h"
#include "graph/attribute.h"
#include "graph/element_type.h"

namespace edgescope::format::tflite {

// `options` must have passed the verifier as a table of this layout. Vectors of bytes are opaque to the
// format (nested descriptions of other tools) and left out. Bodies become attr::subgraph, always ints, in
// the schema's order: then, else; condition, body.
graph::Attributes attributes(const flatbuffers::Table& options, const Layout& layout);

// The element type that a value of the schema's TensorType means, Unknown for one from a later format.
graph::ElementType element_type(std::int64_t tensor_type);
std::optional<std::int64_t> tensor_type(graph::ElementType type);

// A vector of bytes, whose meaning other tools know: no attribute, but Operator::options.
bool is_opaque(const Field& field);

// The way back: a table of this layout in the builder, from those attributes that it has fields for. Fails where
// a value is not one that the field can hold.
base::Result<flatbuffers::Offset<flatbuffers::Table>> pack_options(flatbuffers::FlatBufferBuilder& builder,
                                                                   const graph::Attributes& attributes,
                                                                   std::span<const std::byte> opaque,
                                                                   const Layout& layout);

// What an attribute is made of: one field, or several that are gathered to a list in this order.
struct OptionsEntry {
  std::string name;
  std::vector<const Field*> fields;
  bool gathered = false;
};
const std::vector<OptionsEntry>& options_plan(const Layout& layout);

}  // namespace edgescope::format::tflite
