// The machine that a figure was measured on: what a reader needs to believe it, or to see why it differs
// from another's.
//
// Everything is read from /proc and /sys below a root folder, so that tests read recorded machines.
// What a machine does not tell is absent, never guessed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"

namespace edgescope::measure {

struct Environment {
  std::string cpu;      // "Intel(R) Xeon(R) Processor", "ARM part 0xd08"
  std::string machine;  // board or product, "Raspberry Pi 4 Model B Rev 1.2"
  int logical_cores = 0;
  int physical_cores = 0;             // 0: not told
  std::optional<double> cpu_limit;    // CPUs that the control group allows
  std::vector<std::string> features;  // instruction sets that decide which kernels a runtime takes
  std::optional<std::string> governor;
  std::optional<bool> turbo, smt;
  std::optional<double> load;  // average of the last minute
  std::string virtualisation;  // "none" or what betrays it
  std::string container;       // "none" or which
  std::string kernel;
  std::uint64_t memory_bytes = 0, memory_available_bytes = 0;
};

Environment read_environment(const std::string& root = "/");

// CPU time so far of the whole machine and of this program with its ended workers, in seconds.
struct CpuTime {
  double busy = 0, steal = 0;  // all CPUs; steal is what the hypervisor gave to others
  double own = 0;
  double wall = 0;  // of the steady clock
};

CpuTime read_cpu_time(const std::string& root = "/");

// What happened around a measurement.
struct Disturbance {
  std::optional<double> load_before, load_after;
  double other_cpus = 0;  // CPUs that other programs kept busy meanwhile
  double stolen_cpus = 0;
};

Disturbance disturbance(const Environment& before, const Environment& after, const CpuTime& begin, const CpuTime& end);

// Sentences for a reader: high load at the start, load that rose by more than `own_threads` explain, other
// programs or other virtual machines at work, a governor that changes the clock.
std::vector<std::string> warnings(const Environment& environment, const Disturbance& disturbance, int own_threads);

base::Json to_json(const Environment& environment, const Disturbance& disturbance);

}  // namespace edgescope::measure
