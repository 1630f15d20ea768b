// A forest's program on a real runtime: rows go in, the leaves that they reach and their results come out. The
// program is made in the form that the runtime takes, written to a file of its own, and run in a worker.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/forest_choice.h"
#include "base/error.h"
#include "forest/rows.h"
#include "forest/uniform.h"
#include "format/forest/ensemble.h"
#include "runtime/catalog.h"

namespace edgescope::analysis {

enum class ForestStrategy : std::uint8_t { Exact, Gemm, Tt, Ptt };
std::string_view forest_strategy_name(ForestStrategy strategy);  // "exact", ...

struct ForestAnswers {
  std::vector<int> leaves;      // [rows, trees]
  std::vector<double> results;  // [rows, columns]
  std::string format;           // of the program's file
  std::string precision;        // in which the runtime says that it computes
  // What the program reads a row's numbers as; nothing where it reads ranks, which hold them all.
  std::optional<forest::Number> number;
  std::vector<std::string> notes;  // what the runtime does that may change predictions, and how to keep it from that
};

struct ForestRun {
  runtime::Found runtime;
  ForestStrategy strategy = ForestStrategy::Exact;
  // Whose program. A CPU's runtime runs that of a device, too, where it reads the format: on real kernels, which no
  // simulated stick has. Runtimes that compute on the NCS2 take its program anyway.
  ForestTarget target = ForestTarget::Cpu;
  int threads = 1;
  std::map<std::string, std::string> properties;
};

// A valid ensemble. Runtimes that do not compute (simulated sticks) are an error that says so.
base::Result<ForestAnswers> run_forest(const forest::Ensemble& ensemble, const forest::Rows& rows,
                                       const ForestRun& run);

}  // namespace edgescope::analysis
