#include "forest/exact.h"

#include <gtest/gtest.h>

#include "forest/test_forests.h"

namespace edgescope::forest {
namespace {

TEST(Exact, EveryFormIsAModel) {
  for (const auto& [name, ensemble] : test::forests_of_every_kind())
    for (const ExactForm form :
         {ExactForm::FullyConnected, ExactForm::Convolution, ExactForm::Matmul, ExactForm::HalfConvolution}) {
      const bool int8 = ExactPlan{.form = form}.quantised();
      const auto program = exact_program(
          ensemble,
          {.form = form, .format = int8 ? graph::Format::TfLite : graph::Format::OpenVinoIr, .batch = 3});
      ASSERT_TRUE(program) << name << ": " << program.error().message();
    }
}

}  // namespace
}  // namespace edgescope::forest
