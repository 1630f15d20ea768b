#include "analysis/calibration_ncs2.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "format/format.h"
#include "support/ir_network.h"
#include "support/scratch.h"

namespace edgescope::analysis {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class CalibrateNcs2 : public ::testing::Test {
 protected:
  void SetUp() override {
    auto found = runtime::find("ie2021:CPU");
    if (!found) GTEST_SKIP() << found.error().message();
    cpu_ = std::move(*found);
  }

  base::Result<Ncs2Calibration> on(const testing_support::IrNetwork& net, const std::vector<float>& rows) {
    net.write(scratch_ / "net.xml");
    auto model = format::read_model(scratch_ / "net.xml");
    EXPECT_TRUE(model) << model.error().message();
    std::ofstream(scratch_ / "rows", std::ios::binary)
        .write(reinterpret_cast<const char*>(rows.data()), static_cast<std::streamsize>(rows.size() * sizeof(float)));
    return calibrate_ncs2(*model, {scratch_ / "rows"}, cpu_);
  }

  static std::vector<std::string> ids(const Ncs2Calibration& calibration) {
    std::vector<std::string> all;
    for (const Finding& finding : calibration.findings) all.emplace_back(finding.kind->id);
    return all;
  }

  const testing_support::Scratch scratch_;
  runtime::Found cpu_;
};

const std::string kBroadcast = "auto_broadcast=\"numpy\"";

TEST_F(CalibrateNcs2, OverflowIsNamedWhereItBegins) {
  testing_support::IrNetwork net;
  const auto x = net.input({1, 4});
  const auto square = net.op("Multiply", {x, x}, {1, 4}, kBroadcast);
  const auto twice = net.op("Add", {square, square}, {1, 4}, kBroadcast);
  net.result(net.op("Sqrt", {twice}, {1, 4}));
  const auto calibration = on(net, {1, 2, 3, 300, 4, 5, 6, 7});
  ASSERT_TRUE(calibration) << calibration.error().message();
  EXPECT_THAT(ids(*calibration), ElementsAre("ncs2-half-overflow"));
  EXPECT_THAT(calibration->findings[0].why_here, HasSubstr("1 of 8 values, between 1 and 9e+04"));
  EXPECT_EQ(calibration->json["rows"], 2);
  EXPECT_TRUE(calibration->json["not_seen"].empty()) << calibration->json.dump();
  EXPECT_EQ(calibration->json["tensors"].size(), 4u) << "the input and three results";
}

TEST_F(CalibrateNcs2, ThresholdsThatFallTogetherChangeDecisions) {
  testing_support::IrNetwork net;
  const auto x = net.input({1, 3});
  const auto less = net.op("Less", {x, net.floats({1, 3}, {1.0F, 1.0F, 3000.5F})}, {1, 3}, kBroadcast, "boolean");
  net.result(net.op("Convert", {less}, {1, 3}, "destination_type=\"f32\""));
  // 0.9999 rounds to 1; 0.5 does not; 3000.25 and 3000.5 both round to 3000.
  const auto calibration = on(net, {0.9999F, 0.5F, 3000.25F});
  ASSERT_TRUE(calibration) << calibration.error().message();
  EXPECT_THAT(ids(*calibration), ElementsAre("ncs2-half-decisions"));
  EXPECT_THAT(calibration->findings[0].why_here, HasSubstr("2 of 3 decisions"));
}

TEST_F(CalibrateNcs2, WholeNumbersAndWhatIsTooSmall) {
  testing_support::IrNetwork net;
  const auto x = net.input({1, 2});
  net.result(net.op("Multiply", {x, net.floats({1, 2}, {1e-9F, 1e-9F})}, {1, 2}, kBroadcast));
  const auto calibration = on(net, {2049, 3});
  ASSERT_TRUE(calibration) << calibration.error().message();
  EXPECT_THAT(ids(*calibration), ElementsAre("ncs2-half-rounding", "ncs2-half-rounding"));
  EXPECT_THAT(calibration->findings[0].why_here, HasSubstr("1 whole numbers become others"));
  EXPECT_THAT(calibration->findings[1].why_here, HasSubstr("of 2 values 1 become zero, 1 keep fewer"));
}

TEST_F(CalibrateNcs2, RowsThatDoNotFitAreSaid) {
  testing_support::IrNetwork net;
  net.result(net.op("ReLU", {net.input({1, 4})}, {1, 4}));
  const auto calibration = on(net, {1, 2, 3});
  ASSERT_FALSE(calibration);
  EXPECT_EQ(calibration.error().fault, base::Fault::input);
  EXPECT_THAT(calibration.error().message(), HasSubstr("takes 16 a row"));
}

}  // namespace
}  // namespace edgescope::analysis
