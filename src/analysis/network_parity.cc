#include "analysis/network_parity.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>

#include "analysis/cause.h"
#include "analysis/divergence.h"
#include "analysis/respondent.h"
#include "base/temporary_folder.h"
#include "measure/virtual_sticks.h"
#include "runtime/inputs.h"

namespace edgescope::analysis {
namespace {

using base::Json;
using runtime::Port;

// One model on one runtime, and what it answered.
struct Side {
  const std::string& file;
  const graph::Model& model;
  std::unique_ptr<Respondent> on;
  std::string note = {};  // what its answers are worth, where that is not plain
  runtime::Loaded loaded = {};
  Buffers answers = {};
};

Json described(const Tolerance& tolerance) { return {{"steps", tolerance.steps}, {"share", tolerance.share}}; }

// Where they part most, as far as a cause can be told from it.
const Difference& worst(const std::vector<Difference>& found) {
  return *std::max_element(found.begin(), found.end(), [](const Difference& a, const Difference& b) {
    return std::pair(a.not_finite, a.different) < std::pair(b.not_finite, b.different);
  });
}

class Comparison {
 public:
  explicit Comparison(const NetworkParityRequest& request) : request_(request) {}

  base::Result<Json> run() {
    Json runs = Json::array();
    for (std::size_t i = 0; i < request_.names.size(); ++i) {
      if (!going_on(request_.names[i], static_cast<double>(i) / static_cast<double>(request_.names.size()))) break;
      auto run = compare_on(i);
      if (given_is_wrong_) return base::fail(run.error());
      if (run && !run->is_null()) runs.push_back(*std::move(run));
      if (!run) runs.push_back(failed(request_.names[i], run.error()));
    }
    Json json = {{"basis", "measured"}, {"rows", inputs_ ? inputs_->rows : 0}, {"rows_from", rows_from()}};
    json["reference"] = reference_ ? described(*reference_) : Json();
    json["runs"] = std::move(runs);
    return json;
  }

 private:
  bool pair() const { return request_.other != nullptr; }
  bool going_on(const std::string& what, double done) const {
    return !request_.started || request_.started(what, done);
  }

  std::string rows_from() const {
    if (request_.inputs.empty()) return fmt::format("random (seed {})", request_.seed);
    if (inputs_ && !inputs_->notes.empty()) return fmt::format("{}", fmt::join(inputs_->notes, "; "));
    std::vector<std::string> paths;
    for (const InputFile& file : request_.inputs) paths.push_back(file.path);
    return fmt::format("{}", fmt::join(paths, ", "));
  }

  static Json described(const Side& side) {
    return {{"on", side.on->name()},
            {"model", side.file},
            {"version", side.loaded.version},
            {"kernels", side.loaded.kernels},
            {"precision", side.loaded.precision}};
  }

  Json failed(const std::string& on, const base::Error& error) const {
    return {{"on", on},
            {"model", pair() ? request_.other_file : request_.file},
            {"valid", false},
            {"reason", error.message()},
            {"outputs", Json::array()}};
  }

  base::Result<std::unique_ptr<Side>> side(const std::string& file, const graph::Model& model,
                                           const runtime::Found& found) {
    measure::WorkerSpec spec{
        .runtime = found, .time_limit = request_.time_limit, .environment = {}, .program = request_.worker};
    std::string note;
    if (runtime::is_virtual(found.name) && runtime::family(found.name) == "edgetpu") {
      EDGESCOPE_TRY(session, simulated_stick(file, found));
      spec.environment = {{"EDGESCOPE_VIRTUAL_USB", session}};
      note = fmt::format(
          "The simulated stick's answers are computed on the CPU from {}: what the runtime makes of data "
          "around the chip is compared, the chip's own arithmetic is not.",
          source());
    }
    return std::make_unique<Side>(
        Side{.file = file,
             .model = model,
             .on = std::make_unique<Respondent>(std::move(spec), request_.threads, request_.properties),
             .note = std::move(note)});
  }

  const std::string& source() const { return request_.source.empty() && pair() ? request_.file : request_.source; }

  // The session file of a stick that knows this compiled model.
  base::Result<std::string> simulated_stick(const std::string& file, const runtime::Found& found) {
    EDGESCOPE_TRY(compiled, measure::read_compiled(file));
    if (source().empty())
      return base::fail({.fault = base::Fault::usage,
                         .what = "a simulated stick answers zeros unless it knows what the model was compiled from",
                         .file = file,
                         .remedy = "Add --source MODEL."});
    EDGESCOPE_TRY(folder, base::TemporaryFolder::make());
    EDGESCOPE_TRY(
        files, measure::write_session({.source = source()}, {std::move(compiled)}, found.host, false, folder.path()));
    folders_.push_back(std::move(folder));
    return files.session;
  }

  // null: this runtime's answers became the reference.
  base::Result<Json> compare_on(std::size_t index) {
    if (!request_.runtimes[index]) return base::fail(request_.runtimes[index].error());
    const runtime::Found& found = *request_.runtimes[index];
    if (!pair()) {
      EDGESCOPE_TRY(asked, side(request_.file, request_.model, found));
      if (!reference_) {
        EDGESCOPE_CHECK(ask_first(*asked, nullptr));
        reference_ = std::move(asked);
        return Json();
      }
      EDGESCOPE_CHECK(ask(*asked));
      return compare(*reference_, *asked);
    }
    EDGESCOPE_TRY(other, side(request_.other_file, *request_.other, found));
    auto made = side(request_.file, request_.model, found);
    std::unique_ptr<Side> first = made ? *std::move(made) : nullptr;
    const base::Status answered = !first    ? base::Status(base::fail(made.error()))
                                  : inputs_ ? ask(*first)
                                            : ask_first(*first, other.get());
    if (given_is_wrong_ || (!answered && !reference_)) return base::fail(answered.error());
    const Side& against = answered ? *first : *reference_;
    if (answered && !reference_) reference_ = std::move(first);  // `against` is where it was
    EDGESCOPE_CHECK(ask(*other));
    return compare(against, *other);
  }

  // The one that decides what is asked. Where the other model's inputs are quantised and this one's are not, inputs
  // are drawn from what that one can be given.
  base::Status ask_first(Side& first, Side* other) {
    EDGESCOPE_TRY(loaded, first.on->load(first.file));
    first.loaded = std::move(loaded);
    if (!request_.inputs.empty()) {
      auto given = given_inputs(first.loaded.inputs, request_.inputs, request_.images);
      given_is_wrong_ = !given;
      if (!given) return base::fail(given.error());
      inputs_ = *std::move(given);
    } else {
      Inputs drawn = seeded_inputs(first.loaded, request_.rows, request_.seed);
      if (other != nullptr)
        if (const auto twin = other->on->load(other->file)) draw_from(*twin, drawn);
      inputs_ = std::move(drawn);
    }
    auto answers = first.on->answer(*inputs_);
    if (!answers) {
      inputs_.reset();
      return base::fail(answers.error());
    }
    first.answers = *std::move(answers);
    return {};
  }

  void draw_from(const runtime::Loaded& twin, Inputs& drawn) const {
    const auto order = match(drawn.ports, twin.inputs);
    if (!order) return;
    for (std::size_t i = 0; i < order->size(); ++i) {
      const Port &port = drawn.ports[i], &like = twin.inputs[(*order)[i]];
      if (port.quantized || !like.quantized) continue;
      std::vector<std::byte> bytes(drawn.rows * like.bytes);
      for (std::uint64_t row = 0; row < drawn.rows; ++row)
        runtime::fill_input(like.type, request_.seed, row, i, std::span(bytes).subspan(row * like.bytes, like.bytes));
      if (auto reals = converted(like, bytes, port); reals && reals->size() == drawn.given[i].size())
        drawn.given[i] = *std::move(reals);
    }
  }

  base::Status ask(Side& side) const {
    EDGESCOPE_TRY(loaded, side.on->load(side.file));
    side.loaded = std::move(loaded);
    EDGESCOPE_TRY(answers, side.on->answer(*inputs_));
    side.answers = std::move(answers);
    return {};
  }

  base::Result<Json> compare(const Side& reference, const Side& other) const {
    EDGESCOPE_TRY(found, differences({reference.loaded.outputs, reference.answers},
                                     {other.loaded.outputs, other.answers}, inputs_->rows));
    const bool same_runtime = reference.on->name() == other.on->name();
    const Tolerance tolerance = request_.tolerance.value_or(same_runtime ? kSameRuntime : kOtherRuntime);
    Json outputs = Json::array();
    bool all_within = true, any_different = false, any_parted = false, another_function = false;
    for (const Difference& each : found) {
      const bool good = within(each, tolerance);
      all_within = all_within && good;
      any_different = any_different || each.different > 0;
      any_parted = any_parted || parted(each, tolerance);
      another_function = another_function || each.agreement == Agreement::Differs;
      Json output = analysis::to_json(each);
      output["within"] = good;
      outputs.push_back(std::move(output));
    }
    Json json = described(other);
    json["against"] = described(reference);
    json["valid"] = true;
    json["reason"] = nullptr;
    if (const std::string& note = other.note.empty() ? reference.note : other.note; !note.empty()) json["note"] = note;
    json["tolerance"] = analysis::described(tolerance);
    json["equal"] = all_within;
    json["same_bits"] = !any_different;
    json["outputs"] = std::move(outputs);
    std::optional<Divergence> divergence;
    if (request_.layers) json["first_difference"] = nullptr;
    if (request_.layers && any_parted && !(other.note.empty() && reference.note.empty()))
      json["first_difference"] = {{"found", false},
                                  {"looked_for", "any difference"},
                                  {"runs", 0},
                                  {"not_asked", 0},
                                  {"reason", "A compiled model cannot be cut into parts."}};
    else if (request_.layers && any_parted)
      divergence = look(reference, other, tolerance, !tolerance.exact() && another_function, json["first_difference"]);
    json["cause"] = nullptr;
    if (any_parted) {
      const Cause why =
          cause({reference.model, reference.on->name(), reference.loaded},
                {other.model, other.on->name(), other.loaded}, worst(found), divergence ? &*divergence : nullptr);
      json["cause"] = {{"id", why.id}, {"text", why.text}};
    }
    return json;
  }

  // What one rounding begins is not what makes another function of it: where there is one, that is looked for.
  std::optional<Divergence> look(const Side& reference, const Side& other, const Tolerance& tolerance, bool function,
                                 Json& json) const {
    const DivergenceQuestion question{
        .parted =
            [tolerance, function](const Difference& each) {
              return function ? each.agreement == Agreement::Differs : parted(each, tolerance);
            },
        .going_on =
            [this, &other](int runs) {
              return going_on(fmt::format("{}: where they part, run {}", other.on->name(), runs + 1), 0.5);
            }};
    auto looked = find_divergence({reference.model, *reference.on}, {other.model, *other.on}, *inputs_, question);
    if (function && looked && !looked->found) {
      // No part is another function: perhaps many roundings made one of the whole.
      const int before = looked->runs;
      auto again = look(reference, other, tolerance, false, json);
      json["runs"] = json["runs"].get<int>() + before;
      return again;
    }
    if (looked)
      json = described(*looked, reference, other);
    else
      json = {{"found", false}, {"runs", 0}, {"not_asked", 0}, {"reason", looked.error().message()}};
    json["looked_for"] = function ? "another function" : "any difference";
    return looked ? std::optional(*looked) : std::nullopt;
  }

  static Json described(const Divergence& divergence, const Side& reference, const Side& other) {
    Json json = {
        {"found", divergence.found.has_value()}, {"runs", divergence.runs}, {"not_asked", divergence.not_asked}};
    if (!divergence.found) {
      json["reason"] = divergence.runs == divergence.not_asked
                           ? "No part of the network could be run on both sides: " + divergence.refusal
                           : "Inside the whole network they part, in its parts they do not: what a runtime makes of "
                             "several operators together is switched off where the network is cut.";
      return json;
    }
    const Divergence::Found& at = *divergence.found;
    const auto operator_of = [](const graph::Model& model, int op, int tensor) -> Json {
      const graph::Subgraph& graph = model.subgraphs.front();
      const graph::Operator& made = graph.operators[static_cast<std::size_t>(op)];
      const std::string& result = graph.tensors[static_cast<std::size_t>(tensor)].name;
      return {{"index", op},
              {"name", made.name.empty() ? result : made.name},
              {"kind", graph::kind_name(made.kind)},
              {"source_kind", made.source_kind},
              {"tensor", result}};
    };
    json["operator"] = operator_of(reference.model, at.op, at.tensor);
    json["other_operator"] = at.other_op < 0 ? Json() : operator_of(other.model, at.other_op, at.other_tensor);
    json["operators"] = at.operators;
    json["inputs_differ"] = at.inputs_differ;
    json["difference"] = analysis::to_json(at.difference);
    return json;
  }

  const NetworkParityRequest& request_;
  std::optional<Inputs> inputs_;
  std::unique_ptr<Side> reference_;
  std::vector<base::TemporaryFolder> folders_;  // of simulated sticks
  bool given_is_wrong_ = false;
};

}  // namespace

base::Result<base::Json> network_parity(const NetworkParityRequest& request) { return Comparison(request).run(); }

}  // namespace edgescope::analysis
