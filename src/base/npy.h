// NumPy's .npy files of float32, float64 and uint8: how rows and predictions come from the user's Python, and go back.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"

namespace edgescope::base {

struct NpyArray {
  std::vector<std::uint64_t> shape;
  std::vector<double> values;  // row major
  bool float32 = false;        // as the file holds them
  bool uint8 = false;

  // Of a vector each element is a row.
  std::uint64_t rows() const { return shape.empty() ? 1 : shape.front(); }
  std::uint64_t columns() const { return rows() == 0 ? 0 : values.size() / rows(); }
};

Result<NpyArray> read_npy(const std::string& path);
Result<NpyArray> parse_npy(std::span<const std::byte> bytes, const std::string& name);

}  // namespace edgescope::base
