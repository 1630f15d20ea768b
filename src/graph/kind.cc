#include "graph/kind.h"

#include <array>
#include <unordered_map>

namespace edgescope::graph {
namespace {

constexpr KindRow kRows[] = {
#define EDGESCOPE_KIND(enumerator, name, tflite, onnx, openvino) {Kind::enumerator, name, tflite, onnx, openvino},
#include "graph/kinds.inc"
#undef EDGESCOPE_KIND
};

using Names = std::unordered_map<std::string_view, Kind>;

Names index(std::string_view KindRow::*column) {
  Names names;
  for (const KindRow& row : kRows) {
    std::string_view rest = row.*column;
    while (!rest.empty()) {
      const std::size_t space = rest.find(' ');
      names.emplace(rest.substr(0, space), row.kind);
      rest = space == std::string_view::npos ? std::string_view{} : rest.substr(space + 1);
    }
  }
  return names;
}

template <std::string_view KindRow::*Column>
const Names& names() {
  static const Names table = index(Column);
  return table;
}

std::optional<Kind> find(const Names& names, std::string_view name) {
  const auto it = names.find(name);
  if (it == names.end()) return std::nullopt;
  return it->second;
}

}  // namespace

std::span<const KindRow> kind_table() { return kRows; }

std::string_view kind_name(Kind kind) {
  return kind == Kind::Unknown ? "unknown" : kRows[static_cast<std::size_t>(kind) - 1].name;
}

std::optional<Kind> kind_from_name(std::string_view name) { return find(names<&KindRow::name>(), name); }

Kind kind_from_source(Source source, std::string_view name) {
  switch (source) {
    case Source::TfLite:
      return find(names<&KindRow::tflite>(), name).value_or(Kind::Unknown);
    case Source::Onnx:
      return find(names<&KindRow::onnx>(), name).value_or(Kind::Unknown);
    case Source::OpenVino:
      return find(names<&KindRow::openvino>(), name).value_or(Kind::Unknown);
  }
  return Kind::Unknown;
}

}  // namespace edgescope::graph
