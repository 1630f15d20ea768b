// The <data> attributes of a layer as typed attributes, canonical ones (graph/attribute.h) under their
// canonical names, with the specification's defaults filled in.
#pragma once

#include <cstdint>
#include <pugixml.hpp>

#include "base/error.h"
#include "graph/attribute.h"
#include "graph/kind.h"

namespace edgescope::format::openvino {

// `opset` is the layer's opset number, 0 where it names none. The error says only which attribute is
// wrong; the caller knows the place.
base::Result<graph::Attributes> read_attributes(graph::Kind kind, std::int64_t opset, pugi::xml_node data);

// What the format calls an attribute that reading gives this name.
std::string_view source_name(graph::Kind kind, std::string_view canonical);

}  // namespace edgescope::format::openvino
