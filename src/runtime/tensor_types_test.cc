#include "runtime/tensor_types.h"

#include <gtest/gtest.h>

namespace edgescope::runtime {
namespace {

TEST(TensorTypes, TfLitesNumbers) {
  EXPECT_EQ(tflite_element_type(1), graph::ElementType::Float32);
  EXPECT_EQ(tflite_element_type(3), graph::ElementType::UInt8);
  EXPECT_EQ(tflite_element_type(9), graph::ElementType::Int8);
  EXPECT_EQ(tflite_element_type(18), graph::ElementType::Int4);
  EXPECT_EQ(tflite_element_type(23), graph::ElementType::Float8E5M2);
  EXPECT_EQ(tflite_element_type(0), graph::ElementType::Unknown);
  EXPECT_EQ(tflite_element_type(-1), graph::ElementType::Unknown);
  EXPECT_EQ(tflite_element_type(999), graph::ElementType::Unknown);
}

}  // namespace
}  // namespace edgescope::runtime
