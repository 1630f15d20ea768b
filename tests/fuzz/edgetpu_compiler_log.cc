// Any text is a list of models, perhaps empty; counts in it are those of the text or absent.
#include <cstdint>
#include <cstdlib>

#include "format/edgetpu/compiler_log.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace edgescope::format::edgetpu;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static_cast<void>(is_compiler_log(text));
  for (const CompiledModelLog& model : parse_compiler_log(text))
    for (const OperatorRow& row : model.rows)
      if (row.op.empty() || row.status.empty() || row.count < 0) std::abort();
  return 0;
}
