// The .bin file with the weights of an IR.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "base/error.h"
#include "base/mapped_file.h"

namespace edgescope::format::openvino {

class Weights {
 public:
  // Maps the .bin of the same stem beside `xml`: where the name says, else where a symbolic link leads.
  // That there is none is an error only when part of it is asked for.
  static base::Result<Weights> beside(const std::string& xml);
  explicit Weights(std::string path, std::optional<base::MappedFile> file)
      : path_(std::move(path)), file_(std::move(file)) {}

  // The error names the .bin and the offset; the caller adds the constant.
  base::Result<std::span<const std::byte>> part(std::uint64_t offset, std::uint64_t size) const;

  const std::optional<base::MappedFile>& file() const { return file_; }

 private:
  std::string path_;
  std::optional<base::MappedFile> file_;
};

}  // namespace edgescope::format::openvino
