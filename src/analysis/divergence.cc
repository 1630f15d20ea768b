#include "analysis/divergence.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/temporary_folder.h"
#include "format/format.h"
#include "graph/prune.h"
#include "graph/uses.h"

namespace edgescope::analysis {
namespace {

std::string_view suffix(graph::Format format) {
  switch (format) {
    case graph::Format::TfLite:
      return ".tflite";
    case graph::Format::Onnx:
      return ".onnx";
    case graph::Format::OpenVinoIr:
      break;
  }
  return ".xml";
}

class Search {
 public:
  Search(const DivergenceSide& reference, const DivergenceSide& other, const Inputs& inputs,
         const DivergenceQuestion& question, const std::string& folder)
      : reference_(reference),
        other_(other),
        inputs_(inputs),
        question_(question),
        folder_(folder),
        graph_(reference.model.subgraphs.front()),
        uses_(graph::uses(graph_)),
        order_(graph::execution_order(graph_)) {
    pair();
  }

  base::Result<Divergence> run() {
    EDGESCOPE_TRY(start, first_output());
    if (!start) return std::move(result_);
    int target = *start;
    while (true) {
      EDGESCOPE_TRY(first, bisect(target));
      const auto [reads, operators] = what_it_reads(first);
      std::optional<int> earlier;
      bool inputs_differ = false;
      for (const int read : reads) {
        EDGESCOPE_TRY(difference, ask(read));
        if (!difference) continue;
        inputs_differ = inputs_differ || difference->different > 0;
        if (question_.parted(*difference)) earlier = earlier.value_or(read);
      }
      if (earlier) {
        target = *earlier;
        continue;
      }
      const int there = pairs_.at(first);
      const graph::Uses other_uses = graph::uses(other_.model.subgraphs.front());
      result_.found = {.op = producer(first),
                       .tensor = first,
                       .other_op = other_uses.producer[static_cast<std::size_t>(there)],
                       .other_tensor = there,
                       .operators = operators,
                       .difference = *answers_.at(first),
                       .inputs_differ = inputs_differ};
      return std::move(result_);
    }
  }

 private:
  int producer(int tensor) const { return uses_.producer[static_cast<std::size_t>(tensor)]; }
  bool asked_for(int tensor) const { return pairs_.contains(tensor); }

  // Results that both sides have: of one model all, of two those of one name and size.
  void pair() {
    const graph::Subgraph& there = other_.model.subgraphs.front();
    const bool one = &reference_.model == &other_.model;
    std::map<std::string_view, std::vector<int>> named;
    if (!one)
      for (const graph::Operator& op : there.operators)
        for (const int made : op.outputs)
          if (made >= 0) named[there.tensors[static_cast<std::size_t>(made)].name].push_back(made);
    for (const graph::Operator& op : graph_.operators)
      for (const int made : op.outputs) {
        if (made < 0) continue;
        if (one) {
          pairs_[made] = made;
          continue;
        }
        const graph::Tensor& tensor = graph_.tensors[static_cast<std::size_t>(made)];
        const auto same = named.find(tensor.name);
        if (same == named.end() || same->second.size() != 1) continue;
        const graph::Tensor& twin = there.tensors[static_cast<std::size_t>(same->second.front())];
        if (tensor.shape.elements() == twin.shape.elements()) pairs_[made] = same->second.front();
      }
    // Outputs may have been renamed; their places have not.
    if (!one && graph_.outputs.size() == there.outputs.size())
      for (std::size_t i = 0; i < graph_.outputs.size(); ++i)
        if (const int made = graph_.outputs[i]; made >= 0 && producer(made) >= 0)
          pairs_.try_emplace(made, there.outputs[i]);
  }

  // The first output that differs in a part of its own.
  base::Result<std::optional<int>> first_output() {
    for (const int output : graph_.outputs) {
      if (!asked_for(output)) continue;
      EDGESCOPE_TRY(difference, ask(output));
      if (difference && question_.parted(*difference)) return output;
    }
    return std::nullopt;
  }

  // Of what `target` depends on, in the order of execution, the first that differs for all that bisection sees.
  base::Result<int> bisect(int target) {
    std::vector<int> line = line_to(target);
    std::size_t low = 0, high = line.size() - 1;  // what lies before `low` agrees, `high` differs
    while (low < high) {
      const std::size_t middle = low + (high - low) / 2;
      EDGESCOPE_TRY(difference, ask(line[middle]));
      if (!difference) {
        line.erase(line.begin() + static_cast<std::ptrdiff_t>(middle));
        --high;
      } else if (question_.parted(*difference)) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return line[high];
  }

  std::vector<int> line_to(int target) const {
    std::set<int> needed;
    std::vector<int> open = {producer(target)};
    while (!open.empty()) {
      const int op = open.back();
      open.pop_back();
      if (op < 0 || !needed.insert(op).second) continue;
      for (const int read : graph_.operators[static_cast<std::size_t>(op)].inputs)
        if (read >= 0) open.push_back(producer(read));
    }
    std::vector<int> line;
    for (const int op : order_)
      if (needed.contains(op) && op != producer(target))
        for (const int made : graph_.operators[static_cast<std::size_t>(op)].outputs)
          if (asked_for(made)) line.push_back(made);
    line.push_back(target);
    return line;
  }

  // The nearest tensors before this one that can be asked for, and how many operators lie between.
  std::pair<std::set<int>, int> what_it_reads(int tensor) const {
    std::set<int> reads, passed;
    std::vector<int> open = {producer(tensor)};
    while (!open.empty()) {
      const int op = open.back();
      open.pop_back();
      if (op < 0 || !passed.insert(op).second) continue;
      for (const int read : graph_.operators[static_cast<std::size_t>(op)].inputs) {
        if (read < 0 || producer(read) < 0) continue;
        if (asked_for(read))
          reads.insert(read);
        else
          open.push_back(producer(read));
      }
    }
    return {reads, static_cast<int>(passed.size())};
  }

  // Nothing where a side cannot be cut there.
  base::Result<std::optional<Difference>> ask(int tensor) {
    if (const auto before = answers_.find(tensor); before != answers_.end()) return before->second;
    if (!question_.going_on(result_.runs))
      return base::fail({.fault = base::Fault::interrupted, .what = "stopped while looking for where they part"});
    ++result_.runs;
    auto answer = run_prefix(tensor);
    std::optional<Difference> difference;
    if (answer)
      difference = std::move(*answer);
    else if (answer.error().fault == base::Fault::output)
      return base::fail(answer.error());
    answers_[tensor] = difference;
    if (!difference) {
      ++result_.not_asked;
      result_.refusal = answer.error().message();
      pairs_.erase(tensor);
    }
    return difference;
  }

  base::Result<Difference> run_prefix(int tensor) {
    const std::string here = fmt::format("{}/reference{}", folder_, suffix(reference_.model.format));
    EDGESCOPE_CHECK(format::write_model(graph::prefix(reference_.model, tensor), here));
    std::string there = here;
    if (&reference_.model != &other_.model) {
      there = fmt::format("{}/other{}", folder_, suffix(other_.model.format));
      EDGESCOPE_CHECK(format::write_model(graph::prefix(other_.model, pairs_.at(tensor)), there));
    }
    EDGESCOPE_TRY(loaded, reference_.on.load(here));
    EDGESCOPE_TRY(answers, reference_.on.answer(inputs_));
    EDGESCOPE_TRY(other_loaded, other_.on.load(there));
    EDGESCOPE_TRY(other_answers, other_.on.answer(inputs_));
    EDGESCOPE_TRY(found, differences({loaded.outputs, answers}, {other_loaded.outputs, other_answers}, inputs_.rows));
    if (found.size() != 1) return base::fail({.fault = base::Fault::runtime, .what = "a part has several outputs"});
    return std::move(found.front());
  }

  const DivergenceSide &reference_, &other_;
  const Inputs& inputs_;
  const DivergenceQuestion& question_;
  const std::string folder_;
  const graph::Subgraph& graph_;
  const graph::Uses uses_;
  const std::vector<int> order_;
  std::map<int, int> pairs_;  // of the reference's tensors, the other's
  std::map<int, std::optional<Difference>> answers_;
  Divergence result_;
};

}  // namespace

bool parted(const Difference& difference, const Tolerance& tolerance) {
  constexpr double kAnotherStep = 0.5;
  if (difference.not_finite > 0) return true;
  if (!tolerance.exact() && difference.steps) return difference.steps->max > kAnotherStep;
  return !within(difference, tolerance);
}

base::Result<Divergence> find_divergence(const DivergenceSide& reference, const DivergenceSide& other,
                                         const Inputs& inputs, const DivergenceQuestion& question) {
  EDGESCOPE_TRY(folder, base::TemporaryFolder::make());
  return Search(reference, other, inputs, question, folder.path()).run();
}

}  // namespace edgescope::analysis
