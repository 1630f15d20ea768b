#include "machine/udev.h"

#include <gtest/gtest.h>

namespace edgescope::machine {
namespace {

TEST(Udev, ARuleForOneProduct) {
  const auto rules = parse_udev_rules(
      "# SUBSYSTEM==\"usb\", ATTRS{idVendor}==\"18d1\", GROUP=\"plugdev\"\n"
      "SUBSYSTEM==\"usb\", ATTRS{idProduct}==\"2485\", ATTRS{idVendor}==\"03e7\", GROUP=\"users\", MODE=\"0660\"\n",
      "97.rules");
  ASSERT_EQ(rules.size(), 1u) << "a comment is no rule";
  EXPECT_EQ(rules[0].group, "users");
  EXPECT_FALSE(rules[0].everyone);
  EXPECT_TRUE(rules[0].covers("03e7:2485"));
  EXPECT_FALSE(rules[0].covers("03e7:f63b"));
  EXPECT_FALSE(rules[0].covers("18d1:2485"));
}

TEST(Udev, ARuleForAVendorAndForEveryone) {
  const auto rules =
      parse_udev_rules("SUBSYSTEM==\"usb\", ATTR{idVendor}==\"03E7\", \\\n  MODE=\"0666\"\n", "80.rules");
  ASSERT_EQ(rules.size(), 1u);
  EXPECT_TRUE(rules[0].everyone);
  EXPECT_TRUE(rules[0].covers("03e7:f63b")) << "hexadecimal letters of either case; any product";
}

TEST(Udev, TheUserAtTheScreen) {
  const auto rules = parse_udev_rules(
      "SUBSYSTEMS==\"usb\", ATTRS{idVendor}==\"1a6e\", ATTRS{idProduct}==\"08*\", TAG+=\"uaccess\"\n", "a");
  ASSERT_EQ(rules.size(), 1u);
  EXPECT_TRUE(rules[0].everyone);
  EXPECT_TRUE(rules[0].covers("1a6e:089a"));
  EXPECT_FALSE(rules[0].covers("1a6e:189a"));
}

TEST(Udev, WhatGivesNoAccessIsNotListed) {
  EXPECT_TRUE(parse_udev_rules(
                  "ATTR{idVendor}==\"03e7\", ENV{ID_MM_DEVICE_IGNORE}=\"1\"\nKERNEL==\"sd*\", GROUP=\"disk\"\n", "a")
                  .empty());
  EXPECT_TRUE(parse_udev_rules("ATTR{idVendor}==\"03e7\", MODE=\"0664\"\n", "a").empty());
}

}  // namespace
}  // namespace edgescope::machine
