#include "graph/extents.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <queue>

#include "base/checked.h"

namespace edgescope::graph {
namespace {

// A gap longer than this is not scanned: reading it would touch pages that nothing else needs.
constexpr std::uint64_t kScanned = 4096;
// Bytes of a file behind the sweep before the memory of its pages is given back.
constexpr std::uint64_t kKept = 16 << 20;

bool all_zero(std::span<const std::byte> bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](std::byte b) { return b == std::byte{0}; });
}

}  // namespace

void ExtentBuilder::add(int index, const base::MappedFile& file, std::span<const std::byte> part, Extent owner) {
  const std::byte* start = file.bytes().data();
  if (part.empty() || part.data() < start || part.data() + part.size() > start + file.size()) return;
  owner.file = index;
  owner.offset = static_cast<std::uint64_t>(part.data() - start);
  owner.size = part.size();
  add(owner);
}

std::vector<Extent> ExtentBuilder::finish(std::span<const base::MappedFile> files, Extent::Owner gap) && {
  std::vector<std::vector<Claim>> claims(files.size());
  if (!files.empty()) claims[0].reserve(extents_.size());
  for (std::size_t i = 0; i < extents_.size(); ++i) {
    const Extent& extent = extents_[i];
    if (extent.file < 0 || static_cast<std::size_t>(extent.file) >= files.size()) continue;
    if (base::within(extent.offset, extent.size, files[extent.file].size()))
      claims[extent.file].push_back({extent.offset, static_cast<std::uint32_t>(i)});
  }
  std::vector<Extent> result;
  result.reserve(extents_.size() + files.size());
  for (std::size_t file = 0; file < files.size(); ++file) {
    std::sort(claims[file].begin(), claims[file].end());
    sweep(static_cast<int>(file), files[file], claims[file], gap, result);
  }
  return result;
}

// Goes through one file's claims in the order of their places. Of those that cover a byte, the first added has it.
void ExtentBuilder::sweep(int file, const base::MappedFile& mapped, std::span<const Claim> claims, Extent::Owner gap,
                          std::vector<Extent>& result) const {
  std::priority_queue<std::uint32_t, std::vector<std::uint32_t>, std::greater<>> active;
  const auto end_of = [&](std::uint32_t index) { return extents_[index].offset + extents_[index].size; };
  std::uint64_t at = 0, released = 0;
  std::optional<std::uint32_t> owner;  // of the result's last extent
  const auto close_gap = [&](std::uint64_t end) {
    if (end <= at) return;
    const std::uint64_t size = end - at;
    const bool padding = size <= kScanned && all_zero(mapped.bytes().subspan(at, size));
    result.push_back({.file = file, .offset = at, .size = size, .owner = padding ? Extent::Owner::Padding : gap});
    owner.reset();
    at = end;
    if (at - released > kKept) {
      mapped.release(released, at - released);
      released = at;
    }
  };
  auto next = claims.begin();
  while (true) {
    while (!active.empty() && end_of(active.top()) <= at) active.pop();
    if (active.empty()) {
      if (next == claims.end()) break;
      close_gap(next->offset);
    }
    for (; next != claims.end() && next->offset <= at; ++next) active.push(next->index);
    while (!active.empty() && end_of(active.top()) <= at) active.pop();
    if (active.empty()) continue;
    const std::uint32_t first = active.top();
    const std::uint64_t stop = next == claims.end() ? end_of(first) : std::min(end_of(first), next->offset);
    if (owner == first) {
      result.back().size += stop - at;
    } else {
      Extent& piece = result.emplace_back(extents_[first]);
      piece.offset = at;
      piece.size = stop - at;
      owner = first;
    }
    at = stop;
  }
  close_gap(mapped.size());
}

std::vector<OwnerTotal> totals(std::span<const Extent> extents) {
  std::vector<OwnerTotal> sums;
  for (int owner = 0; owner <= static_cast<int>(Extent::Owner::Padding); ++owner)
    sums.push_back({static_cast<Extent::Owner>(owner)});
  for (const Extent& extent : extents) sums[static_cast<std::size_t>(extent.owner)].bytes += extent.size;
  return sums;
}

}  // namespace edgescope::graph
