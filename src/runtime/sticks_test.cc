#include "runtime/sticks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "support/scratch.h"

namespace edgescope::runtime {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class Sticks : public testing::Test {
 protected:
  void write(const std::string& path, const std::string& text) {
    fs::create_directories((scratch_ / path).parent_path());
    std::ofstream(scratch_ / path) << text << "\n";
  }
  void plug(const std::string& port, const std::string& vendor, const std::string& product, int device) {
    const std::string folder = "sys/bus/usb/devices/" + port;
    write(folder + "/idVendor", vendor);
    write(folder + "/idProduct", product);
    write(folder + "/busnum", "2");
    write(folder + "/devnum", std::to_string(device));
    write(folder + "/speed", "5000");
  }
  std::vector<PluggedCoral> plugged() { return plugged_corals(scratch_.path()); }

  const testing_support::Scratch scratch_;
};

TEST_F(Sticks, ListsCoralsAmongOtherDevices) {
  EXPECT_TRUE(plugged().empty());
  plug("2-1", "046d", "c52b", 3);
  plug("2-3", "18d1", "9302", 12);
  plug("2-2", "1a6e", "089a", 11);
  write("dev/bus/usb/002/012", "");
  write("dev/apex_0", "");
  const auto found = plugged();
  ASSERT_EQ(found.size(), 3u);
  EXPECT_EQ(found[0].place, "/dev/apex_0");
  EXPECT_EQ(found[1].id, "1a6e:089a");
  EXPECT_FALSE(found[1].accessible) << "its node is not there";
  EXPECT_EQ(found[2].place, "2-3");
  EXPECT_EQ(found[2].megabits, 5000);
  EXPECT_TRUE(found[2].accessible);
}

TEST_F(Sticks, AdviceFitsTheCase) {
  EXPECT_THAT(coral_advice({}), HasSubstr("Plug a Coral stick in"));
  EXPECT_THAT(coral_advice({{.place = "2-2", .id = "1a6e:089a"}}), HasSubstr("plugdev"));
  EXPECT_THAT(coral_advice({{.place = "/dev/apex_0"}}), HasSubstr("group apex"));
  EXPECT_THAT(coral_advice({{.place = "2-3", .id = "18d1:9302", .accessible = true}}), HasSubstr("another program"));
}

}  // namespace
}  // namespace edgescope::runtime
