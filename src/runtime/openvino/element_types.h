// OpenVINO's numbers for element types, which changed between versions: "undefined" was dropped from
// the front and new ones went into the middle. So the library in use is asked.
#pragma once

#include <vector>

#include "graph/element_type.h"
#include "runtime/openvino/openvino_api.h"

namespace edgescope::runtime::openvino {

// Index: the library's number.
std::vector<graph::ElementType> element_types(const Api& api);

// The same from the bytes that eight elements of each number take (0: no tensor of it can be made).
// Eight elements take as many bytes as one takes bits, which tells the numberings apart.
std::vector<graph::ElementType> element_types_by_size(const std::vector<std::size_t>& bytes_of_eight);

}  // namespace edgescope::runtime::openvino
