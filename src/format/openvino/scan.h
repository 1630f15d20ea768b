// A first look at the XML text, before a tree is made of it.
//
// A tree node takes 64 bytes where `<a>` takes 3, so the tree of a hostile file could take twenty times
// the file. Its size can be counted beforehand in one pass without memory; so can the nesting, on which
// readers recurse. Document type declarations (entities, "billion laughs") have no place in an IR.
#pragma once

#include <cstdint>

#include "base/error.h"
#include "base/mapped_file.h"

namespace edgescope::format::openvino {

inline constexpr int kMaxNesting = 256;
// What a tree may always take, so that networks with few weights are read: 7 MB of ordinary IR text.
inline constexpr std::uint64_t kTreeAllowance = 32u << 20;

// Bytes that text and tree will take together. Fails where the text declares a document type or nests
// deeper than kMaxNesting. Text that is not well-formed is left to the parser to complain about.
base::Result<std::uint64_t> tree_bytes(const base::MappedFile& xml);

}  // namespace edgescope::format::openvino
