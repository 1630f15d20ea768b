#include "analysis/given_inputs.h"

#include <gtest/gtest.h>

#include <cstring>
#include <fstream>

#include "support/scratch.h"

namespace edgescope::analysis {
namespace {

using graph::ElementType;
using runtime::Port;
using testing_support::Scratch;

template <typename T>
std::string npy(const char* descr, const std::string& shape, const std::vector<T>& values) {
  std::string header = std::string("{'descr': '") + descr + "', 'fortran_order': False, 'shape': " + shape + ", }";
  while ((10 + header.size() + 1) % 64 != 0) header += ' ';
  header += '\n';
  std::string text("\x93NUMPY\x01\x00", 8);
  const auto length = static_cast<std::uint16_t>(header.size());
  text.append(reinterpret_cast<const char*>(&length), 2);
  text += header;
  return text.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
}

std::string put(const Scratch& folder, const std::string& name, const std::string& bytes) {
  std::ofstream(folder / name, std::ios::binary) << bytes;
  return folder / name;
}

const Port kFloats{.name = "x", .type = ElementType::Float32, .shape = {1, 2}, .bytes = 8};
const Port kBytes{.name = "x",
                  .type = ElementType::UInt8,
                  .shape = {1, 2},
                  .bytes = 2,
                  .quantized = true,
                  .scale = 0.5,
                  .zero_point = 10};

std::vector<int> ints(const std::vector<std::byte>& bytes) {
  std::vector<int> values;
  for (const std::byte each : bytes) values.push_back(std::to_integer<int>(each));
  return values;
}

TEST(GivenInputs, RealNumbersInStepsAndBytesAsTheyAre) {
  const Scratch folder;
  const std::string reals = put(folder, "r.npy", npy<double>("<f8", "(2, 2)", {0, 1, -1, 1000}));
  const auto quantised = given_inputs({kBytes}, {{"", reals}});
  ASSERT_TRUE(quantised) << quantised.error().message();
  EXPECT_EQ(quantised->rows, 2u);
  EXPECT_EQ(ints(quantised->given[0]), (std::vector<int>{10, 12, 8, 255}));
  const std::string image = put(folder, "i.npy", npy<std::uint8_t>("|u1", "(1, 2)", {3, 200}));
  EXPECT_EQ(ints(given_inputs({kBytes}, {{"x", image}})->given[0]), (std::vector<int>{3, 200}));
  const auto floats = given_inputs({kFloats}, {{"", image}});
  float second = 0;
  std::memcpy(&second, floats->given[0].data() + 4, 4);
  EXPECT_EQ(second, 200);
  const std::string raw = put(folder, "raw.bin", std::string(6, '\x07'));
  EXPECT_EQ(given_inputs({kBytes}, {{"", raw}})->rows, 3u);
}

TEST(GivenInputs, WholeNumbersForWhatIsAnIndex) {
  const Scratch folder;
  const Port index{.name = "x", .type = ElementType::Int32, .shape = {2}, .bytes = 8};
  const auto given = given_inputs({index}, {{"", put(folder, "i.npy", npy<float>("<f4", "(2,)", {7, -2}))}});
  ASSERT_TRUE(given);
  std::int32_t values[2];
  std::memcpy(values, given->given[0].data(), 8);
  EXPECT_EQ(values[0], 7);
  EXPECT_EQ(values[1], -2);
}

TEST(GivenInputs, SaysWhatDoesNotFit) {
  const Scratch folder;
  const std::string raw = put(folder, "raw.bin", std::string(7, '\0'));
  EXPECT_FALSE(given_inputs({kFloats}, {{"", raw}}));
  EXPECT_FALSE(given_inputs({kFloats}, {{"y", raw}})) << "no such input";
  EXPECT_FALSE(given_inputs({kFloats}, {})) << "no file";
  EXPECT_FALSE(given_inputs({kFloats}, {{"", raw}, {"", raw}})) << "more files than inputs";
  const std::string image = put(folder, "cat.png", std::string("\x89PNG\r\n\x1a\n") + std::string(8, 'x'));
  const auto refused = given_inputs({kBytes}, {{"", image}});
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message().find("image"), std::string::npos);
}

}  // namespace
}  // namespace edgescope::analysis
