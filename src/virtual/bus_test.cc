#include "virtual/bus.h"

#include <gtest/gtest.h>
#include <libusb-1.0/libusb.h>

#include <thread>

namespace edgescope::virtual_usb {
namespace {

// Sends back what it gets.
class Echo final : public Device {
 public:
  std::uint16_t vendor() const override { return 1; }
  std::uint16_t product() const override { return 2; }
  Speed speed() const override { return Speed::High; }
  std::vector<std::uint8_t> configuration_descriptor() const override { return {}; }
  std::optional<std::vector<std::uint8_t>> control(const Setup& setup, std::span<const std::uint8_t>) override {
    if (setup.request == 9) return std::nullopt;
    return std::vector<std::uint8_t>{1, 2, 3, 4};
  }
  bool bulk_out(std::uint8_t, std::span<const std::uint8_t> data) override {
    held_.assign(data.begin(), data.end());
    return true;
  }
  std::optional<std::vector<std::uint8_t>> in(std::uint8_t, std::size_t limit) override {
    if (held_.empty()) return std::nullopt;
    std::vector<std::uint8_t> packet(held_.begin(),
                                     held_.begin() + static_cast<std::ptrdiff_t>(std::min(limit, held_.size())));
    held_.erase(held_.begin(), held_.begin() + static_cast<std::ptrdiff_t>(packet.size()));
    return packet;
  }
  void reset() override { held_.clear(); }

 private:
  std::vector<std::uint8_t> held_;
};

Bus echo_bus() {
  std::vector<std::unique_ptr<Device>> devices;
  devices.push_back(std::make_unique<Echo>());
  return Bus(std::move(devices));
}

TEST(Bus, ControlTransfersAnswerAtMostTheLength) {
  Bus bus = echo_bus();
  std::uint8_t data[8] = {};
  EXPECT_EQ(bus.control(0, {0xC0, 0, 0, 0, 2}, data), 2);
  EXPECT_EQ(data[1], 2);
  EXPECT_EQ(bus.control(0, {0xC0, 9, 0, 0, 2}, data), LIBUSB_ERROR_PIPE);
  EXPECT_EQ(bus.control(0, {0x40, 0, 0, 0, 3}, data), 3);
}

TEST(Bus, AWaitingTransferCompletesWhenDataComes) {
  Bus bus = echo_bus();
  std::uint8_t buffer[16] = {};
  int done = 0;
  libusb_transfer transfer{};
  transfer.endpoint = 0x81;
  transfer.buffer = buffer;
  transfer.length = sizeof buffer;
  transfer.user_data = &done;
  transfer.callback = [](libusb_transfer* t) {
    *static_cast<int*>(t->user_data) = t->status == LIBUSB_TRANSFER_COMPLETED ? t->actual_length : -1;
  };
  EXPECT_EQ(bus.submit(0, &transfer), 0);
  bus.handle_events(0, nullptr);
  EXPECT_EQ(done, 0);
  const std::uint8_t sent[3] = {7, 8, 9};
  EXPECT_EQ(bus.out(0, 1, sent), 3);
  bus.handle_events(1000, nullptr);
  EXPECT_EQ(done, 3);
  EXPECT_EQ(buffer[2], 9);

  EXPECT_EQ(bus.submit(0, &transfer), 0);
  EXPECT_EQ(bus.cancel(&transfer), 0);
  EXPECT_EQ(bus.cancel(&transfer), LIBUSB_ERROR_NOT_FOUND);
  bus.handle_events(1000, nullptr);
  EXPECT_EQ(done, -1);
}

// Tells on one endpoint that the other has been read.
class TellsWhenRead final : public Device {
 public:
  std::uint16_t vendor() const override { return 1; }
  std::uint16_t product() const override { return 2; }
  Speed speed() const override { return Speed::High; }
  std::vector<std::uint8_t> configuration_descriptor() const override { return {}; }
  std::optional<std::vector<std::uint8_t>> control(const Setup&, std::span<const std::uint8_t>) override {
    return std::nullopt;
  }
  bool bulk_out(std::uint8_t, std::span<const std::uint8_t>) override { return false; }
  std::optional<std::vector<std::uint8_t>> in(std::uint8_t endpoint, std::size_t) override {
    if (endpoint == 0x82 && !read_) return std::nullopt;
    read_ = read_ || endpoint == 0x81;
    return std::vector<std::uint8_t>{endpoint};
  }
  void reset() override {}

 private:
  bool read_ = false;
};

TEST(Bus, ASynchronousReadMayServeAWaitingTransfer) {
  std::vector<std::unique_ptr<Device>> devices;
  devices.push_back(std::make_unique<TellsWhenRead>());
  Bus bus(std::move(devices));
  std::uint8_t buffer[4] = {};
  int done = 0;
  libusb_transfer transfer{};
  transfer.endpoint = 0x82;
  transfer.buffer = buffer;
  transfer.length = sizeof buffer;
  transfer.user_data = &done;
  transfer.callback = [](libusb_transfer* t) { *static_cast<int*>(t->user_data) = t->actual_length; };
  EXPECT_EQ(bus.submit(0, &transfer), 0);
  bus.handle_events(0, nullptr);
  EXPECT_EQ(done, 0);
  std::uint8_t other[4];
  EXPECT_EQ(bus.in(0, 0x81, other, 1000), 1);
  bus.handle_events(0, nullptr);
  EXPECT_EQ(done, 1);
}

TEST(Bus, SynchronousReadsTimeOutAndEventThreadsWake) {
  Bus bus = echo_bus();
  std::uint8_t buffer[4];
  EXPECT_EQ(bus.in(0, 0x81, buffer, 1), LIBUSB_ERROR_TIMEOUT);
  std::thread events([&] { bus.handle_events(60000, nullptr); });
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  bus.wake();
  events.join();
}

TEST(Bus, DescriptorsNameTheDevice) {
  Bus bus = echo_bus();
  const auto descriptor = bus.device(0).device_descriptor();
  ASSERT_EQ(descriptor.size(), 18u);
  EXPECT_EQ(descriptor[8], 1);
  EXPECT_EQ(descriptor[10], 2);
}

}  // namespace
}  // namespace edgescope::virtual_usb
