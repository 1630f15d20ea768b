#include "machine/udev.h"

#include <fnmatch.h>

#include <cctype>
#include <cstdlib>
#include <sstream>
#include <utility>

namespace edgescope::machine {
namespace {

// The value in `key=="value"`, `key="value"` or `key:="value"`; ATTR and ATTRS name the attribute in braces.
std::string value_of(const std::string& line, std::string_view key) {
  for (std::size_t at = line.find(key); at != std::string::npos; at = line.find(key, at + 1)) {
    if (at > 0 && std::isalnum(static_cast<unsigned char>(line[at - 1]))) continue;
    const std::size_t after = line.find_first_not_of("}=:+ ", at + key.size());
    if (after == std::string::npos || line[after] != '"' || after == at + key.size()) continue;
    const std::size_t end = line.find('"', after + 1);
    if (end != std::string::npos) return line.substr(after + 1, end - after - 1);
  }
  return {};
}

bool matches(const std::string& pattern, const std::string& text) {
  return fnmatch(pattern.c_str(), text.c_str(), FNM_CASEFOLD) == 0;
}

}  // namespace

bool UdevRule::covers(std::string_view id) const {
  const std::size_t colon = id.find(':');
  return matches(vendor, std::string(id.substr(0, colon))) &&
         (product.empty() || matches(product, std::string(id.substr(colon + 1))));
}

std::vector<UdevRule> parse_udev_rules(const std::string& text, const std::string& file) {
  std::vector<UdevRule> rules;
  std::istringstream lines(text);
  std::string carried;
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty() && line.back() == '\\') {
      carried += line.substr(0, line.size() - 1) + " ";
      continue;
    }
    line = std::exchange(carried, {}) + line;
    const std::size_t start = line.find_first_not_of(" \t");
    if (start == std::string::npos || line[start] == '#') continue;
    UdevRule rule{.file = file,
                  .vendor = value_of(line, "idVendor"),
                  .product = value_of(line, "idProduct"),
                  .group = value_of(line, "GROUP")};
    const unsigned long mode = std::strtoul(value_of(line, "MODE").c_str(), nullptr, 8);
    rule.everyone = (mode & 06) == 06 || line.find("\"uaccess\"") != std::string::npos;
    if (!rule.vendor.empty() && (rule.everyone || !rule.group.empty())) rules.push_back(std::move(rule));
  }
  return rules;
}

}  // namespace edgescope::machine
