#include "format/tflite/verify.h"

#include <gtest/gtest.h>

#include <cstring>

#include "format/tflite/test_models.h"

namespace edgescope::format::tflite {
namespace {

bool generated_verifier_accepts(const std::vector<std::byte>& bytes) {
  flatbuffers::Verifier verifier(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
  return verifier.VerifyBuffer<fb::Model>(nullptr);
}

// Each byte of a model in turn takes values that move offsets a little and far.
TEST(Verify, AcceptsWhatTheGeneratedVerifierAccepts) {
  auto bytes = test_models::pack(test_models::tiny_conv());
  ASSERT_TRUE(verify(base::MappedFile::borrow(bytes, "m.tflite")));
  int refused = 0;
  for (std::byte& byte : bytes) {
    const std::byte kept = byte;
    for (const int change : {1, 2, 4, 0x40, 0x80, 0xFF}) {
      byte = kept ^ static_cast<std::byte>(change);
      const bool accepted = verify(base::MappedFile::borrow(bytes, "m.tflite")).has_value();
      refused += !accepted;
      // Ours is stricter in one thing: no element of a list may point to itself.
      std::uint32_t word = 0;
      std::memcpy(&word, bytes.data() + (&byte - bytes.data()) / sizeof(word) * sizeof(word), sizeof(word));
      const bool stricter = !accepted && word == 0;
      ASSERT_TRUE(stricter || accepted == generated_verifier_accepts(bytes))
          << "byte " << &byte - bytes.data() << ", change " << change;
    }
    byte = kept;
  }
  EXPECT_GT(refused, 100);
}

TEST(Verify, AnswersWhatTheTablesOfBuffersSay) {
  const auto bytes = test_models::pack(test_models::tiny_conv());
  const auto tables = verify(base::MappedFile::borrow(bytes, "m.tflite"));
  ASSERT_TRUE(tables);
  const auto& buffers = *fb::GetModel(bytes.data())->buffers();
  ASSERT_EQ(tables->size(), buffers.size());
  std::size_t with_data = 0;
  for (flatbuffers::uoffset_t i = 0; i < buffers.size(); ++i) {
    const BufferTable& table = (*tables)[i];
    EXPECT_EQ(reinterpret_cast<const std::byte*>(buffers[i]), bytes.data() + table.start);
    EXPECT_FALSE(table.outside);
    for (int zero = 1; zero <= table.zeros; ++zero)
      EXPECT_EQ(bytes[table.start - static_cast<std::size_t>(zero)], std::byte{0});
    const auto* data = buffers[i]->data();
    if (!data) {
      EXPECT_EQ(table.vector, 0u);
      continue;
    }
    ++with_data;
    EXPECT_EQ(reinterpret_cast<const std::byte*>(data), bytes.data() + table.vector);
    EXPECT_EQ(table.length, data->size());
    EXPECT_EQ(table.size, 8);
  }
  EXPECT_GE(with_data, 2u);
}

TEST(Verify, KnowsBuffersWhoseDataStandsOutside) {
  const auto bytes = test_models::data_behind(test_models::tiny_conv(), 1);
  const auto tables = verify(base::MappedFile::borrow(bytes, "m.tflite"));
  ASSERT_TRUE(tables);
  std::size_t outside = 0;
  for (const BufferTable& table : *tables) outside += table.outside;
  EXPECT_EQ(outside, 1u);
}

}  // namespace
}  // namespace edgescope::format::tflite
