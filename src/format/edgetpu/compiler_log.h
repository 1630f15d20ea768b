// What edgetpu_compiler prints (all versions from 1.0 to 16), or writes beside its output as `*_edgetpu.log`.
//
// Versions up to 2.0 print the on-chip memory that was *available* before a model, later ones what
// *remained* after it: two figures, kept apart. Sizes are printed with two decimals, so the bytes here
// are rounded as the log is. Text around the log (shell prompts, notebook cells, carriage returns) is
// passed over.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace edgescope::format::edgetpu {

struct OperatorRow {
  std::string op;
  std::int64_t count = 0;
  std::string status;  // "Mapped to Edge TPU", "More than one subgraph is not supported", ...
};

// One model of a log: several where models were compiled together, compiled into segments, or where
// several logs stand in one file.
struct CompiledModelLog {
  std::string compiler;  // "16.0.384591198"
  std::string input_model, output_model;
  std::optional<std::uint64_t> input_bytes, output_bytes;
  std::optional<std::uint64_t> on_chip_used, on_chip_available, on_chip_remaining, off_chip_used;  // bytes
  std::optional<std::int64_t> subgraphs, operations;
  std::optional<std::int64_t> on_edgetpu, on_cpu;  // operators, where the log counts them
  std::vector<OperatorRow> rows;
  std::string failure;  // the compiler's own words, empty where it succeeded
};

// True where the text holds a line that only the compiler writes.
bool is_compiler_log(std::string_view text);

// Never fails: what is not understood is passed over.
std::vector<CompiledModelLog> parse_compiler_log(std::string_view text);

}  // namespace edgescope::format::edgetpu
