// What an Edge TPU model moves and keeps: parameters cached on the chip, parameters streamed at every
// inference, instructions (sent again at every inference), inputs, outputs, scratch.
//
// All of it is exact: the driver sends what the DMA hints say, in their order. Identities and field
// meanings: google-coral/libedgetpu's driver; checked on 335 executables and, byte for byte, on the
// vendor's runtime running on a virtual stick.
#pragma once

#include <cstdint>
#include <span>

#include "base/json.h"
#include "format/edgetpu/package.h"

namespace edgescope::target::edgetpu {

// Bytes over the link, by what they are.
struct Traffic {
  std::uint64_t instructions = 0, input = 0, parameters = 0, output = 0, scratch_in = 0, scratch_out = 0;

  std::uint64_t total() const { return instructions + input + parameters + output + scratch_in + scratch_out; }
  Traffic& operator+=(const Traffic& other);
  bool operator==(const Traffic&) const = default;
};

base::Json to_json(const Traffic& traffic);  // a member a field, as every document has them

// One run of one executable. Where it has no DMA hints, what its parts weigh.
Traffic traffic(const format::edgetpu::Executable& executable);

struct Ledger {
  std::uint64_t cached_parameter_bytes = 0;    // of PARAMETER_CACHING executables
  std::uint64_t streamed_parameter_bytes = 0;  // of all others: sent at every inference
  std::uint64_t instruction_bytes = 0;         // of all executables
  Traffic per_inference;                       // steady state: EXECUTION_ONLY, else STAND_ALONE
  Traffic first_inference;                     // with the caching run

  Ledger& operator+=(const Ledger& other);
};

Ledger ledger(const format::edgetpu::Package& package);

// The executable that every inference runs, and the one that puts the parameters on the chip before it
// (null where the package has none).
const format::edgetpu::Executable* running_executable(const format::edgetpu::Package& package);
const format::edgetpu::Executable* caching_executable(const format::edgetpu::Package& package);

// Over all Edge TPU operators of a file, each run once.
Ledger ledger(std::span<const format::edgetpu::Package> packages);

}  // namespace edgescope::target::edgetpu
