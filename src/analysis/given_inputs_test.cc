#include "analysis/given_inputs.h"

#include <gtest/gtest.h>
#include <zlib.h>

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

template <typename T>
void append(std::string& text, T value) {
  text.append(reinterpret_cast<const char*>(&value), sizeof value);
}

// A zip archive without compression (0) or, for all it says, with (8).
std::string zip(const std::vector<std::pair<std::string, std::string>>& entries, std::uint16_t method) {
  std::string archive, directory;
  for (const auto& [name, data] : entries) {
    const auto at = static_cast<std::uint32_t>(archive.size()), size = static_cast<std::uint32_t>(data.size());
    const auto length = static_cast<std::uint16_t>(name.size());
    std::string header;  // from the version that is needed to the lengths of name and extra field
    append<std::uint16_t>(header, 20);
    append<std::uint16_t>(header, 0);
    append(header, method);
    append<std::uint32_t>(header, 0);
    append<std::uint32_t>(header, 0);
    append(header, size);
    append(header, size);
    append(header, length);
    const std::string extra(4, '\0');  // in the local header only, as NumPy's have one
    archive += "PK\3\4" + header;
    append<std::uint16_t>(archive, 4);
    archive += name + extra + data;
    directory += std::string("PK\1\2") + std::string("\x14\0", 2) + header;
    directory += std::string(12, '\0');
    append(directory, at);
    directory += name;
  }
  const auto start = static_cast<std::uint32_t>(archive.size()), size = static_cast<std::uint32_t>(directory.size());
  archive += directory + "PK\5\6" + std::string(8, '\0');
  append(archive, size);
  append(archive, start);
  append<std::uint16_t>(archive, 0);
  return archive;
}

TEST(GivenInputs, AnArchiveNamesItsInputsOrNumbersThem) {
  const Scratch folder;
  const std::string one = npy<std::uint8_t>("|u1", "(1, 2)", {1, 2}), two = npy<std::uint8_t>("|u1", "(1, 2)", {3, 4});
  Port other = kBytes;
  other.name = "y";
  const std::string named = put(folder, "n.npz", zip({{"y.npy", one}, {"x.npy", two}}, 0));
  const auto by_name = given_inputs({kBytes, other}, {{"", named}});
  ASSERT_TRUE(by_name) << by_name.error().message();
  EXPECT_EQ(ints(by_name->given[0]), (std::vector<int>{3, 4}));
  EXPECT_EQ(ints(by_name->given[1]), (std::vector<int>{1, 2}));
  const std::string numbered = put(folder, "p.npz", zip({{"arr_0.npy", one}, {"arr_1.npy", two}}, 0));
  EXPECT_EQ(ints(given_inputs({kBytes, other}, {{"", numbered}})->given[0]), (std::vector<int>{1, 2}));
  EXPECT_FALSE(given_inputs({kBytes}, {{"", numbered}})) << "more arrays than inputs";
  EXPECT_FALSE(given_inputs({kBytes, other}, {{"x", numbered}})) << "two arrays for one input";
  const auto squeezed = given_inputs({kBytes}, {{"", put(folder, "c.npz", zip({{"x.npy", one}}, 8))}});
  ASSERT_FALSE(squeezed) << "it is not what it says";
  EXPECT_NE(squeezed.error().message().find("damaged"), std::string::npos);
}

// As numpy.savez_compressed writes it.
TEST(GivenInputs, CompressedArraysAreUnpacked) {
  const Scratch folder;
  const std::string array = npy<std::uint8_t>("|u1", "(1, 2)", {7, 9});
  const auto archive = [&](std::string packed, std::uint64_t size, std::uint32_t crc) {
    std::string file = zip({{"x.npy", std::move(packed)}}, 8);
    const std::size_t directory = file.rfind("PK\1\2");
    std::memcpy(file.data() + directory + 16, &crc, 4);
    std::memcpy(file.data() + directory + 24, &size, 4);
    return put(folder, "c.npz", file);
  };
  z_stream stream{};
  ASSERT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string packed(array.size() + 100, '\0'), plain = array;
  stream.next_in = reinterpret_cast<Bytef*>(plain.data());
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  ASSERT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  const auto crc = static_cast<std::uint32_t>(
      crc32(0, reinterpret_cast<const Bytef*>(array.data()), static_cast<uInt>(array.size())));
  const auto read = given_inputs({kBytes}, {{"", archive(packed, array.size(), crc)}});
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(ints(read->given[0]), (std::vector<int>{7, 9}));
  const auto why = [&](const std::string& path) {
    const auto refused = given_inputs({kBytes}, {{"", path}});
    return refused ? std::string("read") : refused.error().message();
  };
  EXPECT_NE(why(archive(packed, array.size(), crc + 1)).find("damaged"), std::string::npos);
  EXPECT_NE(why(archive(packed, array.size() + 1, crc)).find("damaged"), std::string::npos);
  EXPECT_NE(why(archive(packed, 0xffff'fff0, crc)).find("claims to hold more"), std::string::npos);
}

TEST(GivenInputs, PicturesAreRowsOfTheOnlyInput) {
  const Scratch folder;
  const std::string header =
      std::string("BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0\x01\0\0\0\x01\0\0\0\x01\0\x18\0", 30) + std::string(24, '\0');
  const std::string a = put(folder, "a.bmp", header + "\x03\x02\x01."),
                    b = put(folder, "b.BMP", header + "\x06\x05\x04.");
  const Port pixel{.name = "x", .type = ElementType::UInt8, .shape = {1, 1, 1, 3}, .bytes = 3};
  const auto two = given_inputs({pixel}, {{"", a}, {"", b}});
  ASSERT_TRUE(two) << two.error().message();
  EXPECT_EQ(two->rows, 2u);
  EXPECT_EQ(ints(two->given[0]), (std::vector<int>{1, 2, 3, 4, 5, 6}));
  ASSERT_EQ(two->notes.size(), 2u);
  EXPECT_NE(two->notes[1].find("b.BMP: 1x1, RGB, channels last, bytes as they are"), std::string::npos);
  Port other = pixel;
  other.name = "y";
  const auto each = given_inputs({pixel, other}, {{"y", a}, {"x", b}});
  ASSERT_TRUE(each) << each.error().message();
  EXPECT_EQ(ints(each->given[0]), (std::vector<int>{4, 5, 6}));
  // Bytes are bytes where the name does not say picture.
  const std::string raw = put(folder, "raw.bin", header);
  EXPECT_EQ(given_inputs({pixel}, {{"", raw}})->rows, 18u);
}

TEST(GivenInputs, SaysWhatDoesNotFit) {
  const Scratch folder;
  const std::string raw = put(folder, "raw.bin", std::string(7, '\0'));
  EXPECT_FALSE(given_inputs({kFloats}, {{"", raw}}));
  EXPECT_FALSE(given_inputs({kFloats}, {{"y", raw}})) << "no such input";
  EXPECT_FALSE(given_inputs({kFloats}, {})) << "no file";
  EXPECT_FALSE(given_inputs({kFloats}, {{"", raw}, {"", raw}})) << "more files than inputs";
  const auto refused = given_inputs({kBytes}, {{"", put(folder, "cat.gif", "GIF89a" + std::string(8, 'x'))}});
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message().find("Convert it to PNG"), std::string::npos);
  EXPECT_FALSE(given_inputs({kFloats}, {{"", put(folder, "x.bin", std::string(8, '\0'))}}, {.mean = {1}}))
      << "no picture";
}

}  // namespace
}  // namespace edgescope::analysis
