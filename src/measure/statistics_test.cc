#include "measure/statistics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "measure/test_series.h"

namespace edgescope::measure {
namespace {

using testing_support::autoregressive;

// numpy 2: numpy.quantile, mean, std(ddof=1); scipy.stats.variation and median_abs_deviation; the
// autocorrelation as sum(d[1:] * d[:-1]) / sum(d * d).
TEST(Statistics, EqualNumpyAndScipy) {
  const Statistics s = describe(autoregressive(500, 0.5, 42));
  EXPECT_EQ(s.count, 500u);
  EXPECT_NEAR(s.min, 96.91559621943894, 1e-9);
  EXPECT_NEAR(s.p5, 98.03160394862499, 1e-9);
  EXPECT_NEAR(s.p25, 99.19278654081423, 1e-9);
  EXPECT_NEAR(s.median, 99.93570257401204, 1e-9);
  EXPECT_NEAR(s.p75, 100.75914532567887, 1e-9);
  EXPECT_NEAR(s.p90, 101.64071684628824, 1e-9);
  EXPECT_NEAR(s.p95, 101.9452227295834, 1e-9);
  EXPECT_NEAR(s.p99, 102.68118827458683, 1e-9);
  EXPECT_NEAR(s.max, 102.95057004644659, 1e-9);
  EXPECT_NEAR(s.mean, 99.97714883281442, 1e-9);
  EXPECT_NEAR(s.sd, 1.187257733554557, 1e-9);
  EXPECT_NEAR(s.cv, 0.011875290978140758, 1e-12);
  EXPECT_NEAR(s.mad, 0.8075959123399343, 1e-9);
  EXPECT_NEAR(s.lag1, 0.5087549884728721, 1e-9);
  EXPECT_NEAR(s.effective_size, 167.42125834071825, 1e-6);
}

TEST(Statistics, AutocorrelationEqualsNumpy) {
  EXPECT_THAT(autocorrelation(autoregressive(500, 0.5, 42), 3),
              ::testing::Pointwise(::testing::DoubleNear(1e-9),
                                   {1.0, 0.5087549884728721, 0.2502926913393266, 0.150334267752931}));
}

// An autoregressive series of order one is worth n (1 - phi) / (1 + phi) independent samples.
TEST(Statistics, EffectiveSizeFollowsTheory) {
  EXPECT_NEAR(effective_sample_size(autoregressive(20000, 0.5, 3)) / (20000.0 / 3), 1, 0.1);
  EXPECT_NEAR(effective_sample_size(autoregressive(20000, 0.9, 3)) / (20000.0 / 19), 1, 0.2);
  EXPECT_NEAR(effective_sample_size(autoregressive(20000, 0, 3)) / 20000.0, 1, 0.1);
}

TEST(Statistics, QuantileIsTypeSeven) {
  const std::vector<double> v = {1, 2, 3, 4};
  EXPECT_DOUBLE_EQ(quantile(v, 0), 1);
  EXPECT_DOUBLE_EQ(quantile(v, 0.25), 1.75);
  EXPECT_DOUBLE_EQ(quantile(v, 0.9), 3.7);
  EXPECT_DOUBLE_EQ(quantile(v, 1), 4);
}

TEST(Statistics, SmallAndConstantSeries) {
  EXPECT_EQ(describe(std::vector<double>{}).count, 0u);
  const Statistics one = describe(std::vector<double>{3});
  EXPECT_EQ(one.median, 3);
  EXPECT_EQ(one.sd, 0);
  const Statistics same = describe(std::vector<double>(100, 0.1));
  EXPECT_EQ(same.lag1, 0);
  EXPECT_EQ(same.outliers, 0u);
  EXPECT_DOUBLE_EQ(same.effective_size, 100);
}

// Iglewicz and Hoaglin (1993): 3.5 * MAD / 0.6745 about the median.
TEST(Statistics, OutliersByMedianAbsoluteDeviation) {
  // Median 5, MAD 2: outliers lie beyond 10.38 from it.
  EXPECT_EQ(outliers(std::vector<double>{1, 2, 3, 4, 5, 6, 7, 8, 15.3}), 0u);
  EXPECT_EQ(outliers(std::vector<double>{1, 2, 3, 4, 5, 6, 7, 8, 15.4}), 1u);
  // A coarse clock: most samples are equal, the MAD is 0.
  std::vector<double> coarse(100, 42);
  coarse[7] = 43;
  coarse[8] = 4200;
  EXPECT_EQ(outliers(coarse), 1u);
}

TEST(Statistics, SeveralSeriesKeepTheirOrderApart) {
  const std::vector<double> a = autoregressive(500, 0.5, 1), b = autoregressive(500, 0.5, 2);
  const Statistics both = describe(std::vector<std::vector<double>>{a, b});
  EXPECT_EQ(both.count, 1000u);
  EXPECT_DOUBLE_EQ(both.effective_size, describe(a).effective_size + describe(b).effective_size);
  EXPECT_DOUBLE_EQ(both.lag1, (describe(a).lag1 + describe(b).lag1) / 2);
  EXPECT_EQ(both.max, std::max(describe(a).max, describe(b).max));
}

TEST(Statistics, MedianOfEvenAndOdd) {
  EXPECT_EQ(median({3, 1, 2}), 2);
  EXPECT_EQ(median({4, 1, 3, 2}), 2.5);
  EXPECT_EQ(median({}), 0);
}

}  // namespace
}  // namespace edgescope::measure
