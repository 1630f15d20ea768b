// The texts that IR attributes hold, as values. Lists of more than 65536 numbers are none.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "graph/attribute.h"
#include "graph/element_type.h"
#include "graph/model.h"

namespace edgescope::format::openvino {

std::optional<std::int64_t> parse_int(std::string_view text);
std::optional<std::uint64_t> parse_unsigned(std::string_view text);
std::optional<double> parse_float(std::string_view text);
std::optional<bool> parse_bool(std::string_view text);                       // "true", "false", "1", "0", any case
std::optional<std::vector<std::int64_t>> parse_ints(std::string_view text);  // "1, 2"; "" is the empty list

// "1,3,?" (also -1 and ranges such as 1..10 and 3.., which are dynamic), "" for a scalar and "..." where
// the rank is open.
std::optional<graph::Shape> parse_shape(std::string_view text);

// Both spellings: "f32" of <data element_type> and "FP32" of <port precision>.
graph::ElementType parse_type(std::string_view text);

// An attribute that has no canonical meaning, typed as its text reads: true/false, an integer, a number, a
// list of either, else a string.
graph::Attribute guess(std::string_view text);

}  // namespace edgescope::format::openvino
