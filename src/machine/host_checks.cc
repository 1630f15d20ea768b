// What makes measured times of this computer worse or less sure, whatever is plugged in.
#include <fmt/format.h>

#include "machine/check.h"

namespace edgescope::machine {
namespace {

Outcome governor(const Machine& machine) {
  if (!machine.host.governor) return {State::Unseen, "This system tells of no governor, as in most virtual machines."};
  const std::string& name = *machine.host.governor;
  if (name == "powersave" || name == "ondemand" || name == "conservative")
    return {State::Problem, fmt::format("The governor is {}.", name)};
  return {State::Ok, fmt::format("The governor is {}.", name)};
}

Outcome limit(const Machine& machine) {
  if (!machine.host.cpu_limit) return {State::Ok, "No control group limits the CPUs."};
  if (*machine.host.cpu_limit < machine.host.logical_cores)
    return {State::Problem, fmt::format("The control group allows {:g} of {} CPUs.", *machine.host.cpu_limit,
                                        machine.host.logical_cores)};
  return {State::Ok, fmt::format("The control group allows all {} CPUs.", machine.host.logical_cores)};
}

}  // namespace

std::vector<Check> host_checks() {
  return {
      {.id = "cpu-governor",
       .concerns = "measuring",
       .title = "The CPU's clock follows the load",
       .symptom = "Times fall while a benchmark runs and differ from run to run; waiting for a stick takes longer than "
                  "it needs.",
       .cause = "The governor lowers the clock while the CPU waits, as it does for each answer of a stick.",
       .cure = "`sudo cpupower frequency-set -g performance` while you measure.",
       .sources = {},
       .look = governor},
      {.id = "cpu-limit",
       .concerns = "measuring",
       .title = "A control group takes CPUs away",
       .symptom = "With more threads than CPUs allowed, single inferences take many times as long as others.",
       .cause =
           "The container's share of CPU time is used up within a period, and it is stopped until the next one begins.",
       .cure = "Measure with at most that many threads (`--threads`), or raise the limit (`docker run --cpus`).",
       .sources = {},
       .look = limit},
  };
}

}  // namespace edgescope::machine
