#include "target/ncs2/stages.h"

#include <algorithm>

namespace edgescope::target::ncs2 {
namespace {

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find(separator, at), text.size());
    if (end > at) parts.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return parts;
}

// "MyriadXHwOp + injected[Copy]"
void read_kind(const std::string& text, Stage& stage) {
  constexpr std::string_view kInjected = " + injected[";
  const std::size_t at = text.find(kInjected);
  stage.kind = text.substr(0, at);
  if (at == std::string::npos) return;
  const std::size_t begin = at + kInjected.size();
  std::string list =
      text.substr(begin, text.rfind(']') == std::string::npos ? std::string::npos : text.rfind(']') - begin);
  list.erase(std::remove(list.begin(), list.end(), ' '), list.end());
  stage.injected = split(list, ',');
}

}  // namespace

base::Result<std::vector<Stage>> stages_of(const graph::Model& model) {
  const std::string file = model.files.empty() ? std::string() : model.files.front().path();
  if (model.subgraphs.empty()) return base::fail({.what = "is no execution graph", .file = file});
  const graph::Subgraph& graph = model.subgraphs.front();
  std::vector<std::pair<std::int64_t, Stage>> found;
  bool described = false;
  for (const graph::Operator& op : graph.operators) {
    const graph::Attribute* order = graph::find(op.attributes, "execOrder");
    if (order == nullptr) continue;
    described = true;
    const auto* index = std::get_if<std::int64_t>(order);
    if (index == nullptr || *index < 0) continue;  // no stage of its own
    Stage stage{.name = op.name, .layers = split(graph::get<std::string>(op.attributes, "originalLayersNames"), ',')};
    read_kind(graph::get<std::string>(op.attributes, "primitiveType"), stage);
    // A result that several stages read is listed once for each of them.
    if (!op.outputs.empty() && op.outputs.front() >= 0) {
      const graph::Shape& shape = graph.tensors[static_cast<std::size_t>(op.outputs.front())].shape;
      stage.output_elements = shape.elements().value_or(0);
      stage.image = shape.dims.size() >= 4 && shape.dims.end()[-1] > 1 && shape.dims.end()[-2] > 1;
    }
    found.emplace_back(*index, std::move(stage));
  }
  if (!described) return base::fail({.what = "is no execution graph: no layer says when it is executed", .file = file});
  std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<Stage> stages;
  for (auto& [index, stage] : found) stages.push_back(std::move(stage));
  return stages;
}

}  // namespace edgescope::target::ncs2
