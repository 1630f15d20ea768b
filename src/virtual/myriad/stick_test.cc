#include "virtual/myriad/stick.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "format/myriad/test_blob.h"

namespace edgescope::virtual_usb::myriad {
namespace {

using ::testing::HasSubstr;
using Bytes = std::vector<std::uint8_t>;

Bytes blob(const format::myriad::testing::BlobSpec& spec = {}) {
  const auto bytes = format::myriad::testing::make_blob(spec);
  Bytes copy(bytes.size());
  std::memcpy(copy.data(), bytes.data(), bytes.size());
  return copy;
}

Bytes words(std::initializer_list<std::uint32_t> values) {
  Bytes bytes(values.size() * 4);
  std::memcpy(bytes.data(), std::data(values), bytes.size());
  return bytes;
}

// Speaks the plugin's side of the protocol.
class Client : public ::testing::Test {
 protected:
  void boot() {
    stick_.opened();
    EXPECT_TRUE(stick_.bulk_out(1, Bytes(1000)));
    EXPECT_TRUE(stick_.bulk_out(1, Bytes(24)));
    stick_.closed();
    stick_.opened();
  }

  void send(std::uint32_t type, std::uint32_t stream, const Bytes& packet = {}, const std::string& name = {}) {
    xlink::Event event{.id = ++id_, .type = type, .stream = stream, .size = static_cast<std::uint32_t>(packet.size())};
    std::memcpy(event.name.data(), name.data(), name.size());
    Bytes bytes(sizeof event);
    std::memcpy(bytes.data(), &event, sizeof event);
    bytes.insert(bytes.end(), packet.begin(), packet.end());
    // In pieces: the link knows no borders between events.
    for (std::size_t at = 0; at < bytes.size(); at += 50)
      EXPECT_TRUE(stick_.bulk_out(1, std::span(bytes).subspan(at, std::min<std::size_t>(50, bytes.size() - at))));
  }
  Bytes take(std::size_t size) {
    Bytes bytes;
    while (bytes.size() < size) {
      const auto part = stick_.in(0x81, size - bytes.size());
      if (!part) break;
      bytes.insert(bytes.end(), part->begin(), part->end());
    }
    return bytes;
  }
  xlink::Event next() {
    xlink::Event event{.type = 999};
    const Bytes bytes = take(sizeof event);
    if (bytes.size() == sizeof event) std::memcpy(&event, bytes.data(), sizeof event);
    return event;
  }
  void open(std::uint32_t stream, const std::string& name) {
    send(xlink::kCreateStream, stream, {}, name);
    const xlink::Event response = next();
    EXPECT_EQ(response.type, xlink::kCreateStream + xlink::kFirstResponse);
    EXPECT_EQ(response.id, id_);
    EXPECT_EQ(response.stream, stream);
    EXPECT_EQ(response.flags, xlink::kAcknowledged);
  }
  // Writes a packet, which is acknowledged and released.
  void write(std::uint32_t stream, const Bytes& packet) {
    send(xlink::kWrite, stream, packet);
    EXPECT_EQ(next().type, xlink::kWrite + xlink::kFirstResponse);
    const xlink::Event release = next();
    EXPECT_EQ(release.type, xlink::kReadRelease);
    EXPECT_EQ(release.size, packet.size());
    send(xlink::kReadRelease + xlink::kFirstResponse, stream);
  }
  // The packet that the stick writes on this stream.
  Bytes packet(std::uint32_t stream) {
    const xlink::Event event = next();
    EXPECT_EQ(event.type, xlink::kWrite);
    EXPECT_EQ(event.stream, stream);
    return take(event.size);
  }

  static Bytes command(std::uint32_t kind, std::uint32_t graph, const std::string& stream = {}, std::uint32_t input = 0,
                       std::uint32_t output = 0) {
    Bytes bytes = words({kind, graph});
    bytes.resize(72);
    std::memcpy(bytes.data() + 8, stream.data(), stream.size());
    const Bytes tail = words({input, output, 1});
    bytes.insert(bytes.end(), tail.begin(), tail.end());
    return bytes;
  }
  // What the graph monitor says in the end.
  Bytes allocate(std::uint32_t graph, const Bytes& bytes) {
    const std::string name = "graphBuffer" + std::to_string(graph);
    const std::uint32_t stream = 10 + graph;
    open(stream, name);
    write(2, command(3, graph, name));
    write(stream, Bytes(bytes.begin(), bytes.begin() + 132));
    EXPECT_EQ(packet(2), words({0}));
    write(2, command(0, graph, name));
    write(stream, bytes);
    EXPECT_EQ(packet(stream), words({1, 1, 128, 1, 128}));
    EXPECT_EQ(packet(stream), words({1, 1, 64, 1, 64}));
    EXPECT_EQ(packet(stream), words({3}));
    EXPECT_EQ(packet(2), words({0}));
    write(2, command(4, graph));
    return packet(2);
  }

  std::vector<Event> events_;
  Stick stick_{Speed::Super, [this](const Event& event) { events_.push_back(event); }};
  std::int32_t id_ = 0;
};

TEST_F(Client, TheFirmwareMakesAnotherDeviceOfIt) {
  EXPECT_EQ(stick_.vendor(), 0x03e7);
  EXPECT_EQ(stick_.product(), 0x2485);
  stick_.opened();
  stick_.closed();  // nothing came
  EXPECT_EQ(stick_.product(), 0x2485);
  boot();
  EXPECT_EQ(stick_.product(), 0xf63b);
  ASSERT_EQ(events_.size(), 1u);
  EXPECT_EQ(events_[0].bytes, 1024u);
  stick_.closed();
  EXPECT_EQ(stick_.product(), 0xf63b);
}

TEST_F(Client, AResetSendsItOffTheBus) {
  boot();
  send(xlink::kReset, 0);
  EXPECT_TRUE(stick_.present());
  EXPECT_EQ(next().type, xlink::kReset + xlink::kFirstResponse);
  EXPECT_FALSE(stick_.present());
  EXPECT_FALSE(stick_.bulk_out(1, Bytes(84)));
  stick_.closed();
  EXPECT_TRUE(stick_.present());
  EXPECT_EQ(stick_.product(), 0x2485);
}

TEST_F(Client, TheDeviceMonitorSaysThatItIsAMyriadX) {
  boot();
  open(1, "deviceMonitor");
  write(1, words({1, 0}));
  const Bytes capabilities = packet(1);
  ASSERT_EQ(capabilities.size(), 40u);
  std::uint32_t version = 0;
  std::memcpy(&version, capabilities.data() + 5 * 4, 4);
  EXPECT_EQ(version, 0x2480u);
  write(1, words({0, 0}));
  EXPECT_EQ(packet(1).size(), 104u);
  write(1, words({4, 0}));  // the watchdog wants no answer
  EXPECT_EQ(next().type, 999u);
  send(xlink::kPing, 0);
  EXPECT_EQ(next().type, xlink::kPing + xlink::kFirstResponse);
}

TEST_F(Client, TakesAGraphAndAnswersInferences) {
  boot();
  open(1, "deviceMonitor");
  open(2, "graphMonitor");
  EXPECT_EQ(allocate(0, blob()), words({0}));
  ASSERT_EQ(events_.back().kind, Event::Kind::Allocate);
  EXPECT_EQ(events_.back().header.stages, 3u);
  open(4, "FIFO0");
  open(5, "FIFO1");
  write(2, command(5, 0, "FIFO0"));
  EXPECT_EQ(packet(2), words({0}));
  for (int i = 0; i < 2; ++i) {
    write(4, Bytes(128));
    write(2, command(2, 0, {}, 0, 1));
    EXPECT_EQ(packet(2), words({0}));
    EXPECT_EQ(packet(5), Bytes(64));
    EXPECT_EQ(events_.back().kind, Event::Kind::Infer);
    EXPECT_EQ(events_.back().bytes, 128u);
  }
  write(2, command(7, 0));
  EXPECT_EQ(packet(10).size(), 5 * sizeof(float));
  EXPECT_EQ(packet(2), words({0}));
  write(1, words({2, 0}));
  const auto header = events_[1].header;
  EXPECT_EQ(packet(1), words({header.file_bytes + header.bss_bytes}));
  write(2, command(1, 0));
  EXPECT_EQ(packet(2), words({0}));
  write(1, words({2, 0}));
  EXPECT_EQ(packet(1), words({0}));
  send(xlink::kCloseStream, 10);
  EXPECT_EQ(next().type, xlink::kCloseStream + xlink::kFirstResponse);
  write(2, command(2, 0, {}, 0, 1));
  EXPECT_NE(packet(2), words({0}));  // the graph is gone
}

TEST_F(Client, WhatDoesNotFitIntoItsMemoryIsRefused) {
  boot();
  open(2, "graphMonitor");
  EXPECT_EQ(allocate(0, blob({.bss_bytes = 300u << 20})), words({0}));
  EXPECT_EQ(allocate(1, blob({.bss_bytes = 300u << 20})), words({10}));
}

TEST_F(Client, ABrokenGraphIsRefused) {
  boot();
  open(2, "graphMonitor");
  open(10, "graphBuffer0");
  write(2, command(3, 0, "graphBuffer0"));
  write(10, Bytes(132));
  EXPECT_NE(packet(2), words({0}));
  EXPECT_THAT(events_.back().message, HasSubstr("no blob"));
  write(2, command(0, 0, "graphBuffer0"));
  write(10, Bytes(500));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(packet(10).size(), 4u);
  EXPECT_NE(packet(2), words({0}));
  write(77, Bytes(4));
  EXPECT_THAT(events_.back().message, HasSubstr("stream 77"));
}

}  // namespace
}  // namespace edgescope::virtual_usb::myriad
