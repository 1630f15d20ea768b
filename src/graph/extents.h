// Collects which bytes of the model's files belong to whom, in any order, and closes the account:
// sorted, without overlaps, gaps filled, so that the sizes of each file add up to the file.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/mapped_file.h"
#include "graph/model.h"

namespace edgescope::graph {

class ExtentBuilder {
 public:
  void add(const Extent& extent) {
    if (extent.size > 0) extents_.push_back(extent);
  }
  void reserve(std::size_t count) { extents_.reserve(count); }
  // `part` must lie in `file`'s mapping (offsets are taken from its address); other spans are ignored.
  void add(int index, const base::MappedFile& file, std::span<const std::byte> part, Extent owner);

  // Where two extents overlap (shared buffers, FlatBuffers' shared vtables) the bytes go to the one
  // added first. Bytes nobody claimed become `gap` if they are not all zero, else Padding.
  std::vector<Extent> finish(std::span<const base::MappedFile> files, Extent::Owner gap = Extent::Owner::Graph) &&;

 private:
  struct Claim {
    std::uint64_t offset;
    std::uint32_t index;  // into extents_: the order in which they were added
    bool operator<(const Claim& other) const {
      return offset != other.offset ? offset < other.offset : index < other.index;
    }
  };
  void sweep(int file, const base::MappedFile& mapped, std::span<const Claim> claims, Extent::Owner gap,
             std::vector<Extent>& result) const;

  std::vector<Extent> extents_;
};

// Bytes per owner over all files.
struct OwnerTotal {
  Extent::Owner owner;
  std::uint64_t bytes = 0;
};
std::vector<OwnerTotal> totals(std::span<const Extent> extents);

}  // namespace edgescope::graph
