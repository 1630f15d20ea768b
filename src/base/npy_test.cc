#include "base/npy.h"

#include <gtest/gtest.h>

#include <cstring>

namespace edgescope::base {
namespace {

std::string npy(std::string header, const std::string& data, char version = 1) {
  std::string text = "\x93NUMPY";
  text += version;
  text += '\0';
  const auto length = static_cast<std::uint32_t>(header.size());
  text.append(reinterpret_cast<const char*>(&length), version == 1 ? 2 : 4);
  return text + header + data;
}

template <typename T>
std::string bytes(std::vector<T> values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

Result<NpyArray> parse(const std::string& text) { return parse_npy(std::as_bytes(std::span(text)), "x.npy"); }

TEST(Npy, ReadsBothTypesAndHeaders) {
  const auto matrix = parse(
      npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }     \n", bytes<float>({1, 2, 3, 4, 5, 0.1f})));
  ASSERT_TRUE(matrix) << matrix.error().message();
  EXPECT_EQ(matrix->shape, (std::vector<std::uint64_t>{2, 3}));
  EXPECT_EQ(matrix->rows(), 2u);
  EXPECT_EQ(matrix->columns(), 3u);
  EXPECT_TRUE(matrix->float32);
  EXPECT_EQ(matrix->values.back(), double{0.1f});
  const auto vector =
      parse(npy("{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }\n", bytes<double>({0.1, -1}), 2));
  ASSERT_TRUE(vector) << vector.error().message();
  EXPECT_EQ(vector->values, (std::vector<double>{0.1, -1}));
  EXPECT_EQ(vector->columns(), 1u);
  EXPECT_FALSE(vector->float32);
  const auto image = parse(npy("{'descr': '|u1', 'fortran_order': False, 'shape': (1, 2), }\n", "\x01\xff"));
  ASSERT_TRUE(image) << image.error().message();
  EXPECT_EQ(image->values, (std::vector<double>{1, 255}));
}

TEST(Npy, NamesWhatItDoesNotRead) {
  const auto problem = [](const std::string& text) {
    const auto array = parse(text);
    return array ? std::string() : array.error().message();
  };
  EXPECT_EQ(problem("hello"), "x.npy: is no array of NumPy's (.npy). Write it with numpy.save.");
  EXPECT_EQ(problem(npy("{'descr': '<i8', 'fortran_order': False, 'shape': (1,)}", bytes<double>({1}))),
            "x.npy: holds elements of type <i8. float32, float64 and uint8 are read: array.astype(numpy.float32).");
  EXPECT_EQ(problem(npy("{'descr': '<f8', 'fortran_order': True, 'shape': (1, 1)}", bytes<double>({1}))),
            "x.npy: is stored column by column. Save numpy.ascontiguousarray(array).");
  EXPECT_EQ(problem(npy("{'descr': '<f8', 'fortran_order': False, 'shape': (2,)}", bytes<double>({1}))),
            "x.npy: holds 8 bytes for 2 elements");
  EXPECT_EQ(problem(npy("{'descr': '<f8', 'fortran_order': False, 'shape': (18446744073709551615, 2)}", "")),
            "x.npy: has a shape that cannot be");
  EXPECT_EQ(problem(npy("{'descr': '<f8'", "").substr(0, 14)), "x.npy: ends within its header");
}

}  // namespace
}  // namespace edgescope::base
