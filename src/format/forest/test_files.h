// Files of the training libraries (tests/data/make_forests.py), whole and damaged.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "base/mapped_file.h"
#include "format/forest/ensemble.h"

namespace edgescope::forest::test {

inline std::string file(const std::string& name) {
  std::ifstream in(EDGESCOPE_SOURCE_DIR "/tests/data/" + name, std::ios::binary);
  EXPECT_TRUE(in) << name;
  return {std::istreambuf_iterator<char>(in), {}};
}

using Read = base::Result<Ensemble> (*)(const base::MappedFile&);

inline base::Result<Ensemble> read_text(Read read, const std::string& bytes) {
  return read(base::MappedFile::borrow(std::as_bytes(std::span(bytes)), "x"));
}
inline std::string problem(Read read, const std::string& bytes) {
  const auto ensemble = read_text(read, bytes);
  return ensemble ? "" : ensemble.error().message();
}

inline std::string replaced(std::string text, const std::string& what, const std::string& with) {
  const std::size_t at = text.find(what);
  EXPECT_NE(at, text.npos) << what;
  return at == text.npos ? text : text.replace(at, what.size(), with);
}

// No piece of a file is a model, and none is read past its end.
inline void every_beginning_is_an_error(Read read, const std::string& bytes, std::size_t but_the_last = 0) {
  for (std::size_t size = 0; size + but_the_last < bytes.size(); size += 1 + size / 64)
    EXPECT_FALSE(read_text(read, bytes.substr(0, size))) << size << " of " << bytes.size();
}

}  // namespace edgescope::forest::test
