// A small blob for tests: the stages' types, and words to fill them.
#pragma once

#include <cstring>
#include <vector>

#include "format/myriad/blob.h"

namespace edgescope::format::myriad::testing {

struct BlobSpec {
  std::vector<std::uint32_t> stages = {111, 38, 19};
  std::uint32_t input_bytes = 128, output_bytes = 64, bss_bytes = 4096, constants = 256;
};

inline std::vector<std::byte> make_blob(const BlobSpec& spec = {}) {
  std::vector<std::uint32_t> words(33);
  words[0] = 0x666c657f;  // 0x7f "elf"
  for (const std::uint32_t type : spec.stages)
    words.insert(words.end(), {20, type, type == 38 || type == 19 ? 0u : 4u, 7, 0x7f83ff19});
  const auto at = static_cast<std::uint32_t>(words.size() * 4);
  Header header{.magic = 9709,
                .file_bytes = at + spec.constants,
                .version = 6,
                .inputs = 1,
                .outputs = 1,
                .stages = static_cast<std::uint32_t>(spec.stages.size()),
                .input_bytes = spec.input_bytes,
                .output_bytes = spec.output_bytes,
                .batch = 1,
                .bss_bytes = spec.bss_bytes,
                .cmx_slices = 9,
                .shaves = 7,
                .has_hardware = 1,
                .has_shave = 1,
                .has_dma = 1,
                .inputs_at = 132,
                .outputs_at = 132,
                .stages_at = 132,
                .constants_at = at};
  std::vector<std::byte> blob(header.file_bytes);
  std::memcpy(blob.data(), words.data(), at);
  std::memcpy(blob.data() + 52, &header, sizeof header);
  return blob;
}

}  // namespace edgescope::format::myriad::testing
