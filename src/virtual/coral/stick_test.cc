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
  // A stick that knows `fakes`, one operator each.
  void plug(bool firmware, std::vector<std::vector<fake::TestExecutable>> fakes = {fake::cached_pair()},
            Compute compute = {}) {
    options_.clear();
    packages_.clear();
    events_.clear();
    std::vector<Operator> operators;
    for (const auto& executables : fakes) {
      options_.push_back(fake::options_of(executables));
      packages_.push_back(
          std::make_unique<format::edgetpu::Package>(*format::edgetpu::read_package(options_.back(), "m")));
      operators.push_back({packages_.back().get(), compute});
    }
    stick_ = std::make_unique<Stick>(operators, Speed::Super, firmware,
                                     [this](const Event& event) { events_.push_back(event); });
  }
  // False where the stick stalls.
  bool send(std::uint8_t tag, const Bytes& data, std::size_t chunk = 1 << 20) {
    Bytes header(8, 0);
    const auto length = static_cast<std::uint32_t>(data.size());
    std::memcpy(header.data(), &length, 4);
    header[4] = tag;
    bool taken = stick_->bulk_out(1, header);
    for (std::size_t at = 0; at < data.size(); at += chunk)
      taken = stick_->bulk_out(1, std::span(data).subspan(at, std::min(chunk, data.size() - at))) && taken;
    return taken;
  }
  Bytes instructions(int executable, int index, std::size_t op = 0) const {
    const auto bytes = packages_[op]
                           ->executables[static_cast<std::size_t>(executable)]
                           .instructions[static_cast<std::size_t>(index)]
                           .bytes;
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
  void upload(std::size_t op = 0) {
    send(0, instructions(1, 0, op));
    send(2, Bytes(128));
    EXPECT_TRUE(stick_->in(0x82, 16));
  }
  void infer(std::size_t op = 0, const Bytes& input = Bytes(8), Bytes* output = nullptr) {
    send(0, instructions(0, 0, op));
    send(1, input, 3);
    send(2, Bytes(64));
    send(0, instructions(0, 1, op));
    EXPECT_EQ(stick_->in(0x81, 1024)->size(), 24u);  // scratch out
    send(1, Bytes(48));
    EXPECT_FALSE(stick_->in(0x82, 16));  // not before the output has been fetched
    const auto first = stick_->in(0x81, 10), second = stick_->in(0x81, 10);
    ASSERT_TRUE(first && second) << errors();
    EXPECT_EQ(first->size(), 10u);
    EXPECT_EQ(second->size(), 6u);
    if (output) {
      *output = *first;
      output->insert(output->end(), second->begin(), second->end());
    }
    const auto event = stick_->in(0x82, 16);
    ASSERT_TRUE(event);
    EXPECT_EQ(event->size(), 16u);
    EXPECT_EQ((*event)[12], 4);
  }

  std::vector<std::vector<std::byte>> options_;
  std::vector<std::unique_ptr<format::edgetpu::Package>> packages_;
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
  EXPECT_TRUE(stick_->bulk_out(1, Bytes(3)));
  ASSERT_EQ(events_.size(), 1u);
  EXPECT_EQ(events_[0].kind, Event::Kind::Firmware);
  EXPECT_EQ(events_[0].bytes, 256u);
}

TEST_F(Client, AResetWithoutFirmwareChangesNothing) {
  plug(false);
  stick_->reset();
  EXPECT_EQ(stick_->product(), 0x089a);
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
  upload();
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

TEST_F(Client, AHeaderMayComeInPiecesAndSeveralMessagesInOne) {
  plug(true);
  const Bytes first = instructions(1, 0);
  Bytes stream(8, 0);
  stream[0] = static_cast<std::uint8_t>(first.size());
  stream.insert(stream.end(), first.begin(), first.end());
  Bytes header(8, 0);
  header[0] = 128;
  header[4] = 2;
  stream.insert(stream.end(), header.begin(), header.end());
  stream.resize(stream.size() + 128);
  EXPECT_TRUE(stick_->bulk_out(1, std::span(stream).first(5)));
  EXPECT_TRUE(stick_->bulk_out(1, std::span(stream).subspan(5)));
  EXPECT_TRUE(stick_->in(0x82, 16));
  EXPECT_EQ(errors(), "");
}

TEST_F(Client, ATransferAgainstTheHintsIsAnErrorWithBothFiguresAndTheStickStalls) {
  plug(true);
  upload();
  send(0, instructions(0, 0));
  EXPECT_FALSE(send(1, Bytes(9)));
  EXPECT_THAT(errors(), HasSubstr("9 B of input came, the hints say 8 B"));
  EXPECT_FALSE(stick_->bulk_out(1, Bytes(8)));
  stick_->reset();
  upload();
  EXPECT_TRUE(send(0, instructions(0, 0))) << "a reset brings it back";
  plug(true);
  upload();
  send(0, instructions(0, 0));
  EXPECT_FALSE(send(2, Bytes(64)));
  EXPECT_THAT(errors(), HasSubstr("64 B of parameters came, the hints say 8 B of input"));
  plug(true);
  EXPECT_FALSE(send(0, Bytes(77)));
  EXPECT_THAT(errors(), HasSubstr("begin no executable"));
  plug(true);
  EXPECT_FALSE(send(1, Bytes(8)));
  EXPECT_THAT(errors(), HasSubstr("8 B of input begin no executable"));
}

// A pair of another model: its instructions are recognised by their length.
std::vector<fake::TestExecutable> other_pair(std::uint64_t token) {
  auto pair = fake::cached_pair();
  for (fake::TestExecutable& executable : pair) {
    executable.token = token;
    for (std::size_t& chunk : executable.chunks) chunk += 4;
  }
  return pair;
}

TEST_F(Client, AnotherTokenTakesTheCache) {
  plug(true, {fake::cached_pair(), other_pair(8)});
  upload(0);
  infer(0);
  upload(1);
  infer(1);
  EXPECT_EQ(errors(), "");
  EXPECT_EQ(events_.back().op, 1u);
  EXPECT_FALSE(send(0, instructions(0, 0, 0)));
  EXPECT_THAT(errors(), HasSubstr("needs parameters of token 0000000000000007, the chip holds those of one operator "
                                  "with token 0000000000000008"));
}

TEST_F(Client, ModelsOfOneTokenShareTheCache) {
  plug(true, {fake::cached_pair(), other_pair(7)});
  upload(0);
  upload(1);
  for (std::size_t i = 0; i < 6; ++i) infer(i % 2);
  EXPECT_EQ(errors(), "");
}

TEST_F(Client, AnInferenceBeforeItsParametersIsAnError) {
  plug(true);
  EXPECT_FALSE(send(0, instructions(0, 0)));
  EXPECT_THAT(errors(), HasSubstr("the chip holds none"));
}

TEST_F(Client, AnswersWithWhatIsComputedOfTheInputs) {
  plug(true, {fake::cached_pair()}, [](const std::vector<Values>& inputs) -> base::Result<std::vector<Values>> {
    Values answer(16);
    for (std::size_t i = 0; i < 16; ++i) answer[i] = static_cast<std::uint8_t>(2 * inputs.at(0)[i % 8]);
    return std::vector<Values>{answer};
  });
  upload();
  Bytes output;
  infer(0, {1, 2, 3, 4, 5, 6, 7, 8}, &output);
  EXPECT_EQ(errors(), "");
  // Signed layers: the highest bit is inverted on the way in and on the way out.
  EXPECT_EQ(output,
            (Bytes{0x82, 0x84, 0x86, 0x88, 0x8A, 0x8C, 0x8E, 0x90, 0x82, 0x84, 0x86, 0x88, 0x8A, 0x8C, 0x8E, 0x90}));
  infer(0, Bytes(8, 9), &output);
  EXPECT_EQ(output, Bytes(16, 0x92)) << "of this inference's inputs";
}

TEST_F(Client, SaysWhyNothingCanBeComputed) {
  plug(true, {fake::cached_pair()}, [](const std::vector<Values>&) -> base::Result<std::vector<Values>> {
    return base::fail({.what = "it takes 7 B"});
  });
  upload();
  send(0, instructions(0, 0));
  send(1, Bytes(8));
  send(2, Bytes(64));
  send(0, instructions(0, 1));
  send(1, Bytes(48));
  EXPECT_THAT(errors(), HasSubstr("it takes 7 B"));
}

TEST_F(Client, TwoSticksKnowNothingOfEachOther) {
  plug(true);
  const auto other_options = fake::options_of(fake::cached_pair());
  const auto package = *format::edgetpu::read_package(other_options, "m");
  int others = 0;
  Stick other({{&package}}, Speed::High, false, [&others](const Event&) { ++others; });
  upload();
  infer();
  EXPECT_EQ(other.product(), 0x089a);
  EXPECT_FALSE(other.in(0x82, 16));
  EXPECT_EQ(others, 0);
}

TEST_F(Client, Usb2HasSmallerPackets) {
  plug(true);
  const Stick slow({}, Speed::High, true, [](const Event&) {});
  const auto fast_ends = stick_->configuration_descriptor(), slow_ends = slow.configuration_descriptor();
  EXPECT_EQ(fast_ends[18 + 5], 4) << "1024 B on USB 3";
  EXPECT_EQ(slow_ends[18 + 5], 2) << "512 B on USB 2";
}

}  // namespace
}  // namespace edgescope::virtual_usb::coral
