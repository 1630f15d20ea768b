// Which bytes of the FlatBuffer belong to whom, gathered by walking tables as the schema describes them.
//
// A hostile file can let a thousand tables share one long vector, or hold a million empty tables, so that
// reading it would take far more memory than the file has bytes. Honest writers do not. The walk therefore
// runs before a table is read, adds up what the reader is about to keep, and stops at a limit.
#pragma once

#include <utility>
#include <vector>

#include "format/tflite/layout.h"
#include "graph/extents.h"

namespace edgescope::format::tflite {

class Claims {
 public:
  explicit Claims(const base::MappedFile& file);

  // The table and all that hangs on it: fields, vectors, strings, tables. Vtables are shared by many
  // tables and so belong to none. The table must have passed the verifier.
  void add(const flatbuffers::Table& table, const Layout& layout, const graph::Extent& owner);

  // Bytes that the reader does not keep a copy of.
  void add(std::span<const std::byte> bytes, const graph::Extent& owner) { builder_.add(0, file_, bytes, owner); }
  void add(std::uint64_t offset, std::uint64_t size, graph::Extent owner);

  // Counts `bytes` more that the reader keeps.
  void charge(std::uint64_t bytes) { charged_ += bytes; }
  bool exceeded() const { return charged_ > limit_; }

  graph::ExtentBuilder& builder() { return builder_; }

 private:
  void walk(const flatbuffers::Table& table, const Layout& layout);
  void piece(const void* start, std::uint64_t size);

  base::MappedFile file_;
  graph::ExtentBuilder builder_;
  std::uint64_t charged_ = 0;
  std::uint64_t limit_;
  std::vector<std::pair<const std::byte*, std::uint64_t>> pieces_;
};

}  // namespace edgescope::format::tflite
