#include "base/json.h"

namespace edgescope::base {

Result<Json> parse_json(std::string_view text, const std::string& what) {
  Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (json.is_discarded()) return fail({.fault = Fault::input, .what = "is not JSON", .file = what});
  return json;
}

std::string dump(const Json& json, int indent) {
  return json.dump(indent, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

}  // namespace edgescope::base
