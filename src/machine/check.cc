#include "machine/check.h"

#include <algorithm>

namespace edgescope::machine {

std::string_view name_of(State state) {
  switch (state) {
    case State::Problem:
      return "problem";
    case State::Advice:
      return "advice";
    case State::Unseen:
      return "cannot be seen";
    case State::Ok:
      return "ok";
    case State::NotApplicable:
      break;
  }
  return "not applicable";
}

const std::vector<Check>& checks() {
  static const std::vector<Check> all = [] {
    std::vector<Check> list;
    for (auto part : {coral_checks, ncs2_checks, openvino_checks, host_checks})
      for (Check& check : part()) list.push_back(std::move(check));
    return list;
  }();
  return all;
}

std::vector<Judgement> judge(const Machine& machine) {
  std::vector<Judgement> judgements;
  for (const Check& check : checks()) judgements.push_back({&check, check.look(machine)});
  std::stable_sort(judgements.begin(), judgements.end(),
                   [](const Judgement& a, const Judgement& b) { return a.outcome.state < b.outcome.state; });
  return judgements;
}

}  // namespace edgescope::machine
