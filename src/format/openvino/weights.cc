#include "format/openvino/weights.h"

#include <fmt/format.h>

#include <filesystem>
#include <system_error>

#include "base/checked.h"

namespace edgescope::format::openvino {
namespace fs = std::filesystem;

base::Result<Weights> Weights::beside(const std::string& xml) {
  const auto bin_of = [](fs::path path) { return path.replace_extension(".bin"); };
  const fs::path named = bin_of(xml);
  std::error_code failed;
  for (const fs::path& path : {named, bin_of(fs::weakly_canonical(xml, failed))}) {
    if (path == xml || !fs::exists(path, failed)) continue;
    EDGESCOPE_TRY(file, base::MappedFile::open(path.string()));
    return Weights(path.string(), std::move(file));
  }
  return Weights(named.string(), std::nullopt);
}

base::Result<std::span<const std::byte>> Weights::part(std::uint64_t offset, std::uint64_t size) const {
  if (size == 0) return std::span<const std::byte>{};
  if (!file_)
    return base::fail({.what = "the weights are missing",
                       .file = path_,
                       .remedy = "An OpenVINO IR is two files: put the .bin of the same name beside the .xml."});
  if (!base::within(offset, size, file_->size()))
    return base::fail(
        {.what = fmt::format("{} bytes of weights end outside the file of {} bytes", size, file_->size()),
         .file = path_,
         .offset = offset,
         .remedy = "The .bin is cut short or belongs to another .xml: copy both again, or convert the model again."});
  return file_->bytes().subspan(offset, size);
}

}  // namespace edgescope::format::openvino
