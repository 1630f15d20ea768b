#include "graph/evaluate.h"

#include <gtest/gtest.h>

#include <cstring>
#include <limits>

#include "graph/builder.h"
#include "graph/elements.h"

namespace edgescope::graph {
namespace {

template <typename T>
Value value(std::vector<std::int64_t> dims, const std::vector<T>& all) {
  const auto bytes = std::as_bytes(std::span(all));
  return {element_type_of<T>(), std::move(dims), {bytes.begin(), bytes.end()}};
}

template <typename T>
std::vector<T> numbers(const Value& value) {
  std::vector<T> all(value.data.size() / sizeof(T));
  if (!all.empty()) std::memcpy(all.data(), value.data.data(), value.data.size());
  return all;
}

base::Result<std::vector<Value>> made(Kind kind, const std::vector<Value>& inputs,
                                      std::initializer_list<Named> attributes = {}) {
  Operator op{.kind = kind};
  for (const Named& each : attributes) op.attributes.push_back(each);
  std::vector<const Value*> pointers;
  for (const Value& each : inputs) pointers.push_back(&each);
  return evaluate(op, pointers, Layout::ChannelsLast);
}

TEST(Evaluate, IntegersWrapAround) {
  const auto most = std::numeric_limits<std::int32_t>::max(), least = std::numeric_limits<std::int32_t>::min();
  const auto sum = made(Kind::Add, {value<std::int32_t>({2}, {most, least}), value<std::int32_t>({}, {1})});
  ASSERT_TRUE(sum) << sum.error().message();
  EXPECT_EQ(numbers<std::int32_t>(sum->front()), (std::vector{least, least + 1}));
  const auto negated = made(Kind::Negate, {value<std::int8_t>({2}, {-128, 5})});
  ASSERT_TRUE(negated);
  EXPECT_EQ(numbers<std::int8_t>(negated->front()), (std::vector<std::int8_t>{-128, -5}));
}

TEST(Evaluate, DivisionOfWholeNumbers) {
  const auto a = value<std::int32_t>({4}, {7, -7, 7, -7}), b = value<std::int32_t>({4}, {2, 2, -2, -2});
  EXPECT_EQ(numbers<std::int32_t>(made(Kind::Divide, {a, b})->front()), (std::vector<std::int32_t>{3, -3, -3, 3}));
  EXPECT_EQ(numbers<std::int32_t>(made(Kind::FloorDivide, {a, b})->front()), (std::vector<std::int32_t>{3, -4, -4, 3}));
  EXPECT_EQ(numbers<std::int32_t>(made(Kind::FloorMod, {a, b})->front()), (std::vector<std::int32_t>{1, 1, -1, -1}));
  EXPECT_EQ(numbers<std::int32_t>(made(Kind::Modulo, {a, b})->front()), (std::vector<std::int32_t>{1, -1, 1, -1}));
  EXPECT_FALSE(made(Kind::Divide, {a, value<std::int32_t>({}, {0})}));
}

TEST(Evaluate, WhatHasNoOneAnswerIsRefused) {
  const auto nan = value<float>({1}, {std::numeric_limits<float>::quiet_NaN()});
  EXPECT_FALSE(made(Kind::Cast, {nan}, {{attr::to, ElementType::Int32}}));
  EXPECT_FALSE(made(Kind::Cast, {value<float>({1}, {2147483648.f})}, {{attr::to, ElementType::Int32}}));
  EXPECT_TRUE(made(Kind::Cast, {value<float>({1}, {-2147483648.f})}, {{attr::to, ElementType::Int32}}));
  EXPECT_FALSE(made(Kind::ArgMax, {nan}, {{attr::axis, 0}}));
  EXPECT_FALSE(made(Kind::Gather, {value<float>({2}, {1, 2}), value<std::int32_t>({1}, {2})}, {{attr::axis, 0}}));
  EXPECT_FALSE(made(Kind::Gather, {value<float>({2}, {1, 2}), value<std::int32_t>({1}, {-1})}, {{attr::axis, 0}}));
}

TEST(Evaluate, QuantisedElementsAreNoIntegers) {
  Value x = value<std::int8_t>({2}, {1, 2});
  x.quantization = std::make_shared<const Quantization>(Quantization{.scales = {0.5f}, .zero_points = {1}});
  EXPECT_FALSE(made(Kind::Add, {x, x}));
  const auto real = made(Kind::Dequantize, {x});
  ASSERT_TRUE(real) << real.error().message();
  EXPECT_EQ(numbers<float>(real->front()), (std::vector<float>{0, 0.5f}));
}

TEST(Evaluate, HalvesAreRoundedOnce) {
  const auto x = made(Kind::Cast, {value<float>({2}, {1.0f, 2049.0f})}, {{attr::to, ElementType::Float16}});
  ASSERT_TRUE(x);
  const auto sum = made(Kind::Add, {x->front(), x->front()});
  ASSERT_TRUE(sum) << sum.error().message();
  const auto back = made(Kind::Cast, {sum->front()}, {{attr::to, ElementType::Float32}});
  EXPECT_EQ(numbers<float>(back->front()), (std::vector<float>{2, 4096}));
}

// 2048 + 1 + 1 - 2048 is 2 where partial sums are wide. In 16 bits 2048 swallows ones that come after it.
TEST(Evaluate, HalfSumsAreRoundedAtEachStepInTheOrderThatIsAsked) {
  const auto half = [](std::vector<std::int64_t> dims, const std::vector<float>& all) {
    return made(Kind::Cast, {value<float>(std::move(dims), all)}, {{attr::to, ElementType::Float16}})->front();
  };
  const Value row = half({1, 4}, {1, 1, 2048, -2048}), ones = half({4, 1}, {1, 1, 1, 1});
  const auto total = [&](Kind kind, const std::vector<Value>& inputs, HalfSums half_sums) {
    Operator op{.kind = kind};
    if (kind == Kind::ReduceSum) op.attributes.emplace_back(attr::axes, std::vector<std::int64_t>{1});
    std::vector<const Value*> pointers;
    for (const Value& each : inputs) pointers.push_back(&each);
    const auto sum = evaluate(op, pointers, Layout::ChannelsLast, {}, half_sums);
    EXPECT_TRUE(sum) << sum.error().message();
    return numbers<float>(made(Kind::Cast, {sum->front()}, {{attr::to, ElementType::Float32}})->front()).front();
  };
  const std::vector<Value> product = {row, ones}, filter = {row, half({1, 4}, {1, 1, 1, 1})},
                           picture = {half({1, 1, 1, 4}, {1, 1, 2048, -2048}), half({1, 1, 1, 4}, {1, 1, 1, 1})};
  for (const auto& [kind, inputs] : {std::pair{Kind::Matmul, product},
                                     {Kind::FullyConnected, filter},
                                     {Kind::Convolution, picture},
                                     {Kind::ReduceSum, {row}}}) {
    EXPECT_EQ(total(kind, inputs, HalfSums::Wide), 2) << kind_name(kind);
    EXPECT_EQ(total(kind, inputs, HalfSums::InOrder), 2) << kind_name(kind);        // 2050 is held
    EXPECT_EQ(total(kind, inputs, HalfSums::PositiveFirst), 0) << kind_name(kind);  // 2049 is not
    EXPECT_EQ(total(kind, inputs, HalfSums::NegativeFirst), 2) << kind_name(kind);
  }
  // 32-bit floats are no business of it.
  EXPECT_EQ(total(Kind::ReduceSum, {value<float>({1, 2}, {2048, 1})}, HalfSums::InOrder), 2049);
}

TEST(Evaluate, PacksAndUnpacks) {
  const auto packed = made(Kind::Pack, {value<float>({2}, {1, 2}), value<float>({2}, {3, 4})}, {{attr::axis, 1}});
  ASSERT_TRUE(packed) << packed.error().message();
  EXPECT_EQ(numbers<float>(packed->front()), (std::vector<float>{1, 3, 2, 4}));
  const auto apart = made(Kind::Unpack, {packed->front()}, {{attr::axis, 0}});
  ASSERT_TRUE(apart && apart->size() == 2);
  EXPECT_EQ(numbers<float>((*apart)[1]), (std::vector<float>{2, 4}));
}

TEST(Elements, OfEveryEncoding) {
  const std::vector<std::byte> varints = {std::byte{0x05}, std::byte{0xac}, std::byte{0x02}};
  const Tensor varint{.type = ElementType::Int64,
                      .shape = {.dims = {2}},
                      .constant = true,
                      .encoding = Encoding::Varint,
                      .data = varints};
  EXPECT_EQ(integer_elements(varint), (std::vector<std::int64_t>{5, 300}));
  Tensor shorter = varint;
  shorter.shape.dims = {3};
  EXPECT_EQ(integer_elements(shorter), std::nullopt);
  const std::vector<std::byte> raw = {std::byte{0xff}, std::byte{0x01}};
  EXPECT_EQ(integer_elements({.type = ElementType::Int8, .shape = {.dims = {2}}, .constant = true, .data = raw}),
            (std::vector<std::int64_t>{-1, 1}));
  EXPECT_EQ(integer_elements({.type = ElementType::UInt16, .shape = {}, .constant = true, .data = raw}),
            (std::vector<std::int64_t>{511}));
}

}  // namespace
}  // namespace edgescope::graph
