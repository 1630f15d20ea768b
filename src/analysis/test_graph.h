// Models made by hand, for the tests of this folder. Constants lie one after the other in one borrowed
// file, so that the account of bytes is as real as a reader's.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "graph/extents.h"
#include "graph/model.h"

namespace edgescope::analysis {

class TestGraph {
 public:
  using Dims = std::vector<std::int64_t>;

  explicit TestGraph(graph::Format format = graph::Format::TfLite) {
    model_.format = format;
    model_.layout = format == graph::Format::TfLite ? graph::Layout::ChannelsLast : graph::Layout::ChannelsFirst;
    model_.subgraphs.resize(1);
    bytes_->reserve(1 << 20);  // spans must stay where they are
  }

  int tensor(Dims dims, graph::ElementType type = graph::ElementType::Float32, std::string name = "") {
    if (name.empty()) name = "t" + std::to_string(graph().tensors.size());
    graph().tensors.push_back({.name = std::move(name), .type = type, .shape = {.dims = std::move(dims)}});
    return static_cast<int>(graph().tensors.size()) - 1;
  }

  int constant(Dims dims, graph::ElementType type = graph::ElementType::Float32, std::string name = "",
               std::byte fill = std::byte{1}) {
    const int index = tensor(std::move(dims), type, std::move(name));
    graph::Tensor& t = graph().tensors[static_cast<std::size_t>(index)];
    const std::uint64_t size = graph::packed_bytes(type, *t.shape.elements()).value_or(0);
    const std::size_t at = bytes_->size();
    bytes_->insert(bytes_->end(), size, fill);
    t.constant = true;
    t.data = std::span<const std::byte>(*bytes_).subspan(at, size);
    return index;
  }

  int integers(const std::vector<std::int32_t>& values) {
    const int index = constant({static_cast<std::int64_t>(values.size())}, graph::ElementType::Int32);
    const auto source = std::as_bytes(std::span(values));
    const auto& data = graph().tensors[static_cast<std::size_t>(index)].data;
    std::copy(source.begin(), source.end(), bytes_->begin() + (data.data() - bytes_->data()));
    return index;
  }

  void quantize(int tensor, float scale, std::int64_t zero_point) {
    graph().tensors[static_cast<std::size_t>(tensor)].quantization =
        std::make_shared<graph::Quantization>(graph::Quantization{.scales = {scale}, .zero_points = {zero_point}});
  }

  graph::Operator& add(graph::Kind kind, std::vector<int> inputs, std::vector<int> outputs,
                       graph::Attributes attributes = {}) {
    graph().operators.push_back({.kind = kind,
                                 .source_kind = std::string(graph::kind_name(kind)),
                                 .inputs = std::move(inputs),
                                 .outputs = std::move(outputs),
                                 .attributes = std::move(attributes)});
    return graph().operators.back();
  }

  graph::Subgraph& graph() { return model_.subgraphs.front(); }

  // The model with its one file: the constants, and `tail` zero bytes of padding behind them.
  graph::Model finish(std::size_t tail = 0) {
    graph::ExtentBuilder extents;
    const std::size_t used = bytes_->size();
    bytes_->resize(used + tail);
    model_.owned = {bytes_};
    model_.files = {base::MappedFile::borrow(*bytes_, "test.model")};
    for (std::size_t t = 0; t < graph().tensors.size(); ++t)
      extents.add(0, model_.files[0], graph().tensors[t].data,
                  {.owner = graph::Extent::Owner::Weights, .subgraph = 0, .tensor = static_cast<int>(t)});
    model_.extents = std::move(extents).finish(model_.files);
    return std::move(model_);
  }

 private:
  std::shared_ptr<std::vector<std::byte>> bytes_ = std::make_shared<std::vector<std::byte>>();
  graph::Model model_;
};

}  // namespace edgescope::analysis
