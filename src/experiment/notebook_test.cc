// The user's own raw timings must lead to what was found behind each line of the notebook (reference/notebook.md).
#include <gtest/gtest.h>

#include "experiment/gap.h"
#include "experiment/scaling.h"
#include "experiment/spread.h"
#include "experiment/timings.h"
#include "support/reference.h"

namespace edgescope::experiment {
namespace {

class Notebook : public ::testing::Test {
 protected:
  void SetUp() override {
    EDGESCOPE_REFERENCE_OR_SKIP(file, "latency/notebook_raw.csv");
    auto read = read_timings(file.string());
    ASSERT_TRUE(read) << read.error().message();
    timings_ = std::move(*read);
  }
  Series series(const std::string& name, double n = 0) {
    const auto found = timings_.find("random_forest/" + name + ".csv");
    EXPECT_TRUE(found != timings_.end()) << name;
    return {.spec = {{"batch", n}}, .processes = {found->second}};
  }

  std::map<std::string, std::vector<double>> timings_;
};

TEST_F(Notebook, TheFirstCallIsLeftOut) { EXPECT_EQ(series("mys/results_1op").processes[0].size(), 100U); }

// "TPU = 315 + 1.03 b us, CPU = 29 + 0.164 b", through the least times.
TEST_F(Notebook, BatchIsAnInterceptEffect) {
  const auto tpu = fit({series("ms/first_tests/results11_noif_tpu", 1), series("ms/first_tests/results_300", 300),
                        series("ms/first_tests/results_1k", 1000)},
                       "batch");
  const auto cpu = fit({series("ms/first_tests/results11_cpu", 1), series("ms/first_tests/results_300_cpu", 300),
                        series("ms/first_tests/results_1k_cpu", 1000)},
                       "batch");
  ASSERT_TRUE(tpu && cpu);
  EXPECT_NEAR(tpu->minimum_fixed_us, 315, 10);
  EXPECT_NEAR(tpu->minimum_each_us, 1.03, 0.03);
  EXPECT_NEAR(cpu->minimum_fixed_us, 29, 3);
  EXPECT_NEAR(cpu->minimum_each_us, 0.164, 0.006);
  // The smaller factor goes with the larger cost a row.
  EXPECT_LT(tpu->factor, cpu->factor);
  EXPECT_GT(tpu->each_us.interval.low, 5 * cpu->each_us.interval.high);
}

// "Mean gap 180 us (85 to 252) but 5th percentiles differ by 6 us".
TEST_F(Notebook, OneOperatorLessIsNoCost) {
  const Gap first = gap(series("mys/results_1op"), series("mys/results_2op"));
  EXPECT_NEAR(first.mean.value, 180, 1);
  EXPECT_NEAR(first.mean.interval.low, 85, 25);
  EXPECT_NEAR(first.mean.interval.high, 252, 25);
  EXPECT_NEAR(first.floor.value, 6, 2);
  EXPECT_EQ(first.verdict(), Gap::Verdict::Waiting) << first.floor.interval.low << " " << first.floor.interval.high;
  // "The author's own repeat gives 49 us (-11 to 137)".
  const Gap again = gap(series("ms/first_tests/results_1opp"), series("ms/first_tests/results_2opp"));
  EXPECT_NEAR(again.mean.value, 49, 1);
  EXPECT_LT(again.mean.interval.low, 0);
  EXPECT_GT(again.mean.interval.high, 0);
}

// "Coefficient of variation 20-48 % on small models on the TPU, 4-9 % on the CPU; the floor is stable; lag-1
// autocorrelation 0.25-0.55."
TEST_F(Notebook, SpreadIsTheHosts) {
  for (const char* name : {"mys/results_1op", "mys/results_3op", "ms/first_tests/results_300"}) {
    const Spread tpu = spread(series(name));
    EXPECT_GT(tpu.cv, 0.2) << name;
    EXPECT_LT(tpu.cv, 0.48) << name;
    EXPECT_GT(tpu.lag1, 0.25) << name;
    EXPECT_EQ(tpu.cause, Spread::Cause::Waiting) << name;
  }
  for (const char* name : {"ms/first_tests/results11_cpu", "ms/first_tests/results_1k_cpu"}) {
    const Spread cpu = spread(series(name));
    EXPECT_LT(cpu.cv, 0.095) << name;
    EXPECT_EQ(cpu.cause, Spread::Cause::Little) << name;
  }
}

}  // namespace
}  // namespace edgescope::experiment
