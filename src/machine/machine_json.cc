#include "machine/machine_json.h"

#include <algorithm>

namespace edgescope::machine {
namespace {

using base::Json;

Json or_null(const std::string& text) { return text.empty() ? Json(nullptr) : Json(text); }

std::string cure_of(const Judgement& judgement) {
  return judgement.outcome.cure.empty() ? std::string(judgement.check->cure) : judgement.outcome.cure;
}

// What the check of that name says is to be done; null where it found nothing wrong.
Json remedy(const std::vector<Judgement>& judgements, std::string_view check) {
  const auto it = std::find_if(judgements.begin(), judgements.end(),
                               [&](const Judgement& judgement) { return judgement.check->id == check; });
  if (it == judgements.end() || it->outcome.state != State::Problem) return nullptr;
  return it->outcome.seen + " " + cure_of(*it);
}

std::string_view access_check(Accelerator kind) {
  return kind == Accelerator::EdgeTpu ? "coral-access" : kind == Accelerator::Ncs2 ? "ncs2-access" : "ncs1-stick";
}

}  // namespace

Json devices_json(const Machine& machine, const std::vector<Judgement>& judgements) {
  Json list = Json::array();
  for (const Stick& stick : machine.sticks)
    list.push_back({{"kind", name_of(stick.kind)},
                    {"place", stick.usb.place},
                    {"id", stick.usb.id},
                    {"link_megabits", stick.usb.megabits > 0 ? Json(stick.usb.megabits) : Json(nullptr)},
                    {"accessible", stick.accessible},
                    {"remedy", stick.accessible ? Json(nullptr) : remedy(judgements, access_check(stick.kind))}});
  for (const std::string& node : machine.apex_nodes)
    list.push_back({{"kind", name_of(Accelerator::EdgeTpu)},
                    {"place", node},
                    {"id", nullptr},
                    {"link_megabits", nullptr},
                    {"accessible", machine.may_open(node)},
                    {"remedy", machine.may_open(node) ? Json(nullptr) : remedy(judgements, "coral-pcie-driver")}});
  return list;
}

Json openvinos_json(const Machine& machine) {
  Json list = Json::array();
  for (const OpenVino& one : machine.openvinos)
    list.push_back({{"kind", one.kind == OpenVino::Kind::Archive ? "archive" : "wheel"},
                    {"version", or_null(one.version)},
                    {"folder", one.folder},
                    {"myriad", one.myriad},
                    {"converter", one.converter},
                    {"own", one.own}});
  return list;
}

Json checks_json(const std::vector<Judgement>& judgements) {
  Json list = Json::array();
  for (const Judgement& judgement : judgements) {
    const Check& check = *judgement.check;
    list.push_back({{"id", check.id},
                    {"state", name_of(judgement.outcome.state)},
                    {"concerns", check.concerns},
                    {"title", check.title},
                    {"seen", judgement.outcome.seen},
                    {"symptom", check.symptom},
                    {"cause", check.cause},
                    {"cure", cure_of(judgement)},
                    {"sources", check.sources}});
  }
  return list;
}

void add_command_environment(Json& document, const CommandEnvironment& composed) {
  document["program"] = composed.program;
  document["interpreter"] = or_null(composed.interpreter);
  document["need"] = name_of(composed.need);
  document["reason"] = composed.reason;
  document["openvino"] = or_null(composed.openvino);
  Json& changes = document["changes"] = Json::array();
  for (const Change& change : composed.changes)
    changes.push_back({{"variable", change.variable},
                       {"action", name_of(change.action)},
                       {"value", change.value},
                       {"why", change.why}});
}

}  // namespace edgescope::machine
