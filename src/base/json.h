// The one JSON type: objects keep the order in which they were written, so that output reads as meant.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/error.h"

namespace edgescope::base {

using Json = nlohmann::ordered_json;

// `what` names the text in the error: a file, "the worker's answer".
Result<Json> parse_json(std::string_view text, const std::string& what);

// Strings from files may hold any bytes; what is not UTF-8 becomes U+FFFD instead of an exception.
std::string dump(const Json& json, int indent = -1);

}  // namespace edgescope::base
