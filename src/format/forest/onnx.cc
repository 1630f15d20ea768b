#include "format/forest/onnx.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "format/forest/arrange.h"
#include "format/forest/combine.h"
#include "format/forest/onnx_attributes.h"
#include "format/forest/onnx_rows.h"
#include "graph/elements.h"
#include "graph/uses.h"

namespace edgescope::forest {
namespace {

using graph::ElementType;
using graph::Operator;

// A graph's operators may make new ensembles of its own of so many times their nodes: a sum of a sum with itself, and
// so on, doubles them.
constexpr std::size_t kMostTimes = 256;

std::size_t node_count(const Ensemble& ensemble) {
  std::size_t count = 0;
  for (const Tree& tree : ensemble.trees) count += tree.nodes.size();
  return count;
}

bool is_ensemble(const Operator& op) { return op.source_kind.starts_with("ai.onnx.ml:TreeEnsemble"); }

bool is_any(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}
bool keeps_order(std::string_view name) {
  return is_any(name, {"Identity", "Reshape", "Squeeze", "Unsqueeze", "Flatten"});
}

std::vector<std::string> class_labels(const OnnxAttributes& attributes) {
  std::vector<std::string> labels = attributes.texts("classlabels_strings");
  if (labels.empty())
    for (const std::int64_t label : attributes.integers("classlabels_int64s")) labels.push_back(std::to_string(label));
  return labels;
}

// Follows the values through the graph. A tensor of scores is known as the ensemble whose result it is.
class Chain {
 public:
  explicit Chain(const graph::Model& model) : model_(model), graph_(model.subgraphs.front()) {}

  base::Result<Ensemble> read() {
    EDGESCOPE_CHECK(input());
    for (const Operator& op : graph_.operators) EDGESCOPE_CHECK(visit(op));
    EDGESCOPE_TRY(ensemble, output());
    EDGESCOPE_CHECK(features(ensemble));
    ensemble.producer = model_.producer;
    if (const base::Status valid = validate(ensemble); !valid) return fail(valid.error().what, "");
    return ensemble;
  }

 private:
  struct Labels {
    std::vector<std::string> names;  // empty: numbers of classes
    Shared scores;                   // of which they are the largest
  };

  const graph::Tensor& tensor(int index) const { return graph_.tensors[static_cast<std::size_t>(index)]; }

  tl::unexpected<base::Error> fail(std::string what, std::string node) const {
    return base::fail({.what = std::move(what), .file = model_.files.front().path(), .node = std::move(node)});
  }
  tl::unexpected<base::Error> refuse(std::string what) const {
    return base::fail(unsupported(std::move(what), model_.files.front().path()));
  }
  tl::unexpected<base::Error> refuse(const Operator& op, std::string_view where) const {
    base::Error error =
        unsupported(fmt::format("the operator `{}` {}", op.source_kind, where), model_.files.front().path());
    error.node = op.name;
    return base::fail(std::move(error));
  }

  template <typename Known>
  static bool reads(const Operator& op, const Known& known) {
    return std::any_of(op.inputs.begin(), op.inputs.end(), [&](int t) { return known.contains(t); });
  }
  bool constant(int t) const { return t < 0 || tensor(t).constant || constants_.contains(t); }
  // The numbers of an operator's other input; empty where that is no constant.
  std::vector<double> numbers(const Operator& op) const {
    for (const int t : op.inputs)
      if (op.inputs.size() == 2 && t >= 0 && tensor(t).constant) return reals_of(tensor(t));
    return {};
  }
  // A list of whole numbers that is an input, or an attribute in older operator sets.
  std::vector<std::int64_t> integers(const Operator& op, std::size_t place, std::string_view name) const {
    if (place < op.inputs.size() && op.inputs[place] >= 0)
      return graph::integer_elements(tensor(op.inputs[place])).value_or(std::vector<std::int64_t>{});
    return graph::get<std::vector<std::int64_t>>(op.attributes, name);
  }
  static std::int64_t axis(const Operator& op, std::int64_t otherwise) {
    return graph::get<std::int64_t>(op.attributes, "axis", otherwise);
  }

  base::Status input() {
    std::vector<int> given;
    for (const int each : graph_.inputs)
      if (!tensor(each).constant) given.push_back(each);
    if (given.size() != 1) return refuse(fmt::format("a graph of {} inputs", given.size()));
    const graph::Tensor& rows = tensor(given.front());
    if (!is_any(graph::element_type_name(rows.type), {"f32", "f64", "i32", "i64"}))
      return refuse(fmt::format("an input of type {}", graph::element_type_name(rows.type)));
    const auto& dims = rows.shape.dims;
    if (rows.shape.known && dims.size() >= 2 && dims.back() >= 0 && dims.back() <= 1 << 30)
      width_ = static_cast<int>(dims.back());
    rows_.emplace(given.front(), OnnxRows(rows.type, width_));
    return {};
  }

  base::Status visit(const Operator& op) {
    if (reads(op, rows_)) {
      if (!rows_.contains(op.inputs.front())) return refuse(op, "in front of the ensemble");
      return is_ensemble(op) ? on_trees(op) : on_rows(op);
    }
    if (op.outputs.empty() || op.outputs.front() < 0) return {};  // nobody wants what it makes
    if (reads(op, stacks_)) return on_stack(op);
    if (reads(op, scores_)) return on_scores(op);
    if (reads(op, labels_)) return on_labels(op);
    if (op.source_kind != "Identity" ||
        !std::all_of(op.inputs.begin(), op.inputs.end(), [&](int t) { return constant(t); }))
      return refuse(op, "beside the ensemble");
    constants_.insert(op.outputs.begin(), op.outputs.end());
    return {};
  }

  // --- in front of the trees
  // ------------------------------------------------------------------------------------------

  base::Status on_rows(const Operator& op) {
    const auto known = [&]() -> base::Result<OnnxRows> {
      if (op.source_kind != "Concat") return rows_.at(op.inputs.front()).through(model_, op);
      std::vector<const OnnxRows*> parts;
      for (const int t : op.inputs)
        if (const auto found = rows_.find(t); found != rows_.end()) parts.push_back(&found->second);
      const std::int64_t along = axis(op, 0);
      if (parts.size() != op.inputs.size() || (along != 1 && along != -1))
        return base::fail({.what = "in front of the ensemble"});
      return OnnxRows::side_by_side(parts);
    };
    if (op.outputs.empty() || op.outputs.front() < 0) return {};
    auto rows = known();
    if (!rows) return refuse(op, rows.error().what);
    rows_.insert_or_assign(op.outputs.front(), *std::move(rows));
    return {};
  }

  base::Status on_trees(const Operator& op) {
    EDGESCOPE_TRY(ensemble, read_onnx_trees(model_, op, tensor(op.inputs.front()).type));
    const bool classifier = op.source_kind == "ai.onnx.ml:TreeEnsembleClassifier";
    if (op.outputs.size() != (classifier ? 2u : 1u))
      return fail(fmt::format("it has {} outputs", op.outputs.size()), op.name);
    if (const base::Status moved = rows_.at(op.inputs.front()).rewrite(ensemble); !moved)
      return refuse(fmt::format("trees {}", moved.error().what));
    const std::vector<std::string> names = ensemble.labels;
    nodes_ += node_count(ensemble);
    const Shared scores = std::make_shared<const Ensemble>(std::move(ensemble));
    if (classifier && op.outputs.front() >= 0) labels_.insert_or_assign(op.outputs.front(), Labels{names, scores});
    if (op.outputs.back() >= 0) scores_.insert_or_assign(op.outputs.back(), scores);
    return {};
  }

  // --- behind them
  // ----------------------------------------------------------------------------------------------------

  base::Status next(const Operator& op, base::Result<Ensemble> made) {
    if (!made) return refuse(op, made.error().what);
    nodes_made_ += node_count(*made);
    if (nodes_made_ > kMostTimes * nodes_)
      return refuse(fmt::format("a graph that makes more than {} times its trees of them", kMostTimes));
    scores_.insert_or_assign(op.outputs.front(), std::make_shared<const Ensemble>(*std::move(made)));
    return {};
  }
  // Another name for the same scores.
  base::Status same(const Operator& op) {
    scores_.insert_or_assign(op.outputs.front(), first(op));
    return {};
  }
  Shared first(const Operator& op) const {
    for (const int t : op.inputs)
      if (const auto found = scores_.find(t); found != scores_.end()) return found->second;
    return nullptr;
  }
  // Nothing where an input is anything else.
  std::vector<Shared> members(const Operator& op) const {
    std::vector<Shared> list;
    for (const int t : op.inputs)
      if (const auto found = scores_.find(t); found != scores_.end()) list.push_back(found->second);
    return list.size() == op.inputs.size() ? list : std::vector<Shared>{};
  }

  base::Status on_scores(const Operator& op) {
    const std::string& kind = op.source_kind;
    const Shared scores = first(op);
    if (kind == "ArgMax") {
      labels_.insert_or_assign(op.outputs.front(), Labels{{}, scores});
      return {};
    }
    if (keeps_order(kind) ||
        (kind == "Cast" && is_any(graph::element_type_name(tensor(op.outputs.front()).type), {"f32", "f64"})))
      return same(op);
    if (kind == "ai.onnx.ml:ZipMap") {
      EDGESCOPE_TRY(attributes, OnnxAttributes::read(model_, op));
      Ensemble named = *scores;
      named.classifier = true;
      named.labels = class_labels(attributes);
      return next(op, std::move(named));
    }
    if (is_any(kind, {"Exp", "Sigmoid", "Softmax"})) return next(op, transformed(op, *scores));
    if (kind == "ai.onnx.ml:Normalizer" || kind == "LpNormalization") return next(op, normalised(op, *scores));
    if (is_any(kind, {"Mul", "Div", "Add", "Sub", "Sum", "Mean"})) return arithmetic(op, *scores);
    const std::int64_t along = axis(op, kind == "ai.onnx.ml:ArrayFeatureExtractor" ? 1 : 0);
    if (kind == "Concat" && !members(op).empty()) {
      if (along == 1 || along == -1) return next(op, forest::side_by_side(members(op)));
      if (along == 0) {  // members one after the other, which a mean or a sum follows
        stacks_.insert_or_assign(op.outputs.front(), members(op));
        return {};
      }
    }
    if (kind == "Slice" ||
        ((kind == "Gather" || kind == "ai.onnx.ml:ArrayFeatureExtractor") && (along == 1 || along == -1)))
      if (const auto columns = some_columns(op, *scores); !columns.empty())
        return next(op, columns_of(*scores, columns));
    return refuse(op, "behind the ensemble");
  }

  base::Result<Ensemble> transformed(const Operator& op, Ensemble ensemble) const {
    const std::string& kind = op.source_kind;
    const bool sigmoid = kind == "Sigmoid";
    // Both of [-s, s] are transformed by themselves; a factor is part of what a sigmoid has.
    const bool second = sigmoid && ensemble.second_class == SecondClass::Negated;
    if (ensemble.post_transform != PostTransform::None || ensemble.norm != Norm::None ||
        (ensemble.second_class != SecondClass::None && !second))
      return base::fail({.what = "behind scores that are transformed already"});
    if (ensemble.factor != 1 && !sigmoid) return base::fail({.what = "behind scores that are multiplied"});
    ensemble.post_transform = sigmoid         ? PostTransform::Logistic
                              : kind == "Exp" ? PostTransform::Exp
                                              : PostTransform::Softmax;
    if (sigmoid) ensemble.alpha = std::exchange(ensemble.factor, 1);
    return ensemble;
  }

  base::Result<Ensemble> normalised(const Operator& op, Ensemble ensemble) const {
    std::string norm;
    if (op.source_kind == "LpNormalization") {
      norm = graph::get<std::int64_t>(op.attributes, "p", 2) == 1 ? "L1" : "L2";
      if (const std::int64_t along = axis(op, -1); along != 1 && along != -1)
        return base::fail({.what = "behind the ensemble"});
    } else {
      EDGESCOPE_TRY(attributes, OnnxAttributes::read(model_, op));
      norm = attributes.text("norm", "MAX");
    }
    if (ensemble.norm != Norm::None) return base::fail({.what = "twice"});
    if (ensemble.factor != 1) return base::fail({.what = "behind scores that are multiplied"});
    if (norm == "MAX") ensemble.norm = Norm::Max;
    if (norm == "L1") ensemble.norm = Norm::L1;
    if (norm == "L2") ensemble.norm = Norm::L2;
    if (ensemble.norm == Norm::None) return base::fail({.what = fmt::format("with the norm `{}`", norm)});
    return ensemble;
  }

  base::Status arithmetic(const Operator& op, const Ensemble& scores) {
    const std::string& kind = op.source_kind;
    if ((kind == "Add" || kind == "Sum") && !members(op).empty()) return next(op, added(members(op)));
    if (kind == "Mean" && !members(op).empty()) return next(op, averaged(members(op)));
    const std::vector<double> constant = numbers(op);
    const bool scores_first = scores_.contains(op.inputs.front());
    if (constant.empty() || (!scores_first && (kind == "Div" || kind == "Sub")))
      return refuse(op, "behind the ensemble");
    if (kind == "Add") return next(op, increased(scores, constant));
    if (kind == "Sub") {
      std::vector<double> negative;
      for (const double each : constant) negative.push_back(-each);
      return next(op, increased(scores, negative));
    }
    if (constant.size() != 1 || constant.front() == 0) return refuse(op, "behind the ensemble");
    return next(op, kind == "Mul" ? multiplied(scores, constant.front()) : divided(scores, constant.front()));
  }

  // Which columns a Slice, Gather or ArrayFeatureExtractor takes; empty where it is not told, or no columns are taken.
  std::vector<int> some_columns(const Operator& op, const Ensemble& scores) const {
    std::vector<int> columns;
    if (op.source_kind != "Slice") {
      for (const std::int64_t column : integers(op, 1, "")) {
        const std::int64_t at = column < 0 ? column + scores.columns() : column;
        if (at < 0 || at >= scores.columns()) return {};
        columns.push_back(static_cast<int>(at));
      }
      return columns;
    }
    const auto begin = integers(op, 1, "starts"), end = integers(op, 2, "ends"), axes = integers(op, 3, "axes"),
               steps = integers(op, 4, "steps");
    if (begin.size() != 1 || end.size() != 1 || axes.size() != 1 || (axes[0] != 1 && axes[0] != -1)) return {};
    if (!steps.empty() && steps != std::vector<std::int64_t>{1}) return {};
    const std::int64_t count = scores.columns();
    const auto place = [count](std::int64_t at) {
      return std::clamp<std::int64_t>(at < 0 ? at + count : at, 0, count);
    };
    for (std::int64_t at = place(begin[0]); at < place(end[0]); ++at) columns.push_back(static_cast<int>(at));
    return columns;
  }

  base::Status on_stack(const Operator& op) {
    const auto axes = integers(op, 1, "axes");
    const auto stack = op.inputs.empty() ? stacks_.end() : stacks_.find(op.inputs.front());
    if (stack == stacks_.end() || axes != std::vector<std::int64_t>{0}) return refuse(op, "behind several ensembles");
    if (op.source_kind != "ReduceMean" && op.source_kind != "ReduceSum") return refuse(op, "behind several ensembles");
    return next(op, op.source_kind == "ReduceMean" ? averaged(stack->second) : added(stack->second));
  }

  // --- labels
  // ---------------------------------------------------------------------------------------------------------

  base::Status on_labels(const Operator& op) {
    const std::string& kind = op.source_kind;
    Labels labels;
    for (const int t : op.inputs)
      if (const auto found = labels_.find(t); found != labels_.end()) labels = found->second;
    if (kind == "ai.onnx.ml:ArrayFeatureExtractor" && op.inputs.size() == 2 && tensor(op.inputs[0]).constant) {
      labels.names = texts_of(tensor(op.inputs[0]));
    } else if (kind == "ai.onnx.ml:LabelEncoder") {
      EDGESCOPE_CHECK(encode(op, labels));
    } else if (kind != "Cast" && !keeps_order(kind)) {
      return refuse(op, "behind the labels");
    }
    labels_.insert_or_assign(op.outputs.front(), labels);
    return {};
  }

  base::Status encode(const Operator& op, Labels& labels) {
    EDGESCOPE_TRY(attributes, OnnxAttributes::read(model_, op));
    const auto list = [&](const std::string& prefix) {
      std::vector<std::string> texts = attributes.texts(prefix + "_strings");
      if (texts.empty())
        for (const std::int64_t number : attributes.integers(prefix + "_int64s"))
          texts.push_back(std::to_string(number));
      return texts;
    };
    const std::vector<std::string> keys = list("keys"), values = list("values");
    if (keys.empty() || keys.size() != values.size())
      return refuse(op, "with keys that are neither whole numbers nor texts");
    if (labels.names.empty())
      for (std::size_t i = 0; i < keys.size(); ++i) labels.names.push_back(std::to_string(i));
    for (std::string& label : labels.names) {
      const auto key = std::find(keys.begin(), keys.end(), label);
      if (key == keys.end()) return refuse(op, fmt::format("without a value for the label `{}`", label));
      label = values[static_cast<std::size_t>(key - keys.begin())];
    }
    return {};
  }

  // --- what the graph answers
  // -----------------------------------------------------------------------------------------

  base::Result<Ensemble> output() const {
    std::vector<int> scores, labels;
    for (const int each : graph_.outputs) {
      if (scores_.contains(each))
        scores.push_back(each);
      else if (labels_.contains(each))
        labels.push_back(each);
      else if (!constant(each))
        return fail(fmt::format("the output `{}` is not one of the ensemble's", tensor(each).name), "");
    }
    if (labels.size() > 1) return refuse(fmt::format("a graph of {} outputs of labels", labels.size()));
    if (scores.empty() && labels.empty()) return refuse("a graph without an output of the ensemble");
    EDGESCOPE_TRY(ensemble,
                  scores.empty() ? base::Result<Ensemble>(*labels_.at(labels.front()).scores) : result(scores));
    if (!labels.empty()) {
      const std::vector<std::string>& names = labels_.at(labels.front()).names;
      const auto classes = static_cast<std::size_t>(ensemble.columns());
      if (!names.empty() && names.size() != classes)
        return refuse(fmt::format("{} labels of {} classes", names.size(), classes));
      ensemble.classifier = true;
      if (!names.empty()) ensemble.labels = names;
    }
    return ensemble;
  }

  // Of several outputs of scores: the one that is made of all others, or the columns of a result one by one.
  base::Result<Ensemble> result(const std::vector<int>& outputs) const {
    for (const int last : outputs)
      if (const std::set<int> before = made_of(last);
          std::all_of(outputs.begin(), outputs.end(), [&](int each) { return before.contains(each); }))
        return *scores_.at(last);
    std::vector<Shared> columns;
    for (const int each : outputs) columns.push_back(scores_.at(each));
    if (std::any_of(columns.begin(), columns.end(), [](const Shared& each) { return each->columns() != 1; }))
      return refuse(fmt::format("a graph of {} outputs of scores", outputs.size()));
    auto made = forest::side_by_side(columns);
    if (!made) return refuse(fmt::format("a graph of {} outputs {}", outputs.size(), made.error().what));
    return made;
  }
  std::set<int> made_of(int tensor) const {
    const graph::Uses uses = graph::uses(graph_);
    std::set<int> all;
    for (std::vector<int> open = {tensor}; !open.empty();) {
      const int t = open.back();
      open.pop_back();
      if (t < 0 || !all.insert(t).second) continue;
      if (const int by = uses.producer[static_cast<std::size_t>(t)]; by >= 0) {
        const auto& inputs = graph_.operators[static_cast<std::size_t>(by)].inputs;
        open.insert(open.end(), inputs.begin(), inputs.end());
      }
    }
    return all;
  }

  // As many as the input's rows are long; where the file does not say it, as many as are tested.
  base::Status features(Ensemble& ensemble) const {
    if (!width_) return {};
    if (*width_ < ensemble.features)
      return fail(fmt::format("rows have {} values, and feature {} is tested", *width_, ensemble.features - 1), "");
    ensemble.features = *width_;
    return {};
  }

  const graph::Model& model_;
  const graph::Subgraph& graph_;
  std::optional<int> width_;                // of the input's rows
  std::size_t nodes_ = 0, nodes_made_ = 0;  // of the file's ensembles, and of those that operators make of them
  std::map<int, OnnxRows> rows_;
  std::map<int, Shared> scores_;
  std::map<int, std::vector<Shared>> stacks_;
  std::map<int, Labels> labels_;
  std::set<int> constants_;  // what is made of constants alone
};

}  // namespace

bool has_trees(const graph::Model& model) {
  if (model.format != graph::Format::Onnx || model.subgraphs.empty()) return false;
  const auto& operators = model.subgraphs.front().operators;
  return std::any_of(operators.begin(), operators.end(), is_ensemble);
}

base::Result<Ensemble> read_onnx(const graph::Model& model) {
  if (!has_trees(model))
    return base::fail({.what = "has no tree ensemble in its main graph", .file = model.files.front().path()});
  return Chain(model).read();
}

}  // namespace edgescope::forest
