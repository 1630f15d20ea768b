// Attributes of a layer as the texts of its <data>: the way back from format/openvino/attributes.h.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "graph/model.h"

namespace edgescope::format::openvino {

std::vector<std::pair<std::string, std::string>> write_attributes(const graph::Operator& op);

// What <data element_type> and <port precision> call a type; empty where IR has none.
std::string_view data_type(graph::ElementType type);
std::string_view port_precision(graph::ElementType type);

}  // namespace edgescope::format::openvino
