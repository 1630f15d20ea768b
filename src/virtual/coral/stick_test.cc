#include "virtual/coral/stick.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "format/edgetpu/test_package.h"

namespace edgescope::virtual_usb::coral {
namespace {

using ::testing::HasSubstr;
namespace fake = format::edgetpu::testing;
using Bytes = std::vector<std::uint8_t>;

// Speaks the driver's side of the protocol.
class Client : public ::testing::Test {
 protected:
  void plug(bool firmware) {
    options_ = fake::options_of(fake::cached_pair());
    package_ = *format::edgetpu::read_package(options_, "m");
    std::vector<const format::edgetpu::Executable*> executables;
    for (const auto& executable : package_.executables) executables.push_back(&executable);
    stick_ = std::make_unique<Stick>(executables, Speed::Super, firmware, [this](const Event& event) { events_.push_back(event); });
  }
  void send(std::uint8_t tag, const Bytes& data, std::size_t chunk = 1 << 20) {
    Bytes header(8, 0);
    const auto length = static_cast<std::uint32_t>(data.size());
    std::memcpy(header.data(), &length, 4);
    header[4] = tag;
    EXPECT_TRUE(stick_->bulk_out(1, header));
    for (std::size_t at = 0; at < data.size(); at += chunk)
      EXPECT_TRUE(stick_->bulk_out(1, std::span(data).subspan(at, std::min(chunk, data.size() - at))));
  }
  Bytes instructions(int executable, int index) const {
    const auto bytes = package_.executables[static_cast<std::size_t>(executable)].instructions[static_cast<std::size_t>(index)].bytes;
    Bytes copy(bytes.size());
    std::memcpy(copy.data(), bytes.data(), bytes.size());
    if (copy.size() >= 16) copy[9] ^= 0xFF;  // the driver patches addresses: bit 64 on, in these packages
    return copy;
  }
  std::uint64_t bytes_of(format::edgetpu::DmaStep::Kind kind) const {
    std::uint64_t sum = 0;
    for (const Event& event : events_)
      if (event.kind == Event::Kind::Step && event.step == kind) sum += event.bytes;
    return sum;
  }
  std::string errors() const {
    std::string text;
    for (const Event& event : events_)
      if (event.kind == Event::Kind::Error) text += event.message + "\n";
    return text;
  }
  void infer() {
    send(0, instructions(0, 0));
    send(1, Bytes(8), 3);
    send(2, Bytes(64));
    send(0, instructions(0, 1));
    EXPECT_EQ(stick_->in(0x81, 1024)->size(), 24u);  // scratch out
    send(1, Bytes(48));
    EXPECT_FALSE(stick_->in(0x82, 16));  // not before the output has been fetched
    EXPECT_EQ(stick_->in(0x81, 10)->size(), 10u);
    EXPECT_EQ(stick_->in(0x81, 10)->size(), 6u);
    const auto event = stick_->in(0x82, 16);
    ASSERT_TRUE(event);
    EXPECT_EQ(event->size(), 16u);
    EXPECT_EQ((*event)[12], 4);
  }

  std::vector<std::byte> options_;
  format::edgetpu::Package package_;
  std::unique_ptr<Stick> stick_;
  std::vector<Event> events_;
};

TEST_F(Client, AFirmwareMakesAnotherDeviceOfIt) {
  plug(false);
  EXPECT_EQ(stick_->vendor(), 0x1a6e);
  EXPECT_FALSE(stick_->bulk_out(1, Bytes(8)));
  Bytes block(256, 7);
  EXPECT_TRUE(stick_->control({0x21, 1, 0, 0, 256}, block));
  EXPECT_EQ((*stick_->control({0xA1, 3, 0, 0, 6}, {}))[4], 5);
  EXPECT_TRUE(stick_->control({0x21, 1, 1, 0, 0}, {}));
  EXPECT_EQ((*stick_->control({0xA1, 3, 0, 0, 6}, {}))[4], 2);
  EXPECT_EQ(*stick_->control({0xA1, 2, 0, 0, 256}, {}), block);
  stick_->reset();
  EXPECT_EQ(stick_->vendor(), 0x18d1);
  EXPECT_EQ(stick_->product(), 0x9302);
}

TEST_F(Client, RegistersKeepWhatIsWrittenAndThePowerStateFollows) {
  plug(true);
  EXPECT_TRUE(stick_->control({0x40, 0, 0x4018, 4, 8}, Bytes{1, 2, 3, 4, 5, 6, 7, 8}));
  EXPECT_EQ(*stick_->control({0xC0, 0, 0x4018, 4, 8}, {}), (Bytes{1, 2, 3, 4, 5, 6, 7, 8}));
  EXPECT_EQ(*stick_->control({0xC0, 1, 0xa318, 1, 4}, {}), (Bytes{0x10, 0x04, 0x05, 0x80}));
  EXPECT_TRUE(stick_->control({0x40, 1, 0xa318, 1, 4}, Bytes{0x10, 0x04, 0xC5, 0x80}));
  EXPECT_EQ((*stick_->control({0xC0, 1, 0xa318, 1, 4}, {}))[1] & 3, 2);
  EXPECT_EQ(*stick_->control({0xC0, 0, 0x4018, 4, 8}, {}), Bytes(8));  // lost in sleep
  EXPECT_FALSE(stick_->control({0xC0, 1, 0, 0, 8}, {}));
}

TEST_F(Client, CountsAnInferenceByTheHints) {
  plug(true);
  send(0, instructions(1, 0));
  send(2, Bytes(128));
  EXPECT_TRUE(stick_->in(0x82, 16));
  for (int i = 0; i < 3; ++i) infer();
  EXPECT_EQ(errors(), "");
  using Kind = format::edgetpu::DmaStep::Kind;
  EXPECT_EQ(bytes_of(Kind::Instructions), 40u + 3 * 48);
  EXPECT_EQ(bytes_of(Kind::Parameters), 128u + 3 * 64);
  EXPECT_EQ(bytes_of(Kind::Input), 3u * 8);
  EXPECT_EQ(bytes_of(Kind::Output), 3u * 16);
  EXPECT_EQ(bytes_of(Kind::ScratchIn), 3u * 48);
  EXPECT_EQ(bytes_of(Kind::ScratchOut), 3u * 24);
}

TEST_F(Client, ATransferAgainstTheHintsIsAnErrorWithBothFigures) {
  plug(true);
  send(0, instructions(0, 0));
  send(1, Bytes(9));
  EXPECT_THAT(errors(), HasSubstr("9 B of input came, the hints say 8 B"));
  events_.clear();
  plug(true);
  send(0, instructions(0, 0));
  send(2, Bytes(64));
  EXPECT_THAT(errors(), HasSubstr("64 B of parameters came, the hints say 8 B of input"));
  events_.clear();
  plug(true);
  send(0, Bytes(77));
  EXPECT_THAT(errors(), HasSubstr("begin no executable"));
}

}  // namespace
}  // namespace edgescope::virtual_usb::coral
