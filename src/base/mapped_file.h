// A file mapped read-only into memory, so that looking at a model never copies its weights: only the
// pages that are read are loaded. Copies share the mapping; it ends with the last of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/error.h"

namespace edgescope::base {

class MappedFile {
 public:
  // Fails (Fault::input) where the path is absent, unreadable or a directory. An empty file is an
  // empty span, not an error. A file that another program shortens while it is mapped raises SIGBUS.
  static Result<MappedFile> open(const std::string& path);

  // Bytes that live elsewhere (tests, fuzz targets) under the same type; `path` is what messages say.
  static MappedFile borrow(std::span<const std::byte> bytes, std::string path);

  // Gives back the memory of pages that were read and are not needed for a while; reading them again
  // brings them again. The system maps up to 16 pages around each one that is read, so that a walk past
  // large weights would otherwise count most of them. Does nothing where the bytes are borrowed.
  void release(std::uint64_t offset, std::uint64_t size) const;

  // Copies what stands at `offset` and says how many bytes that were: fewer at the file's end. For a few bytes
  // here and there this is several times cheaper than to look at them in the mapping, where each place costs
  // a page fault and the memory of the pages around it.
  std::size_t peek(std::uint64_t offset, std::span<std::byte> into) const;

  std::span<const std::byte> bytes() const { return bytes_; }
  std::uint64_t size() const { return bytes_.size(); }
  const std::string& path() const { return path_; }

 private:
  std::shared_ptr<const void> mapping_;
  int descriptor_ = -1;  // belongs to the mapping
  std::span<const std::byte> bytes_;
  std::string path_;
};

}  // namespace edgescope::base
