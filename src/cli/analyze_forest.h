// edgescope analyze FOREST: every strategy on every target, measured or predicted, whether the exact program is exact,
// and which device and which file that makes.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/command.h"
#include "runtime/catalog.h"

namespace edgescope::cli {

struct ForestAnalysis {
  std::string forest, html;
  std::string folder;           // where the chosen programs are written; empty: nowhere
  std::vector<std::string> on;  // empty: every installed CPU runtime
  int batch = 1000;             // beside 1
  int threads = 1;
  std::uint64_t seed = 1;
  std::optional<double> time_limit;  // of each program in each runtime
  bool quick = false;
  runtime::Places places;
};

// The user's folder for files; it may be there already.
base::Status make_folder(const std::string& path);

base::Result<int> analyze_forest(const Shared& shared, const ForestAnalysis& options);

}  // namespace edgescope::cli
