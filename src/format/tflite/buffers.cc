#include "format/tflite/buffers.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "base/checked.h"
#include "tflite_generated.h"

namespace edgescope::format::tflite {
namespace {

using Span = std::span<const std::byte>;

base::Result<Span> slice(const base::MappedFile& file, std::uint64_t offset, std::uint64_t size,
                         std::string_view what) {
  if (base::within(offset, size, file.size())) return file.bytes().subspan(offset, size);
  return base::fail({.what = fmt::format("{} of {} bytes at byte {} ends outside {} of {} bytes", what, size, offset,
                                         file.path(), file.size()),
                     .remedy = "The file may be cut off: fetch it again."});
}

}  // namespace

Buffers::Buffers(const base::MappedFile& file, const fb::Model* model, std::vector<BufferTable> tables)
    : model_(model),
      files_{file},
      tables_(std::move(tables)),
      claimed_(tables_.size(), false),
      group_files_(model->external_buffer_groups() ? model->external_buffer_groups()->size() : 0, -1) {
  if (model->external_buffers())
    for (const fb::ExternalBuffer* each : *model->external_buffers()) external_.emplace(each->id(), each);
}

base::Result<Span> Buffers::at(std::uint64_t index) const {
  if (index >= tables_.size()) {
    if (index == 0) return Span{};
    return base::fail({.what = fmt::format("names buffer {} of {}", index, tables_.size())});
  }
  const BufferTable& table = tables_[index];
  if (table.outside) {
    const fb::Buffer& buffer = *model_->buffers()->Get(static_cast<flatbuffers::uoffset_t>(index));
    if (buffer.offset() > kInside)
      return slice(files_.front(), buffer.offset(), buffer.size(), fmt::format("buffer {}", index));
  }
  if (table.vector == 0) return Span{};
  return files_.front().bytes().subspan(table.vector + sizeof(table.length), table.length);
}

base::Result<Span> Buffers::of(const fb::Tensor& tensor) {
  if (tensor.external_buffer() == 0) return at(tensor.buffer());
  EDGESCOPE_TRY(found, external(tensor.external_buffer()));
  return slice(files_[found.file], found.source->offset(), found.source->length(),
               fmt::format("external buffer {}", tensor.external_buffer()));
}

base::Result<Buffers::External> Buffers::external(std::uint32_t id) {
  const auto it = external_.find(id);
  if (it == external_.end())
    return base::fail({.what = fmt::format("names external buffer {}, which the file does not describe", id)});
  EDGESCOPE_TRY(file, open_group(it->second->group()));
  return External{it->second, file};
}

base::Result<int> Buffers::open_group(std::uint32_t group) {
  if (group >= group_files_.size())
    return base::fail({.what = fmt::format("names external buffer group {} of {}", group, group_files_.size())});
  if (group_files_[group] >= 0) return group_files_[group];
  const auto* name = model_->external_buffer_groups()->Get(group)->name();
  const std::filesystem::path relative = name ? name->str() : std::string();
  const bool leaves = std::any_of(relative.begin(), relative.end(), [](const auto& part) { return part == ".."; });
  if (relative.empty() || relative.is_absolute() || leaves)
    return base::fail(
        {.what = fmt::format("keeps data in `{}`, which is not a file beside the model", relative.string())});
  auto file = base::MappedFile::open(std::filesystem::path(files_.front().path()).parent_path() / relative);
  if (!file) {
    base::Error error = std::move(file).error();
    error.remedy = fmt::format("The model keeps data in {}: put that file beside it.", relative.string());
    return base::fail(std::move(error));
  }
  files_.push_back(*std::move(file));
  return group_files_[group] = static_cast<int>(files_.size()) - 1;
}

void Buffers::claim(std::uint64_t index, const graph::Extent& owner, const graph::Extent& description, Claims& claims) {
  if (index >= tables_.size() || claimed_[index]) return;
  claimed_[index] = true;
  if (const auto data = at(index)) claims.add(*data, owner);
  const BufferTable& table = tables_[index];
  const bool adjacent = table.start + std::uint64_t{table.size} == table.vector;
  claims.add(table.start, table.size + (adjacent ? sizeof(table.length) : 0), description);
  if (table.vector > 0 && !adjacent) claims.add(table.vector, sizeof(table.length), description);
}

void Buffers::claim(const fb::Tensor& tensor, const graph::Extent& owner, const graph::Extent& description,
                    Claims& claims) {
  if (tensor.external_buffer() == 0) return claim(tensor.buffer(), owner, description, claims);
  const auto found = external(tensor.external_buffer());
  if (!found) return;
  if (const auto data = of(tensor)) claims.builder().add(found->file, files_[found->file], *data, owner);
}

void Buffers::claim_rest(Claims& claims) {
  constexpr graph::Extent kPadding{.owner = graph::Extent::Owner::Padding},
      kGraph{.owner = graph::Extent::Owner::Graph};
  for (std::size_t index = 0; index < tables_.size(); ++index) claim(index, kPadding, kGraph, claims);
  // The list of buffers may stand before the first of them, and end in zeros.
  if (const auto* list = model_->buffers())
    claims.add(std::as_bytes(std::span(list->Data() - sizeof(list->size()),
                                       sizeof(list->size()) * (list->size() + std::size_t{1}))),
               kGraph);
  for (const BufferTable& table : tables_) claims.add(table.start - table.zeros, table.zeros, kPadding);
}

}  // namespace edgescope::format::tflite
