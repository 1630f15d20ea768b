#include "target/edgetpu/cost.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace edgescope::target::edgetpu {
namespace {

TEST(Cost, TermsAddUpToTheEnds) {
  const Traffic traffic{.instructions = 100000, .input = 150528, .output = 1008};
  const Prediction prediction = predict(traffic, 300'000'000, Link::Usb3);
  EXPECT_EQ(prediction.basis, "predicted(link law)");
  double low = 0, high = 0, compute = 0, link = 0;
  for (const CostTerm& term : prediction.terms) {
    high += term.microseconds.high;
    if (term.name == "floor")
      low += term.microseconds.low;
    else if (term.name == "compute")
      compute += term.microseconds.low;
    else
      link += term.microseconds.low;
  }
  EXPECT_DOUBLE_EQ(prediction.microseconds.high, high);
  EXPECT_DOUBLE_EQ(prediction.microseconds.low, low + std::max(compute, link));
}

TEST(Cost, OutputsAreDearerThanInputs) {
  EXPECT_GT(transfer_out(Link::Usb3, 1000).low, 5 * transfer_in(Link::Usb3, 1000).low);
  EXPECT_GT(transfer_in(Link::Usb2, 1000).low, transfer_in(Link::Usb3, 1000).high);
}

TEST(Cost, HalfTheClockDoublesTheCompute) {
  const Prediction fast = predict({}, 1'000'000'000, Link::Usb3, 500),
                   slow = predict({}, 1'000'000'000, Link::Usb3, 250);
  EXPECT_DOUBLE_EQ(slow.terms.back().microseconds.low, 2 * fast.terms.back().microseconds.low);
}

TEST(Cost, WithoutMacsItSaysSo) {
  EXPECT_EQ(predict({}, std::nullopt, Link::Usb3).assumptions.size(), 1u);
  EXPECT_EQ(predict({}, 1, Link::Usb3, 500, 3).terms.front().microseconds.low, 3 * 270);
  EXPECT_EQ(link_from_name("usb2"), Link::Usb2);
  EXPECT_FALSE(link_from_name("usb4"));
}

}  // namespace
}  // namespace edgescope::target::edgetpu
