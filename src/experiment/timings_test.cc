#include "experiment/timings.h"

#include <gtest/gtest.h>

#include <fstream>

#include "support/scratch.h"

namespace edgescope::experiment {
namespace {

base::Result<std::map<std::string, std::vector<double>>> read(const std::string& text) {
  const testing_support::Scratch scratch;
  std::ofstream(scratch / "t.csv") << text;
  return read_timings((scratch / "t.csv").string());
}

TEST(Timings, SeriesByNameWithoutTheFirstCall) {
  const auto series = read("call,file,note,us\r\n0,a,,100\r\n1,a,x,2.5\r\n0,b,,50\r\n2,a,,3\r\n");
  ASSERT_TRUE(series) << series.error().message();
  EXPECT_EQ(series->at("a"), (std::vector<double>{2.5, 3}));
  EXPECT_TRUE(series->at("b").empty());
}

TEST(Timings, WhatIsNoneIsRefusedWithItsLine) {
  EXPECT_NE(read("file,us\na,1\n").error().message().find("not all there"), std::string::npos);
  EXPECT_NE(read("file,call,us\na,1\n").error().message().find("line 2 has 2 cells"), std::string::npos);
  EXPECT_NE(read("file,call,us\na,0,1\na,1,fast\n").error().message().find("line 3"), std::string::npos);
  EXPECT_FALSE(read("file,call,us\na,1,-4\n"));
  EXPECT_FALSE(read("file,call,us\na,1,inf\n"));
  EXPECT_FALSE(read("file,call,us\n"));
  EXPECT_FALSE(read(""));
  EXPECT_FALSE(read_timings("/nowhere.csv"));
}

}  // namespace
}  // namespace edgescope::experiment
