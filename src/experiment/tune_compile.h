// Searches the settings of a compiler, whose answer is exact: what it makes of a network under them. The NCS2's plugin
// answers on a simulated stick. Counts are no times: fewer stages are a shorter inference only among stages of the same
// kind.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "experiment/tune.h"

namespace edgescope::experiment {

// What a network became.
struct CompiledSize {
  std::uint64_t stages = 0, copies = 0;      // copies are among the stages
  std::uint64_t hardware = 0, shave = 0;     // stages of these engines
  std::uint64_t ddr_bytes = 0;               // for tensors between stages
  std::uint64_t cmx_slices = 0, shaves = 0;  // that one executor may use
};

enum class CompileObjective { Stages, Copies, Ddr };
std::string_view name_of(CompileObjective objective);  // "stages", "copies", "ddr"

// Whether `a` is better; the other two counts decide between equals.
bool better(const CompiledSize& a, const CompiledSize& b, CompileObjective objective);

struct CompileTrial {
  Arm arm;
  std::optional<CompiledSize> size;
  std::string refused;  // the compiler's words, where it takes the network under these settings not
};

struct TunedCompile {
  std::vector<CompileTrial> trials;  // the default first
  std::size_t winner = 0;            // among the trials; the first of equals, so 0 where nothing is better
};

using CompileArm = std::function<base::Result<CompiledSize>(const Settings&)>;

// Every candidate alone, then what helped alone put together, the best first, as long as it helps more. Fails where the
// network does not compile by default; a compiler that refuses settings is an answer.
base::Result<TunedCompile> tune_compile(const Space& space, CompileObjective objective, const CompileArm& compile);

}  // namespace edgescope::experiment
