#include "virtual/log.h"

#include <gtest/gtest.h>

#include <fstream>

#include "support/scratch.h"

namespace edgescope::virtual_usb {
namespace {

TEST(Log, LinesOfSeveralWritersComeBack) {
  const testing_support::Scratch scratch;
  const std::string path = scratch / "log";
  {
    const auto one = *Log::open(path), other = *Log::open(path);
    one->write("1-1", {{"event", "device"}});
    other->write("1-2", {{"event", "transfer"}, {"us", 7.5}});
    one->write("1-1", {{"event", "transfer"}});
  }
  std::ofstream(path, std::ios::app) << "{\"event\": \"cut o";
  const auto lines = read_log(path);
  ASSERT_TRUE(lines) << lines.error().message();
  ASSERT_EQ(lines->size(), 3u);
  EXPECT_EQ((*lines)[0]["device"], "1-1");
  EXPECT_EQ((*lines)[1]["us"], 7.5);
  EXPECT_LE((*lines)[0]["us"], (*lines)[2]["us"]);
}

TEST(Log, SaysWhatCannotBeWrittenOrRead) {
  EXPECT_EQ(Log::open("/nonexistent/log").error().fault, base::Fault::output);
  EXPECT_FALSE(read_log("/nonexistent/log"));
}

}  // namespace
}  // namespace edgescope::virtual_usb
