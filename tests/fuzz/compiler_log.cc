// Any text is a list of models, each with what it was asked for: no count that no line can have said.
#include "format/edgetpu/compiler_log.h"

#include <cstdint>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace edgescope::format::edgetpu;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static_cast<void>(is_compiler_log(text));
  for (const CompiledModelLog& model : parse_compiler_log(text))
    for (const OperatorRow& row : model.rows)
      if (row.count < 0 || row.op.empty() || row.status.empty() || text.find(row.status) == std::string_view::npos)
        std::abort();
  return 0;
}
