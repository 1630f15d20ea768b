// What the vendor's driver keeps on a stick from one inference to the next, and so what each inference
// sends: the driver's own rule (google-coral/libedgetpu, driver/driver.cc), byte for byte.
//
// The driver notes one caching token and which caching executables have run under it. An inference whose
// token is another one, or 0, makes it forget all; an inference whose parameters are not noted sends them
// first. It looks at nothing else: models with equal tokens are taken to have shares of one memory.
#pragma once

#include <cstdint>
#include <set>

#include "target/edgetpu/ledger.h"

namespace edgescope::target::edgetpu {

class DriverCache {
 public:
  // One inference; what it sends. The package is told from others by its address.
  Traffic run(const format::edgetpu::Package& package);

 private:
  std::uint64_t token_ = 0;
  std::set<const format::edgetpu::Package*> cached_;
};

}  // namespace edgescope::target::edgetpu
