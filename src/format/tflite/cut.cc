#include "format/tflite/cut.h"

#include <fmt/format.h>

#include <algorithm>

#include "format/tflite/reader.h"
#include "tflite_generated.h"

namespace edgescope::format::tflite {
namespace {

base::Result<std::vector<int>> find(const fb::SubGraphT& graph, const std::vector<std::string>& names,
                                    const std::string& file) {
  std::vector<int> found;
  for (const std::string& name : names) {
    const auto named = [&](const auto& tensor) { return tensor->name == name; };
    const auto count = std::count_if(graph.tensors.begin(), graph.tensors.end(), named);
    if (count != 1)
      return base::fail(
          {.what = count == 0 ? "has no tensor of this name" : fmt::format("has {} tensors of this name", count),
           .file = file,
           .node = name});
    found.push_back(
        static_cast<int>(std::find_if(graph.tensors.begin(), graph.tensors.end(), named) - graph.tensors.begin()));
  }
  return found;
}

}  // namespace

base::Result<std::vector<std::byte>> cut(const base::MappedFile& file, const std::vector<std::string>& inputs,
                                         const std::vector<std::string>& outputs) {
  EDGESCOPE_TRY(checked, read(file));  // the object interface below trusts every offset
  fb::ModelT model;
  fb::GetModel(file.bytes().data())->UnPackTo(&model);
  fb::SubGraphT& graph = *model.subgraphs.front();
  EDGESCOPE_TRY(from, find(graph, inputs, file.path()));
  EDGESCOPE_TRY(to, find(graph, outputs, file.path()));

  std::vector<bool> given(graph.tensors.size(), false), needed(graph.tensors.size(), false);
  for (int tensor : from) given[static_cast<std::size_t>(tensor)] = true;
  for (int tensor : to) needed[static_cast<std::size_t>(tensor)] = true;
  // Writers list operators in execution order, so one walk from the end meets users before producers.
  std::vector<std::unique_ptr<fb::OperatorT>> kept;
  for (auto it = graph.operators.rbegin(); it != graph.operators.rend(); ++it) {
    const auto wanted = [&](int tensor) {
      return needed[static_cast<std::size_t>(tensor)] && !given[static_cast<std::size_t>(tensor)];
    };
    if (std::none_of((*it)->outputs.begin(), (*it)->outputs.end(), wanted)) continue;
    for (int tensor : (*it)->inputs)
      if (tensor >= 0) needed[static_cast<std::size_t>(tensor)] = true;
    for (int tensor : (*it)->outputs) given[static_cast<std::size_t>(tensor)] = true;
    kept.push_back(std::move(*it));
  }
  std::reverse(kept.begin(), kept.end());
  graph.operators = std::move(kept);
  for (std::size_t tensor = 0; tensor < needed.size(); ++tensor)
    if (needed[tensor] && !given[tensor] && !checked.subgraphs[0].tensors[tensor].constant &&
        !checked.subgraphs[0].tensors[tensor].variable)
      return base::fail({.what = "is needed, but it is neither among the inputs nor computed from them",
                         .file = file.path(),
                         .node = graph.tensors[tensor]->name});
  graph.inputs = std::move(from);
  graph.outputs = std::move(to);
  model.signature_defs.clear();

  flatbuffers::FlatBufferBuilder builder(file.size());
  fb::FinishModelBuffer(builder, fb::Model::Pack(builder, &model));
  const auto* bytes = reinterpret_cast<const std::byte*>(builder.GetBufferPointer());
  return std::vector<std::byte>(bytes, bytes + builder.GetSize());
}

}  // namespace edgescope::format::tflite
