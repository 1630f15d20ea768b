#include "runtime/usb_devices.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "support/scratch.h"

namespace edgescope::runtime {
namespace {

namespace fs = std::filesystem;

class UsbDevices : public testing::Test {
 protected:
  void write(const std::string& path, const std::string& text) {
    const fs::path file = scratch_ / ("sys/bus/usb/devices/" + path);
    fs::create_directories(file.parent_path());
    std::ofstream(file) << text << "\n";
  }
  void device(const std::string& place, const std::string& vendor, const std::string& product) {
    write(place + "/idVendor", vendor);
    write(place + "/idProduct", product);
    write(place + "/busnum", "2");
    write(place + "/devnum", "7");
    write(place + "/speed", "5000");
    write(place + "/bDeviceClass", "00");
  }
  const testing_support::Scratch scratch_;
};

TEST_F(UsbDevices, NothingIsListedWhereThereIsNoSys) {
  EXPECT_FALSE(usb_is_listed(scratch_.path()));
  EXPECT_TRUE(usb_devices(scratch_.path()).empty());
}

TEST_F(UsbDevices, DevicesAndTheHubsBetweenThem) {
  device("usb2", "1d6b", "0003");
  device("2-3", "0bda", "0411");
  write("2-3/bDeviceClass", "09");
  write("2-3/bmAttributes", "a0");
  device("2-3.1", "18d1", "9302");
  write("2-3.1:1.0/bInterfaceClass", "ff");
  device("2-1", "03e7", "f63b");
  write("2-1/bmAttributes", "c0");
  EXPECT_TRUE(usb_is_listed(scratch_.path()));
  const auto found = usb_devices(scratch_.path());
  ASSERT_EQ(found.size(), 3u) << "neither the computer's own hub nor an interface is a device";
  EXPECT_EQ(found[0].place, "2-1");
  EXPECT_EQ(found[0].id, "03e7:f63b");
  EXPECT_EQ(found[0].own_power, true);
  EXPECT_EQ(found[0].parent(), "");
  EXPECT_TRUE(found[1].hub);
  EXPECT_EQ(found[1].own_power, false);
  EXPECT_EQ(found[2].parent(), "2-3");
  EXPECT_EQ(found[2].megabits, 5000);
  EXPECT_EQ(found[2].node, "/dev/bus/usb/002/007");
  EXPECT_FALSE(found[2].own_power) << "not told";
}

}  // namespace
}  // namespace edgescope::runtime
