// What is known to go wrong when a computer is set up for these accelerators, one check a known trouble: how it shows,
// why, what ends it, and where it was reported. Some can be seen on the machine; of the others doctor says which
// command shows them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "machine/machine.h"

namespace edgescope::machine {

enum class State {
  Problem,        // it is so here
  Advice,         // cannot be seen from outside a model, and what it concerns is here
  Unseen,         // what would tell is not shown to this program
  Ok,             // looked at, and it is not so
  NotApplicable,  // what it concerns is not here
};
std::string_view name_of(State state);  // "problem", "advice", "cannot be seen", "ok", "not applicable"

struct Outcome {
  State state = State::NotApplicable;
  std::string seen;       // what was found here, a sentence
  std::string cure = {};  // for this machine, in place of the check's own
};

struct Check {
  std::string_view id;        // "openvino-shadowed"
  std::string_view concerns;  // "Edge TPU", "NCS2", "OpenVINO", "measuring"
  std::string_view title;     // the trouble in a few words
  std::string_view symptom;   // what a user meets, in the words of the messages
  std::string_view cause;
  std::string_view cure;
  std::vector<std::string_view> sources;  // public reports: "openvinotoolkit/openvino#21591"
  Outcome (*look)(const Machine&);
};

// In the order in which a newcomer would meet them.
const std::vector<Check>& checks();

struct Judgement {
  const Check* check;
  Outcome outcome;
};

// All of them, by state: problems first; within a state in the order of checks().
std::vector<Judgement> judge(const Machine& machine);

// The parts of checks().
std::vector<Check> coral_checks();
std::vector<Check> ncs2_checks();
std::vector<Check> openvino_checks();
std::vector<Check> host_checks();

}  // namespace edgescope::machine
