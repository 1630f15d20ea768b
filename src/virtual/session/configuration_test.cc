#include "virtual/session/configuration.h"

#include <gtest/gtest.h>
#include <libusb-1.0/libusb.h>

#include "virtual/myriad/stick.h"

namespace edgescope::virtual_usb {
namespace {

TEST(Configuration, TellsTheEndpointsOfADevice) {
  const myriad::Stick stick(Speed::Super, [](const myriad::Event&) {});
  libusb_config_descriptor* configuration = parse_configuration(stick.configuration_descriptor());
  ASSERT_NE(configuration, nullptr);
  const libusb_interface_descriptor& setting = configuration->interface->altsetting[0];
  ASSERT_EQ(setting.bNumEndpoints, 2);
  EXPECT_EQ(setting.endpoint[0].bEndpointAddress, 0x01);
  EXPECT_EQ(setting.endpoint[1].bEndpointAddress, 0x81);
  EXPECT_EQ(setting.endpoint[1].wMaxPacketSize, 1024);
  EXPECT_EQ(setting.endpoint[0].bmAttributes & LIBUSB_TRANSFER_TYPE_MASK, LIBUSB_TRANSFER_TYPE_BULK);
  free_configuration(configuration);
}

TEST(Configuration, RefusesWhatIsNone) {
  EXPECT_EQ(parse_configuration({}), nullptr);
  EXPECT_EQ(parse_configuration(std::vector<std::uint8_t>{9, 2, 9}), nullptr);
  auto bytes = myriad::Stick(Speed::High, [](const myriad::Event&) {}).configuration_descriptor();
  bytes.resize(25);  // one endpoint of two
  EXPECT_EQ(parse_configuration(bytes), nullptr);
}

}  // namespace
}  // namespace edgescope::virtual_usb
