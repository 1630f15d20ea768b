#include "format/onnx/context.h"

#include <fmt/format.h>

namespace edgescope::format::onnx {

int Context::add_file(const base::MappedFile& file) {
  model.files.push_back(file);
  limit_ += 2 * file.size();
  return static_cast<int>(model.files.size()) - 1;
}

base::Error Context::error(std::string what, const std::byte* at, std::string node, std::string remedy) const {
  base::Error error{.fault = base::Fault::input, .what = std::move(what), .file = file().path()};
  const std::byte* start = file().bytes().data();
  if (at != nullptr && at >= start && at <= start + file().size())
    error.offset = static_cast<std::uint64_t>(at - start);
  error.node = std::move(node);
  error.remedy = std::move(remedy);
  return error;
}

base::Status Context::finished(const Walk& walk, std::string_view what) const {
  if (walk.problem().empty()) return {};
  return base::fail(error(fmt::format("{}: {}", what, walk.problem()), walk.position()));
}

base::Status Context::charge(std::uint64_t bytes, const std::byte* at) {
  charged_ += bytes;
  if (charged_ <= limit_) return {};
  return base::fail(
      error(fmt::format("the operators, tensors and attributes up to here take more memory than {} bytes, "
                        "64 MiB and twice the size of the model's files",
                        limit_),
            at, {}, "Such a file is not a model that a program wrote"));
}

base::Status Context::claim(Bytes part, const graph::Extent& owner) {
  if (part.empty()) return {};
  // What the builder's tree and the finished list take for an extent that an outer one may surround.
  EDGESCOPE_CHECK(charge(6 * sizeof(graph::Extent), part.data()));
  extents.add(0, file(), part, owner);
  return {};
}

std::string qualified(std::string_view domain, std::string_view name) {
  if (domain.empty() || domain == "ai.onnx") return std::string(name);
  return fmt::format("{}:{}", domain, name);
}

}  // namespace edgescope::format::onnx
