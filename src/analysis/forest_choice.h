// Which strategy a forest's program should have: those that run on the target at all, and of them the one whose
// predicted time is the least. Each candidate says why it does not run, or what its time rests on.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "forest/exact.h"
#include "forest/program.h"
#include "target/prediction.h"

namespace edgescope::analysis {

enum class ForestTarget : std::uint8_t { Cpu, EdgeTpu, Ncs2 };
std::string_view forest_target_name(ForestTarget target);  // "cpu", ...

struct ForestCandidate {
  std::string strategy;                // "exact", "ptt", ...
  std::string refusal;                 // why it does not run there; empty where it does
  std::optional<target::Interval> us;  // of a run of the whole batch, with what the host does around it
  std::string basis;                   // what the time rests on
};

struct ForestChoice {
  std::vector<ForestCandidate> candidates;
  std::size_t chosen = 0;
  std::string why;  // a sentence
};

// Of a valid ensemble. Builds nothing of the forest's size.
ForestChoice choose_strategy(const forest::Ensemble& ensemble, ForestTarget target, graph::Format format, int batch);

base::Json choice_json(const ForestChoice& choice);

}  // namespace edgescope::analysis
