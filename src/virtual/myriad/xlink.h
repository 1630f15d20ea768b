// XLink, the framing on an NCS2's bulk endpoints: named streams of packets, each packet acknowledged.
//
// An event is a header of 84 bytes; a WRITE_REQ has its packet behind. Responses are the requests' numbers
// in the same order, from 9. Read from OpenVINO's public sources (Apache-2.0) and corrected on the wire.
#pragma once

#include <array>
#include <cstdint>

namespace edgescope::virtual_usb::myriad::xlink {

enum Type : std::uint32_t {
  kWrite = 0,
  kRead = 1,
  kReadRelease = 2,
  kReadReleaseSpecific = 3,
  kCreateStream = 4,
  kCloseStream = 5,
  kPing = 6,
  kReset = 7,
  kFirstResponse = 9
};
inline constexpr std::uint32_t kAcknowledged = 1;
inline constexpr std::size_t kNameBytes = 64;

struct Event {
  std::int32_t id = 0;
  std::uint32_t type = 0;
  std::array<char, kNameBytes> name{};  // of a stream that is created
  std::uint32_t stream = 0;
  std::uint32_t size = 0;  // of the packet
  std::uint32_t flags = 0;
};
static_assert(sizeof(Event) == 84);

}  // namespace edgescope::virtual_usb::myriad::xlink
