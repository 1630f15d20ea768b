// What the parts of the ONNX reader share while one file is read: the model that grows, the account of
// bytes, and the bound on memory.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/error.h"
#include "base/mapped_file.h"
#include "format/onnx/wire.h"
#include "graph/extents.h"
#include "graph/model.h"

namespace edgescope::format::onnx {

// A description that is small on the wire can be large in memory (an operator takes 5 bytes of a file
// and some hundred here), so what is built is charged: it may take twice the model's files, and 64 MiB
// more so that small models do not have to be counted.
inline constexpr std::uint64_t kFreeMemory = 64ull << 20;

// Attribute lists and strings that are longer than this stay in the file (reader.h).
inline constexpr std::size_t kLongAttribute = 4096;

// Graphs within graphs; the deepest models known have four.
inline constexpr int kDeepestGraph = 64;

// Version of each imported operator set, by domain ("" is ONNX's own).
using Opsets = std::unordered_map<std::string, std::int64_t>;

class Context {
 public:
  explicit Context(const base::MappedFile& file) { add_file(file); }

  // Its index in model.files.
  int add_file(const base::MappedFile& file);

  const base::MappedFile& file() const { return model.files.front(); }

  // An error at a place of the file; `at` may be null where no place is meant.
  base::Error error(std::string what, const std::byte* at, std::string node = {}, std::string remedy = {}) const;

  // Whether the walk came to the end of its message.
  base::Status finished(const Walk& walk, std::string_view what) const;

  // To be asked before `bytes` of memory are used for something that the file describes.
  base::Status charge(std::uint64_t bytes, const std::byte* at);

  // Bytes of the model's own file, the first claim to a byte counts.
  base::Status claim(Bytes part, const graph::Extent& owner);

  graph::Model model;
  Opsets opsets;  // the model's
  graph::ExtentBuilder extents;
  std::unordered_map<std::string, int> functions;  // "domain:name" to a subgraph
  std::unordered_map<std::string, int> external;   // paths of external data to an index of model.files

 private:
  std::uint64_t charged_ = 0;
  std::uint64_t limit_ = kFreeMemory;
};

// "Name" for ONNX's own domain, else "domain:Name".
std::string qualified(std::string_view domain, std::string_view name);

}  // namespace edgescope::format::onnx
