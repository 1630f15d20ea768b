#include "format/myriad/blob.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/checked.h"

namespace edgescope::format::myriad {
namespace {

constexpr std::uint32_t kMagic = 9709, kVersion = 6, kStageBorder = 0x7f83ff19;
constexpr std::size_t kElfHeader = 52, kWord = 4;
constexpr std::array<unsigned char, 4> kElf = {0x7f, 'e', 'l', 'f'};
// The description of inputs and outputs before an exported blob holds little but their names.
constexpr std::size_t kLongestPrefix = 1 << 20;

constexpr std::uint32_t kHardwareStage = 38, kCopy = 19, kLoopStart = 119, kLoopEnd = 120;

std::string_view name_of(std::uint32_t type) {
  switch (type) {
#define STAGE(number, name) \
  case number:              \
    return name;
#include "format/myriad/stages.inc"
#undef STAGE
    default:
      return {};
  }
}

std::uint32_t word(std::span<const std::byte> bytes, std::uint64_t offset) {
  std::uint32_t value = 0;
  std::memcpy(&value, bytes.data() + offset, kWord);
  return value;
}

tl::unexpected<base::Error> broken(std::string what, const std::string& path, std::uint64_t offset) {
  return base::fail({.what = std::move(what),
                     .file = path,
                     .offset = offset,
                     .remedy = "The blob is damaged or cut off: compile the network again."});
}

}  // namespace

std::string_view engine_name(Engine engine) {
  return engine == Engine::Hardware ? "hardware" : engine == Engine::Shave ? "shave" : "dma";
}

Engine Stage::engine() const {
  if (type == kHardwareStage) return Engine::Hardware;
  return type == kCopy || type == kLoopStart || type == kLoopEnd ? Engine::Dma : Engine::Shave;
}

std::string Stage::kind() const {
  const std::string_view name = name_of(type);
  return name.empty() ? fmt::format("type {}", type) : std::string(name);
}

std::optional<std::uint64_t> find_blob(std::span<const std::byte> bytes) {
  const auto is_elf = [](std::byte a, unsigned char b) { return static_cast<unsigned char>(a) == b; };
  auto from = bytes.begin();
  const auto end = from + static_cast<std::ptrdiff_t>(std::min(bytes.size(), kLongestPrefix));
  while ((from = std::search(from, end, kElf.begin(), kElf.end(), is_elf)) != end) {
    const auto at = static_cast<std::uint64_t>(from - bytes.begin());
    if (base::within(at, kElfHeader + kWord, bytes.size()) && word(bytes, at + kElfHeader) == kMagic) return at;
    ++from;
  }
  return std::nullopt;
}

base::Result<Header> read_header(std::span<const std::byte> bytes, const std::string& path) {
  if (bytes.size() < kHeaderBytes) return broken("ends within a blob's header", path, bytes.size());
  Header header;
  std::memcpy(&header, bytes.data() + kElfHeader, sizeof header);
  if (header.magic != kMagic) return broken("is no blob for the Myriad X", path, kElfHeader);
  if (header.version != kVersion)
    return base::fail({.what = fmt::format("is a blob of version {}.{}; known is version {}", header.version,
                                           header.revision, kVersion),
                       .file = path});
  if (header.inputs_at > header.outputs_at || header.outputs_at > header.stages_at ||
      header.stages_at > header.constants_at || header.constants_at > header.file_bytes ||
      header.inputs_at < kHeaderBytes)
    return broken("is a blob whose sections lie in no order", path, kElfHeader);
  return header;
}

base::Result<Blob> read_blob(std::span<const std::byte> bytes, const std::string& path) {
  const auto offset = find_blob(bytes);
  if (!offset) return base::fail({.what = "holds no blob for the Myriad X", .file = path});
  bytes = bytes.subspan(*offset);
  EDGESCOPE_TRY(header, read_header(bytes, path));
  if (header.file_bytes > bytes.size())
    return broken(fmt::format("should hold {} bytes of blob, {} are there", header.file_bytes, bytes.size()), path,
                  *offset);
  Blob blob{.header = header, .offset = *offset, .stages = {}};
  constexpr std::uint64_t kShortest = 4 * kWord;  // length, type, SHAVEs, border
  std::uint64_t at = header.stages_at;
  // A stage takes 16 bytes at least, so that a count from the file cannot ask for more memory than the file has.
  if (header.stages > (header.constants_at - header.stages_at) / kShortest)
    return broken(fmt::format("has no room for its {} stages", header.stages), path, *offset + at);
  blob.stages.reserve(header.stages);
  for (std::uint32_t i = 0; i < header.stages; ++i) {
    if (!base::within(at, kShortest, header.constants_at))
      return broken(fmt::format("ends within stage {}", i), path, *offset + at);
    const std::uint32_t length = word(bytes, at);
    if (length < kShortest || !base::within(at, length, header.constants_at))
      return broken(fmt::format("stage {} has an impossible length", i), path, *offset + at);
    if (word(bytes, at + length - kWord) != kStageBorder)
      return broken(fmt::format("stage {} does not end where its length says", i), path, *offset + at);
    blob.stages.push_back(
        {.type = word(bytes, at + kWord), .shaves = word(bytes, at + 2 * kWord), .offset = at, .bytes = length});
    at += length;
  }
  return blob;
}

}  // namespace edgescope::format::myriad
