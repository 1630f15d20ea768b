#include "runtime/openvino/openvino_properties.h"

#include <fmt/format.h>

#include <sstream>

namespace edgescope::runtime::openvino {
namespace {

// A complaint's last line, without the places in the sources that it came through and its path there.
std::string words_of(const Api& api) {
  const char* text = api.get_last_err_msg != nullptr ? api.get_last_err_msg() : nullptr;
  std::istringstream lines(text != nullptr ? text : "");
  std::string words;
  for (std::string line; std::getline(lines, line);)
    if (!line.empty() && !line.starts_with("Exception from ")) words += (words.empty() ? "" : " ") + line;
  return words;
}

}  // namespace

base::Result<Properties> properties_of(const Api& api, Core* core, const std::string& device) {
  const auto get = [&](const std::string& name) {
    char* text = nullptr;
    if (api.core_get_property(core, device.c_str(), name.c_str(), &text) != 0 || text == nullptr) return std::string();
    std::string value = text;
    api.free(text);
    return value;
  };
  const auto set = [&](const std::string& name, const std::string& value) {
    return api.core_set_property(core, device.c_str(), name.c_str(), value.c_str(),
                                 static_cast<const char*>(nullptr)) == 0;
  };
  Properties properties;
  std::istringstream names(get("SUPPORTED_PROPERTIES"));
  for (std::string name; names >> name;) {
    const std::string value = get(name);
    if (!set(name, value)) {
      properties.metrics[name] = value;
      continue;
    }
    std::string words;
    if (set(name, kNoValue))
      set(name, value);  // it takes anything
    else
      words = words_of(api);
    // The CPU's DEVICE_ID takes its own value and no other.
    if (words.find(fmt::format("supports only '{}'", value)) != std::string::npos) {
      properties.metrics[name] = value;
      continue;
    }
    properties.settings[name] = value;
    if (!words.empty()) properties.words[name] = words;
  }
  if (properties.settings.empty() && properties.metrics.empty())
    return base::fail({.fault = base::Fault::missing,
                       .what = fmt::format("OpenVINO has no device {} here", device),
                       .remedy = "`edgescope doctor` says what is installed."});
  return properties;
}

}  // namespace edgescope::runtime::openvino
