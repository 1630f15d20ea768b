// Options tables of operators as typed attributes: canonical names (graph/attribute.h) where there is one,
// the schema's own name for every other field. Absent fields get the schema's default.
#pragma once

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

}  // namespace edgescope::format::tflite
