// What can be set in a runtime and is worth trying for speed: the settings that the runtime itself lists, with the
// values that it says they take. Settings that change predictions, or have nothing to do with speed, are listed and not
// tried, with the reason.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/oracle.h"

namespace edgescope::experiment {

using Settings = std::map<std::string, std::string>;

struct Knob {
  std::string name;
  std::string value;                 // without anybody setting it
  std::vector<std::string> options;  // values that the runtime states; empty where it states none
  std::string range;                 // in words: "whole numbers from 0", "1 to 2"; empty where it is not told
  std::vector<Settings> candidates;  // what is tried: mostly this one setting at another value
  std::string why_not;               // why nothing is, where nothing is
  bool documented = true;            // false: the runtime takes it but does not list it
};

struct Space {
  std::vector<Knob> knobs;
  std::size_t read_only = 0;                            // properties that can only be read
  std::vector<std::pair<std::string, Settings>> hints;  // the runtime's own ways to say what is wanted
};

struct SpaceRequest {
  std::string on;  // "openvino:CPU", "ie2021:CPU", "ncs2:virtual", "litert"
  int cores = 1;
  bool change_predictions = false;  // settings that do are tried too
};

Space tuning_space(const SpaceRequest& request, const runtime::Properties& properties);

// The values named in a runtime's complaint about one that it does not take: "Expected only
// ov::hint::PerformanceMode::LATENCY/THROUGHPUT." names two, "Expected only true/false" means YES and NO.
std::vector<std::string> options_in(std::string_view words);

}  // namespace edgescope::experiment
