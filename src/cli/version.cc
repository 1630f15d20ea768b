#include "cli/version.h"

#include <fmt/format.h>

#include "git_id.h"
#include "runtime/catalog.h"

namespace edgescope::cli {

std::string version_text() {
  std::string runtimes;
  for (const runtime::Found& found : runtime::installed()) runtimes += (runtimes.empty() ? "" : ", ") + found.name;
  return fmt::format("edgescope {} ({})\nruntimes: {}", EDGESCOPE_VERSION, EDGESCOPE_GIT_ID,
                     runtimes.empty() ? "none found; `edgescope doctor` says what brings them" : runtimes);
}

}  // namespace edgescope::cli
