#include "analysis/caching_plan_json.h"

#include <fmt/format.h>

#include <algorithm>

namespace edgescope::analysis {
namespace {

namespace edgetpu = target::edgetpu;
using base::Json;
using edgetpu::PlanChoice;
using edgetpu::PlanModel;
using edgetpu::PlanShare;
using edgetpu::PlanUnit;

Json interval(const target::Interval& interval) { return Json::array({interval.low, interval.high}); }

Json unit_json(const std::vector<PlanModel>& models, const PlanUnit& unit) {
  Json shares = Json::array();
  for (const PlanShare& share : unit.shares) {
    Json row = {{"input", models[share.model].file},
                {"cached_bytes", share.cached_bytes},
                {"streamed_bytes", share.streamed_bytes},
                {"resent_bytes", share.resent_bytes}};
    if (unit.mode == PlanUnit::Mode::Segmented) {
      row["segment"] = share.segment;
      row["boundary_bytes"] = share.boundary_bytes;
    }
    shares.push_back(std::move(row));
  }
  return {{"mode", edgetpu::mode_name(unit.mode)},
          {"sticks", unit.sticks},
          {"commands", unit.commands},
          {"shares", std::move(shares)}};
}

Json choice_json(const std::vector<PlanModel>& models, const PlanChoice& choice) {
  Json units = Json::array();
  for (const PlanUnit& unit : choice.units) units.push_back(unit_json(models, unit));
  return {{"sticks", choice.sticks()},
          {"parameter_bytes", choice.parameter_bytes},
          {"parameter_bytes_range", {choice.parameter_low, choice.parameter_high}},
          {"us", interval(choice.microseconds)},
          {"saved_us", interval(choice.saved)},
          {"units", std::move(units)}};
}

std::vector<std::string> assumptions(const std::vector<PlanModel>& models, const edgetpu::PlanRequest& request,
                                     const edgetpu::Plan& plan) {
  std::vector<std::string> sentences = {
      "What the compiler keeps for activations is not known exactly: bytes are those at the caching law's central "
      "figure, times are over its range.",
      "Microseconds are those of parameters, cuts and additional calls only; what every choice costs is left out."};
  if (models.size() > 1) {
    sentences.push_back(fmt::format("The models take turns, {} inference{} of each before the next one's.",
                                    request.turn, request.turn == 1 ? "" : "s"));
    sentences.push_back(request.compiler >= edgetpu::Compiler::V16
                            ? "Compiler 16 fills the pool layer by layer over all models, the largest first: the order "
                              "of the command decides between layers of equal size only."
                            : "Compilers before 16 fill the pool model by model, in the order of the command.");
  }
  if (!plan.exhaustive)
    sentences.push_back(
        "There are too many models to try every order: they were dealt to the sticks by size, and neighbours in the "
        "order exchanged as long as it helped. A better choice may exist.");
  const bool cuts = std::any_of(plan.choices.begin(), plan.choices.end(), [](const PlanChoice& choice) {
    return choice.units[0].mode == PlanUnit::Mode::Segmented;
  });
  if (cuts)
    sentences.push_back(
        "The compiler may cut elsewhere where operators stay on the CPU or the graph branches; Coral's profiling "
        "partitioner measures instead.");
  if (request.sticks > 1)
    sentences.push_back(
        "Every stick has a link of its own; that sticks work at the same time is not counted, so pipelines gain more "
        "in throughput than is said here.");
  return sentences;
}

}  // namespace

Json caching_plan_json(const std::vector<PlanModel>& models, const edgetpu::PlanRequest& request,
                       const edgetpu::Plan& plan) {
  Json given = Json::array();
  for (const PlanModel& model : models)
    given.push_back({{"input", model.file},
                     {"stored_bytes", model.stored_bytes()},
                     {"layers", model.layers.size()},
                     {"not_predicted", model.not_predicted}});
  Json choices = Json::array();
  for (const PlanChoice& choice : plan.choices) choices.push_back(choice_json(models, choice));
  return {{"basis", "predicted"},
          {"law", "caching law, link law"},
          {"compiler", edgetpu::compiler_name(request.compiler)},
          {"link", edgetpu::link_name(request.link)},
          {"sticks", request.sticks},
          {"turn", request.turn},
          {"considered", plan.considered},
          {"exhaustive", plan.exhaustive},
          {"models", std::move(given)},
          {"choices", std::move(choices)},
          {"assumptions", assumptions(models, request, plan)}};
}

}  // namespace edgescope::analysis
