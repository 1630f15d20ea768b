#include "target/edgetpu/driver_cache.h"

namespace edgescope::target::edgetpu {

Traffic DriverCache::run(const format::edgetpu::Package& package) {
  const Ledger sum = ledger(package);
  const auto* running = running_executable(package);
  const auto* caching = caching_executable(package);
  if (!running) return {};
  if (running->caching_token == 0 || running->caching_token != token_) {
    token_ = 0;
    cached_.clear();
  }
  if (!caching || cached_.contains(&package)) return sum.per_inference;
  token_ = caching->caching_token;
  cached_.insert(&package);
  return sum.first_inference;
}

}  // namespace edgescope::target::edgetpu
