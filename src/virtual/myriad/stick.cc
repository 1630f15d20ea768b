#include "virtual/myriad/stick.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace edgescope::virtual_usb::myriad {
namespace {

constexpr std::uint8_t kOut = 0x01, kIn = 0x81;

// Commands on the streams `deviceMonitor` and `graphMonitor`, and what the graph monitor answers.
enum DeviceCommand : std::uint32_t { kThermal = 0, kCapabilities = 1, kUsedMemory = 2, kDeviceId = 3 };
enum GraphCommand : std::uint32_t {
  kAllocate,
  kDeallocate,
  kTrigger,
  kVerify,
  kVerifyAllocation,
  kBufferAllocate,
  kBufferDeallocate,
  kTimes,
  kDebug
};
enum Answer : std::uint32_t { kDone = 0, kUnsupported = 3, kInvalidHandle = 4, kOutOfMemory = 10 };

// A command to the graph monitor; those for buffers end otherwise, behind the name.
struct GraphMessage {
  std::uint32_t command = 0, id = 0;
  std::array<char, xlink::kNameBytes> stream{};
  std::uint32_t input_buffer = 0, output_buffer = 0, executors = 0;
};

struct TensorDescriptor {
  std::uint32_t n = 1, c = 1, w = 1, h = 1, bytes = 0;
};

// As much of a structure as the packet holds; the rest stays zero.
template <typename T>
T read(std::span<const std::uint8_t> packet) {
  T value{};
  std::memcpy(&value, packet.data(), std::min(packet.size(), sizeof value));
  return value;
}

template <typename T>
std::span<const std::uint8_t> bytes_of(const T& value) {
  return {reinterpret_cast<const std::uint8_t*>(&value), sizeof value};
}

std::string text(const std::array<char, xlink::kNameBytes>& name) {
  return {name.data(), strnlen(name.data(), name.size())};
}

TensorDescriptor descriptor(std::uint32_t bytes) { return {.w = bytes, .bytes = bytes}; }

}  // namespace

std::vector<std::uint8_t> Stick::configuration_descriptor() const {
  const std::uint16_t packet = speed_ == Speed::Super ? 1024 : 512;
  const auto low = static_cast<std::uint8_t>(packet & 0xFF), high = static_cast<std::uint8_t>(packet >> 8);
  return {9, 2, 32, 0, 1,    1, 0,   0x80, 0xFA, 9, 4, 0,   0, 2,   0xFF, 0,
          0, 0, 7,  5, kOut, 2, low, high, 0,    7, 5, kIn, 2, low, high, 0};
}

std::optional<std::vector<std::uint8_t>> Stick::control(const Setup&, std::span<const std::uint8_t>) {
  return std::vector<std::uint8_t>{};
}

bool Stick::bulk_out(std::uint8_t endpoint, Bytes data) {
  if (endpoint != kOut || state_ == State::Leaving) return false;
  if (state_ == State::Unbooted) {
    firmware_bytes_ += data.size();
    return true;
  }
  incoming_.insert(incoming_.end(), data.begin(), data.end());
  std::size_t at = 0;
  while (incoming_.size() - at >= sizeof(xlink::Event)) {
    const auto header = read<xlink::Event>(Bytes(incoming_).subspan(at));
    const std::size_t packet = header.type == xlink::kWrite ? header.size : 0;
    if (incoming_.size() - at - sizeof(xlink::Event) < packet) break;
    event(header, Bytes(incoming_).subspan(at + sizeof(xlink::Event), packet));
    at += sizeof(xlink::Event) + packet;
  }
  incoming_.erase(incoming_.begin(), incoming_.begin() + static_cast<std::ptrdiff_t>(at));
  return true;
}

std::optional<std::vector<std::uint8_t>> Stick::in(std::uint8_t endpoint, std::size_t limit) {
  if (endpoint != kIn || outgoing_.empty()) return std::nullopt;
  const auto end = outgoing_.begin() + static_cast<std::ptrdiff_t>(std::min(limit, outgoing_.size()));
  std::vector<std::uint8_t> packet(outgoing_.begin(), end);
  outgoing_.erase(outgoing_.begin(), end);
  return packet;
}

void Stick::closed() {
  if (state_ == State::Unbooted && firmware_bytes_ > 0) {
    state_ = State::Booted;
    listener_({.kind = Event::Kind::Boot, .bytes = firmware_bytes_, .message = {}});
  } else if (state_ == State::Leaving) {
    state_ = State::Unbooted;
    incoming_.clear();
    outgoing_.clear();
    streams_.clear();
    graphs_.clear();
  }
  firmware_bytes_ = 0;
}

void Stick::event(const xlink::Event& request, Bytes packet) {
  if (request.type > xlink::kReset) return;  // the host's responses to our own requests
  respond(request);
  switch (request.type) {
    case xlink::kCreateStream:
      streams_[request.stream] = text(request.name);
      return;
    case xlink::kCloseStream:
      streams_.erase(request.stream);
      return;
    case xlink::kReset:
      state_ = State::Leaving;
      return;
    case xlink::kWrite:
      break;
    default:
      return;
  }
  // The packet is taken at once: the host may count on the room that it took.
  const xlink::Event release{
      .id = ++next_id_, .type = xlink::kReadRelease, .stream = request.stream, .size = request.size};
  outgoing_.insert(outgoing_.end(), bytes_of(release).begin(), bytes_of(release).end());
  const auto it = streams_.find(request.stream);
  if (it == streams_.end())
    return error(fmt::format("{} bytes came on stream {}, which is not open", packet.size(), request.stream));
  const std::string& name = it->second;
  if (name == "deviceMonitor")
    device_command(request.stream, packet);
  else if (name == "graphMonitor")
    graph_command(request.stream, packet);
  else if (announced_.pending && request.stream == announced_.stream)
    graph_packet(packet);
  else if (name.starts_with("FIFO"))
    input_bytes_ += packet.size();
}

void Stick::device_command(std::uint32_t stream, Bytes packet) {
  constexpr std::size_t kThermalBytes = 104;
  constexpr std::uint32_t kMyriadX = 0x2480;  // the second word of the firmware's version
  switch (read<std::uint32_t>(packet)) {
    case kThermal:
      return write(stream, std::vector<std::uint8_t>(kThermalBytes));
    // Graphs, FIFOs, memory, executors; the firmware's version; that of its tensors.
    case kCapabilities:
      return write(stream, bytes_of(std::array<std::uint32_t, 10>{100, 200, kMemoryBytes, 4, 1, kMyriadX, 0, 0, 1, 0}));
    case kUsedMemory:
      return write_word(stream, static_cast<std::uint32_t>(used_memory()));
    default:
      return;  // watchdog, power and redirection want no answer
  }
}

void Stick::graph_command(std::uint32_t monitor, Bytes packet) {
  const auto message = read<GraphMessage>(packet);
  const auto graph = graphs_.find(message.id);
  switch (message.command) {
    case kVerify:
    case kAllocate:
      announced_ = {.pending = true,
                    .whole = message.command == kAllocate,
                    .graph = message.id,
                    .monitor = monitor,
                    .stream = stream_named(text(message.stream))};
      return;  // answered when the graph has come
    case kDeallocate:
      graphs_.erase(message.id);
      return write_word(monitor, kDone);
    case kVerifyAllocation:
      return write_word(monitor, graph == graphs_.end()         ? kInvalidHandle
                                 : used_memory() > kMemoryBytes ? kOutOfMemory
                                                                : kDone);
    case kTrigger: {
      if (graph == graphs_.end()) return write_word(monitor, kInvalidHandle);
      listener_({.kind = Event::Kind::Infer, .bytes = input_bytes_, .graph = message.id, .message = {}});
      input_bytes_ = 0;
      write_word(monitor, kDone);
      return write(stream_named(fmt::format("FIFO{}", message.output_buffer)),
                   std::vector<std::uint8_t>(graph->second.header.output_bytes));
    }
    case kTimes: {
      if (graph == graphs_.end()) return write_word(monitor, kInvalidHandle);
      // A time for each stage, that of receiving and that of the thread: none of them means anything here.
      write(graph->second.stream, std::vector<std::uint8_t>((graph->second.header.stages + 2) * sizeof(float)));
      return write_word(monitor, kDone);
    }
    case kDebug: {
      constexpr std::size_t kDebugBytes = 120;
      if (graph != graphs_.end()) write(graph->second.stream, std::vector<std::uint8_t>(kDebugBytes));
      return write_word(monitor, kDone);
    }
    default:
      return write_word(monitor, kDone);  // buffers
  }
}

void Stick::graph_packet(Bytes packet) {
  announced_.pending = false;
  if (announced_.whole) return allocate(packet);
  const auto header = format::myriad::read_header(std::as_bytes(packet), "the graph's header");
  if (!header) error(header.error().message());
  write_word(announced_.monitor, header ? kDone : kUnsupported);
}

void Stick::allocate(Bytes packet) {
  const auto blob = format::myriad::read_blob(std::as_bytes(packet), "the graph");
  if (!blob) {
    error(blob.error().message());
    for (int i = 0; i < 3; ++i) write_word(announced_.stream, kUnsupported);
    return write_word(announced_.monitor, kUnsupported);
  }
  const format::myriad::Header& header = blob->header;
  graphs_[announced_.graph] = {.stream = announced_.stream, .header = header};
  listener_({.kind = Event::Kind::Allocate,
             .bytes = packet.size(),
             .graph = announced_.graph,
             .header = header,
             .message = {}});
  write(announced_.stream, bytes_of(descriptor(header.input_bytes)));
  write(announced_.stream, bytes_of(descriptor(header.output_bytes)));
  write_word(announced_.stream, header.stages);
  write_word(announced_.monitor, kDone);
}

void Stick::respond(const xlink::Event& request) {
  xlink::Event response = request;
  response.type += xlink::kFirstResponse;
  response.flags = xlink::kAcknowledged;
  const Bytes bytes = bytes_of(response);
  outgoing_.insert(outgoing_.end(), bytes.begin(), bytes.end());
}

void Stick::write(std::uint32_t stream, Bytes packet) {
  const xlink::Event event{
      .id = ++next_id_, .type = xlink::kWrite, .stream = stream, .size = static_cast<std::uint32_t>(packet.size())};
  const Bytes header = bytes_of(event);
  outgoing_.insert(outgoing_.end(), header.begin(), header.end());
  outgoing_.insert(outgoing_.end(), packet.begin(), packet.end());
}

void Stick::write_word(std::uint32_t stream, std::uint32_t word) { write(stream, bytes_of(word)); }

std::uint32_t Stick::stream_named(const std::string& name) const {
  for (const auto& [id, known] : streams_)
    if (known == name) return id;
  return ~0u;
}

std::uint64_t Stick::used_memory() const {
  std::uint64_t sum = 0;
  for (const auto& [id, graph] : graphs_) sum += std::uint64_t{graph.header.file_bytes} + graph.header.bss_bytes;
  return sum;
}

}  // namespace edgescope::virtual_usb::myriad
