#include "format/onnx/tensor.h"

#include <gtest/gtest.h>

#include "format/onnx/builder_for_test.h"

namespace edgescope::format::onnx {
namespace {

using namespace test;
namespace field = fields::tensor;

// A model whose only constant is `c`, read by one operator.
std::string with(const std::string& tensor) {
  return model(node("Identity", {"c"}, {"y"}) + initializer(tensor) + output("y"));
}

graph::Tensor constant(const base::Result<graph::Model>& model) { return model->subgraphs[0].tensors[0]; }

TEST(Tensor, RawDataIsASpanOfTheFile) {
  const std::string file = with(tensor("c", 1, {2, 3}) + raw(24));
  const auto model = read_text(file);
  ASSERT_TRUE(model) << model.error().message();
  const graph::Tensor c = constant(model);
  EXPECT_EQ(c.type, graph::ElementType::Float32);
  EXPECT_EQ(c.shape.text(), "2x3");
  EXPECT_TRUE(c.constant);
  EXPECT_EQ(c.encoding, graph::Encoding::Raw);
  const auto* start = reinterpret_cast<const std::byte*>(file.data());
  EXPECT_TRUE(c.data.data() > start && c.data.data() + 24 < start + file.size());
}

TEST(Tensor, TypedFieldsKeepTheirEncoding) {
  const auto read_one = [](const std::string& tensor) {
    const std::string file = with(tensor);
    const auto model = read_text(file);
    EXPECT_TRUE(model) << model.error().message();
    return model ? std::pair(constant(model).encoding, constant(model).data.size())
                 : std::pair(graph::Encoding::Sparse, std::size_t{0});
  };
  using graph::Encoding;
  EXPECT_EQ(read_one(tensor("c", 1, {2}) + text(field::float_data, std::string(8, 'f'))),
            std::pair(Encoding::Raw, std::size_t{8}));
  EXPECT_EQ(read_one(tensor("c", 3, {2}) + text(field::int32_data, "\x01\x02")),
            std::pair(Encoding::Varint, std::size_t{2}));
  EXPECT_EQ(read_one(tensor("c", 10, {1}) + text(field::int32_data, varint(0x3c00))),
            std::pair(Encoding::Varint, std::size_t{2}));
  EXPECT_EQ(read_one(tensor("c", 22, {3}) + text(field::int32_data, "\x21\x03")),
            std::pair(Encoding::Varint, std::size_t{2}));
  EXPECT_EQ(read_one(tensor("c", 13, {1}) + text(field::uint64_data, varint(1ull << 40))),
            std::pair(Encoding::Varint, std::size_t{6}));
  EXPECT_EQ(read_one(tensor("c", 11, {1}) + text(field::double_data, std::string(8, 'd'))),
            std::pair(Encoding::Raw, std::size_t{8}));
  EXPECT_EQ(read_one(tensor("c", 8, {2}) + text(field::string_data, "a") + text(field::string_data, "bc")),
            std::pair(Encoding::Strings, std::size_t{7}));
  EXPECT_EQ(read_one(tensor("c", 1, {0})), std::pair(Encoding::Raw, std::size_t{0}));
  EXPECT_EQ(read_one(tensor("c", 27, {4}) + raw(3)), std::pair(Encoding::Raw, std::size_t{3}));
}

TEST(Tensor, ElementsThatLieApartAreBroughtTogether) {
  const std::string file = with(number(field::int64_data, 5) + tensor("c", 7, {4}) +
                                text(field::int64_data, "\x06\x07") + number(field::int64_data, -1));
  const auto model = read_text(file);
  ASSERT_TRUE(model) << model.error().message();
  EXPECT_EQ(integers(constant(model), 10), (std::vector<std::int64_t>{5, 6, 7, -1}));
  EXPECT_EQ(model->owned.size(), 1u);

  const std::string unpacked = with(tensor("c", 1, {2}) + real(field::float_data, 1.5f) + real(field::float_data, -2));
  const auto floating = read_text(unpacked);
  ASSERT_TRUE(floating) << floating.error().message();
  EXPECT_EQ(floats(constant(floating), 10), (std::vector<float>{1.5f, -2.0f}));
}

TEST(Tensor, IntegersOfEveryWidth) {
  graph::Tensor tensor{.type = graph::ElementType::Int8, .shape = {.dims = {2}}, .constant = true};
  const std::string narrow = "\xff\x01";
  tensor.data = std::as_bytes(std::span(narrow));
  EXPECT_EQ(integers(tensor, 10), (std::vector<std::int64_t>{-1, 1}));
  tensor.type = graph::ElementType::UInt8;
  EXPECT_EQ(integers(tensor, 10), (std::vector<std::int64_t>{255, 1}));
  EXPECT_TRUE(integers(tensor, 1).empty());
}

TEST(Tensor, WhatDoesNotFitIsAnError) {
  const auto error = [](const std::string& tensor) { return error_of(with(tensor)); };
  EXPECT_NE(error(tensor("c", 1, {2, 3}) + raw(20)).find("takes 24 bytes, the file has 20"), std::string::npos);
  EXPECT_NE(error(tensor("c", 1, {2, 3})).find("takes 24 bytes, the file has 0"), std::string::npos);
  EXPECT_NE(error(tensor("c", 7, {3}) + text(field::int64_data, "\x01\x02")).find("has 2 numbers where"),
            std::string::npos);
  EXPECT_NE(error(tensor("c", 8, {3}) + text(field::string_data, "x")).find("has 1 strings where"), std::string::npos);
  EXPECT_NE(error(tensor("c", 8, {1}) + raw(1)).find("strings as raw data"), std::string::npos);
  EXPECT_NE(error(tensor("c", 1, {-2})).find("dimension -2"), std::string::npos);
  EXPECT_NE(error(tensor("c", 1, {1ll << 40, 1ll << 40}) + raw(4)).find("exceeds 64 bits"), std::string::npos);
  EXPECT_NE(error(tensor("c", 1, {1}) + number(field::raw_data, 1)).find("the file has 0"), std::string::npos);
  EXPECT_NE(error(tensor("c", 0, {1}) + raw(4)).find("no element type"), std::string::npos);
  EXPECT_NE(error(tensor("c", 1, {1}) + text(field::segment, "") + raw(4)).find("segments"), std::string::npos);
  EXPECT_NE(error(tensor("", 1, {1}) + raw(4)).find("no name"), std::string::npos);
  EXPECT_NE(error(tensor("c", 1, {1}) + text(field::raw_data, "1234").substr(0, 4)).find("cut off"), std::string::npos);
}

}  // namespace
}  // namespace edgescope::format::onnx
