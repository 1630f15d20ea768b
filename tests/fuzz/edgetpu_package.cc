// The options of an edgetpu-custom-op: any bytes are an error, or a package whose account adds up and that
// everything behind the reader takes. The same bytes are also tried as the one executable of a sound
// package, because few mutations get through all the wrapping.
#include <cstdint>
#include <cstdlib>
#include <numeric>

#include "format/edgetpu/package.h"
#include "format/edgetpu/test_package.h"
#include "target/edgetpu/ledger.h"
#include "target/edgetpu/placement.h"

namespace {

using namespace edgescope;

void read(std::span<const std::byte> options) {
  const auto package = format::edgetpu::read_package(options, "input");
  if (!package) return;
  const auto& owned = package->owned_bytes;
  if (std::accumulate(owned.begin(), owned.end(), std::uint64_t{0}) != options.size()) std::abort();
  static_cast<void>(target::edgetpu::ledger(*package));
  for (const auto& executable : package->executables) {
    for (const auto& step : executable.steps)
      if (step.kind == format::edgetpu::DmaStep::Kind::Parameters &&
          step.offset + step.bytes > executable.parameters.size())
        std::abort();
    static_cast<void>(target::edgetpu::rows_used(target::edgetpu::placement(executable)));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  read(std::as_bytes(std::span(data, size)));
  read(format::edgetpu::testing::options_of(
      std::vector<std::string>{std::string(reinterpret_cast<const char*>(data), size)}));
  return 0;
}
