#include "format/tflite/donor.h"

#include <algorithm>

#include "format/tflite/attributes.h"
#include "format/tflite/reader.h"
#include "format/tflite/verify.h"
#include "tflite_generated.h"

namespace edgescope::format::tflite {
namespace {

std::string_view text(const flatbuffers::String* string) {
  return string ? std::string_view(string->c_str(), string->size()) : std::string_view();
}

bool same(const fb::Tensor& source, const graph::Tensor& tensor) {
  const auto* shape = source.shape();
  const std::size_t rank = shape ? shape->size() : 0;
  return text(source.name()) == tensor.name && element_type(static_cast<std::int64_t>(source.type())) == tensor.type &&
         rank == tensor.shape.dims.size() &&
         (rank == 0 || std::equal(tensor.shape.dims.begin(), tensor.shape.dims.end(), shape->begin()));
}

}  // namespace

Donor::Donor(const graph::Model& model) {
  if (model.format != graph::Format::TfLite || model.files.empty() || !recognised(model.files.front().bytes())) return;
  auto tables = verify(model.files.front());
  if (!tables) return;
  source_ = fb::GetModel(model.files.front().bytes().data());
  buffers_.emplace(model.files.front(), source_, *std::move(tables));
  if (!source_->subgraphs()) return;
  for (const fb::SubGraph* each : *source_->subgraphs()) {
    auto& names = by_name_.emplace_back();
    if (each->tensors())
      for (const fb::Tensor* tensor : *each->tensors()) names.emplace(text(tensor->name()), tensor);
  }
}

const fb::Tensor* Donor::tensor(std::size_t subgraph, std::size_t index, const graph::Tensor& tensor) const {
  if (subgraph >= by_name_.size()) return nullptr;
  const auto* list = source_->subgraphs()->Get(static_cast<flatbuffers::uoffset_t>(subgraph))->tensors();
  if (list && index < list->size())
    if (const fb::Tensor* same_place = list->Get(static_cast<flatbuffers::uoffset_t>(index)); same(*same_place, tensor))
      return same_place;
  const auto it = by_name_[subgraph].find(tensor.name);
  return it != by_name_[subgraph].end() && same(*it->second, tensor) ? it->second : nullptr;
}

std::optional<std::span<const std::byte>> Donor::metadata(std::string_view key) const {
  if (source_ == nullptr || !source_->metadata()) return std::nullopt;
  for (const fb::Metadata* each : *source_->metadata())
    if (text(each->name()) == key)
      if (const auto data = buffers_->at(each->buffer())) return *data;
  return std::nullopt;
}

}  // namespace edgescope::format::tflite
