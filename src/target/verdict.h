// What a device makes of one operator: the answer that every target gives in the same words.
#pragma once

#include <string>
#include <string_view>

namespace edgescope::target {

enum class Mapping {
  Mapped,   // runs on the device
  Cpu,      // is left to the CPU
  Rejected  // makes the vendor's compiler fail
};

constexpr std::string_view mapping_name(Mapping mapping) {
  return mapping == Mapping::Mapped ? "mapped" : mapping == Mapping::Cpu ? "cpu" : "rejected";
}

struct Verdict {
  int op = -1;  // operator of the main subgraph
  Mapping mapping = Mapping::Mapped;
  std::string status;  // in the vendor's words, where they are known
  std::string reason;  // in ours: what about this operator
  std::string remedy;
  bool verified = true;  // false where the constraint was seen in no public source
  int blocked_by = -1;   // another operator whose own obstacle keeps this one off the device
};

}  // namespace edgescope::target
