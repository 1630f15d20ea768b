#include "format/myriad/memory_dump.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "base/checked.h"

namespace edgescope::format::myriad {
namespace {

constexpr std::string_view kBeginning = "digraph ie_vpu_model_view";
constexpr std::string_view kEndOfLine = "\\l";

// The value of `name = value` in a label, up to the end of its line; empty where there is none.
std::string_view field(std::string_view label, std::string_view name) {
  for (std::size_t at = label.find(name); at != std::string_view::npos; at = label.find(name, at + 1)) {
    constexpr std::string_view kIs = " = ";
    const std::string_view rest = label.substr(at + name.size());
    const bool begins = at == 0 || label[at - 1] == ' ' || label[at - 1] == 'l';  // after an indent or an end of line
    if (!begins || !rest.starts_with(kIs)) continue;
    const std::string_view value = rest.substr(kIs.size());
    return value.substr(0, std::min(value.find(kEndOfLine), value.size()));
  }
  return {};
}

std::uint64_t number(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// "[W : 2, H : 2, C : 16]"
std::vector<std::uint64_t> numbers(std::string_view list) {
  std::vector<std::uint64_t> values;
  for (std::size_t colon = list.find(" : "); colon != std::string_view::npos; colon = list.find(" : ", colon + 1))
    values.push_back(number(list.substr(colon + 3)));
  return values;
}

// From the first byte to the last. The smallest stride is an element's size.
std::uint64_t extent(std::string_view label) {
  const auto dims = numbers(field(label, "dims")), strides = numbers(field(label, "strides"));
  if (dims.empty() || dims.size() != strides.size()) return 0;
  std::uint64_t bytes = *std::min_element(strides.begin(), strides.end());
  for (std::size_t i = 0; i < dims.size(); ++i) {
    const auto steps = base::checked_mul(dims[i] == 0 ? 0 : dims[i] - 1, strides[i]);
    const auto sum = steps ? base::checked_add(bytes, *steps) : std::nullopt;
    if (!sum) return 0;
    bytes = *sum;
  }
  return bytes;
}

}  // namespace

bool is_memory_dump(std::string_view text) { return text.starts_with(kBeginning); }

base::Result<MemoryDump> read_memory_dump(std::string_view text, const std::string& path) {
  if (!is_memory_dump(text))
    return base::fail({.what = "is no picture of a network by the MYRIAD plugin", .file = path});
  MemoryDump dump;
  constexpr std::string_view kLabel = "label=\"", kData = "Data ", kGraph = "Graph ";
  for (std::size_t at = text.find(kLabel); at != std::string_view::npos; at = text.find(kLabel, at)) {
    at += kLabel.size();
    const std::size_t end = text.find('"', at);
    if (end == std::string_view::npos)
      return base::fail({.what = "ends within a label",
                         .file = path,
                         .offset = at,
                         .remedy = "The file is cut off: compile the network again."});
    const std::string_view label = text.substr(at, end - at);
    at = end;
    if (label.starts_with(kGraph)) {
      const std::string_view used = label.substr(std::min(label.find("usedMemory"), label.size()));
      dump.cmx_bytes = number(field(used, "CMX"));
      dump.bss_bytes = number(field(used, "BSS"));
      dump.blob_bytes = number(field(used, "blob"));
    }
    if (!label.starts_with(kData) || field(label, "usage") == "Fake") continue;
    const std::string_view name = label.substr(kData.size());
    dump.tensors.push_back({.name = std::string(name.substr(0, std::min(name.find(kEndOfLine), name.size()))),
                            .usage = std::string(field(label, "usage")),
                            .location = std::string(field(label, "dataLocation")),
                            .type = std::string(field(label, "type")),
                            .offset = number(field(label, "dataOffset")),
                            .bytes = extent(label)});
  }
  return dump;
}

}  // namespace edgescope::format::myriad
