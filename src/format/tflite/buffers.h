// Where the data of tensors stands: in the FlatBuffer, in the file behind it, or in other files beside it.
#pragma once

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "base/mapped_file.h"
#include "format/tflite/claims.h"
#include "format/tflite/verify.h"

namespace edgescope::format::tflite {

namespace fb {
struct Model;
struct Tensor;
struct ExternalBuffer;
}  // namespace fb

// Writers put 0 or 1 where data does not stand outside the FlatBuffer.
inline constexpr std::uint64_t kInside = 1;

class Buffers {
 public:
  // The model must lie in `file`, and `tables` be what its verifier answered.
  Buffers(const base::MappedFile& file, const fb::Model* model, std::vector<BufferTable> tables);

  std::size_t size() const { return tables_.size(); }

  // The data of a buffer, empty where it has none. Errors lack offset and node: the caller knows who asks.
  base::Result<std::span<const std::byte>> at(std::uint64_t index) const;
  base::Result<std::span<const std::byte>> of(const fb::Tensor& tensor);

  // Gives a buffer's data to `owner` and its description to `description`, if nobody has it yet.
  void claim(std::uint64_t index, const graph::Extent& owner, const graph::Extent& description, Claims& claims);
  void claim(const fb::Tensor& tensor, const graph::Extent& owner, const graph::Extent& description, Claims& claims);
  // Data that nothing refers to is padding, and so are the zeros that align tables.
  void claim_rest(Claims& claims);

  // The model's file, then those that external buffers were found in.
  const std::vector<base::MappedFile>& files() const { return files_; }

 private:
  struct External {
    const fb::ExternalBuffer* source;
    int file;
  };

  base::Result<External> external(std::uint32_t id);
  base::Result<int> open_group(std::uint32_t group);

  const fb::Model* model_;
  std::vector<base::MappedFile> files_;
  std::vector<BufferTable> tables_;
  std::vector<bool> claimed_;
  std::unordered_map<std::uint32_t, const fb::ExternalBuffer*> external_;  // by id
  std::vector<int> group_files_;                                           // by group; -1 while it is not opened
};

}  // namespace edgescope::format::tflite
