#include "virtual/recorder.h"

#include <gtest/gtest.h>
#include <libusb-1.0/libusb.h>

#include "support/scratch.h"

namespace edgescope::virtual_usb {
namespace {

class Recording : public ::testing::Test {
 protected:
  std::vector<base::Json> lines() const { return *read_log(path_); }

  const testing_support::Scratch scratch_;
  const std::string path_ = scratch_ / "log";
  Recorder recorder_{*Log::open(path_)};
};

TEST_F(Recording, AProgramsCallbackIsCalledAndIsItsOwnAgain) {
  static int calls;
  calls = 0;
  const auto callback = [](libusb_transfer* transfer) {
    ++calls;
    EXPECT_EQ(transfer->actual_length, 3);
  };
  std::uint8_t buffer[8] = {0xAB, 2, 3, 4};
  libusb_transfer transfer{};
  transfer.type = LIBUSB_TRANSFER_TYPE_BULK;
  transfer.endpoint = 0x81;
  transfer.buffer = buffer;
  transfer.length = sizeof buffer;
  transfer.callback = callback;
  static libusb_transfer_cb_fn seen;
  EXPECT_EQ(recorder_.submit("1-1", &transfer,
                             [](libusb_transfer* t) {
                               seen = t->callback;
                               return 0;
                             }),
            0);
  EXPECT_TRUE(lines().empty()) << "it is not over";
  transfer.actual_length = 3;
  seen(&transfer);
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(transfer.callback, +callback);
  const auto written = lines();
  ASSERT_EQ(written.size(), 1u);
  EXPECT_EQ(written[0]["event"], "transfer");
  EXPECT_EQ(written[0]["endpoint"], 0x81);
  EXPECT_EQ(written[0]["wanted"], 8);
  EXPECT_EQ(written[0]["bytes"], 3);
  EXPECT_EQ(written[0]["head"], "ab0203");
  EXPECT_EQ(written[0]["status"], "completed");
  EXPECT_LE(written[0]["begin_us"], written[0]["us"]);
}

TEST_F(Recording, ARefusedTransferIsLeftAsItWas) {
  libusb_transfer transfer{};
  const auto callback = [](libusb_transfer*) {};
  transfer.callback = callback;
  EXPECT_EQ(recorder_.submit("1-1", &transfer, [](libusb_transfer*) -> int { return LIBUSB_ERROR_BUSY; }),
            LIBUSB_ERROR_BUSY);
  EXPECT_EQ(transfer.callback, +callback);
  EXPECT_TRUE(lines().empty());
}

TEST_F(Recording, KeepsNoMoreThanTheHeadOfTheData) {
  const std::vector<std::uint8_t> data(100, 0x11);
  recorder_.opened("1-2", 0x18d1, 0x9302, true);
  recorder_.finished("1-2", {.type = "control", .wanted = 100, .data = data});
  EXPECT_EQ(lines()[0]["speed"], "usb3");
  EXPECT_EQ(lines()[1]["head"].get<std::string>().size(), 32u);
  EXPECT_EQ(lines()[1]["bytes"], 100);
}

}  // namespace
}  // namespace edgescope::virtual_usb
