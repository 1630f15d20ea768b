#include "experiment/tune_compile.h"

#include <algorithm>
#include <array>

namespace edgescope::experiment {
namespace {

std::array<std::uint64_t, 3> key(const CompiledSize& size, CompileObjective objective) {
  switch (objective) {
    case CompileObjective::Copies:
      return {size.copies, size.stages, size.ddr_bytes};
    case CompileObjective::Ddr:
      return {size.ddr_bytes, size.stages, size.copies};
    case CompileObjective::Stages:
      break;
  }
  return {size.stages, size.copies, size.ddr_bytes};
}

}  // namespace

std::string_view name_of(CompileObjective objective) {
  return objective == CompileObjective::Stages ? "stages" : objective == CompileObjective::Copies ? "copies" : "ddr";
}

bool better(const CompiledSize& a, const CompiledSize& b, CompileObjective objective) {
  return key(a, objective) < key(b, objective);
}

base::Result<TunedCompile> tune_compile(const Space& space, CompileObjective objective, const CompileArm& compile) {
  TunedCompile tuned;
  // The index of the trial, or nothing where the compiler refuses; an interrupted search fails as a whole.
  const auto attempt = [&](const Settings& settings) -> base::Result<std::optional<std::size_t>> {
    const auto known = std::find_if(tuned.trials.begin(), tuned.trials.end(),
                                    [&](const CompileTrial& trial) { return trial.arm.settings == settings; });
    if (known != tuned.trials.end())
      return known->size ? std::optional(static_cast<std::size_t>(known - tuned.trials.begin())) : std::nullopt;
    auto size = compile(settings);
    if (!size && size.error().fault == base::Fault::interrupted) return base::fail(size.error());
    CompileTrial& trial =
        tuned.trials.emplace_back(CompileTrial{{settings.empty() ? "default" : name_of(settings), settings}});
    if (!size) {
      trial.refused = size.error().message();
      return std::optional<std::size_t>();
    }
    trial.size = *size;
    return std::optional(tuned.trials.size() - 1);
  };
  const auto beats = [&](std::size_t a, std::size_t b) {
    return better(*tuned.trials[a].size, *tuned.trials[b].size, objective);
  };

  auto normal = compile({});
  if (!normal) return base::fail(normal.error());
  tuned.trials.push_back({{"default", {}}, *normal, {}});
  std::vector<std::size_t> helped;
  for (const Knob& knob : space.knobs)
    for (const Settings& settings : knob.candidates) {
      EDGESCOPE_TRY(trial, attempt(settings));
      if (trial && beats(*trial, 0)) helped.push_back(*trial);
    }
  std::stable_sort(helped.begin(), helped.end(), beats);
  for (const std::size_t one : helped) {
    Settings both = tuned.trials[tuned.winner].arm.settings;
    for (const auto& [name, value] : tuned.trials[one].arm.settings) both.emplace(name, value);
    EDGESCOPE_TRY(trial, attempt(both));
    if (trial && beats(*trial, tuned.winner)) tuned.winner = *trial;
  }
  return tuned;
}

}  // namespace edgescope::experiment
