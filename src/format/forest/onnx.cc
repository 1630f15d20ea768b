#include "format/forest/onnx.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "format/forest/arrange.h"
#include "format/forest/onnx_attributes.h"

namespace edgescope::forest {
namespace {

using graph::ElementType;

bool is_ensemble(const graph::Operator& op) { return op.source_kind.starts_with("ai.onnx.ml:TreeEnsemble"); }

bool is_any(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}
bool keeps_order(std::string_view name) {
  return is_any(name, {"Identity", "Reshape", "Squeeze", "Unsqueeze", "Flatten"});
}

// Follows the values through the graph: rows, the ensemble's scores, labels.
class Chain {
 public:
  explicit Chain(const graph::Model& model) : model_(model), graph_(model.subgraphs.front()) {}

  base::Result<Ensemble> read() {
    for (const int input : graph_.inputs)
      if (!tensor(input).constant) rows_.insert(input);
    if (rows_.size() != 1) return refuse(fmt::format("a graph of {} inputs", rows_.size()));
    const int input = *rows_.begin();
    EDGESCOPE_CHECK(row_type(tensor(input).type, "input"));
    for (const graph::Operator& op : graph_.operators) {
      if (reads(op, rows_))
        EDGESCOPE_CHECK(on_rows(op));
      else if (reads(op, scores_) || reads(op, earlier_scores_))
        EDGESCOPE_CHECK(on_scores(op));
      else if (reads(op, labels_))
        EDGESCOPE_CHECK(on_labels(op));
      else
        return refuse(op, "beside the ensemble");
    }
    for (const int output : graph_.outputs)
      if (!scores_.contains(output) && !earlier_scores_.contains(output) && !labels_.contains(output))
        return fail(fmt::format("the output `{}` is not one of the ensemble's", tensor(output).name), "");
    EDGESCOPE_CHECK(features(tensor(input).shape));
    ensemble_.producer = model_.producer;
    if (const base::Status valid = validate(ensemble_); !valid) return fail(valid.error().what, "");
    return std::move(ensemble_);
  }

 private:
  using Tensors = std::set<int>;

  const graph::Tensor& tensor(int index) const { return graph_.tensors[static_cast<std::size_t>(index)]; }

  tl::unexpected<base::Error> fail(std::string what, std::string node) const {
    return base::fail({.what = std::move(what), .file = model_.files.front().path(), .node = std::move(node)});
  }
  tl::unexpected<base::Error> refuse(std::string what) const {
    return base::fail(unsupported(std::move(what), model_.files.front().path()));
  }
  tl::unexpected<base::Error> refuse(const graph::Operator& op, std::string_view where) const {
    base::Error error =
        unsupported(fmt::format("the operator `{}` {}", op.source_kind, where), model_.files.front().path());
    error.node = op.name;
    return base::fail(std::move(error));
  }

  static bool reads(const graph::Operator& op, const Tensors& tensors) {
    return std::any_of(op.inputs.begin(), op.inputs.end(), [&](int t) { return tensors.contains(t); });
  }

  base::Status row_type(ElementType type, std::string_view what) {
    switch (type) {
      case ElementType::Float32:
        float32_ = true;
        return {};
      case ElementType::Float64:
      case ElementType::Int32:
      case ElementType::Int64:
        return {};
      default:
        return refuse(fmt::format("an {} of type {}", what, graph::element_type_name(type)));
    }
  }

  base::Status on_rows(const graph::Operator& op) {
    if (is_ensemble(op)) {
      if (found_) return refuse("a second tree ensemble in the graph");
      found_ = true;
      EDGESCOPE_TRY(ensemble, read_onnx_trees(model_, op, tensor(op.inputs.front()).type));
      ensemble_ = std::move(ensemble);
      if (float32_) ensemble_.input = Precision::Float32;  // rows were float32 before a Cast to float64
      const bool classifier = op.source_kind == "ai.onnx.ml:TreeEnsembleClassifier";
      if (op.outputs.size() != (classifier ? 2u : 1u))
        return fail(fmt::format("it has {} outputs", op.outputs.size()), op.name);
      if (classifier) labels_.insert(op.outputs.front());
      scores_.insert(op.outputs.back());
      return {};
    }
    if (op.source_kind != "Cast" && op.source_kind != "Identity") return refuse(op, "in front of the ensemble");
    if (op.outputs.empty()) return {};
    EDGESCOPE_CHECK(row_type(tensor(op.outputs.front()).type, "row"));
    rows_.insert(op.outputs.front());
    return {};
  }

  // Other names for the same scores, or the scores after one more step.
  void same(const graph::Operator& op) { scores_.insert(op.outputs.begin(), op.outputs.end()); }
  void next(const graph::Operator& op) {
    earlier_scores_.insert(scores_.begin(), scores_.end());
    scores_ = {op.outputs.begin(), op.outputs.end()};
  }

  base::Status on_scores(const graph::Operator& op) {
    const std::string& kind = op.source_kind;
    if (kind == "ArgMax") {  // of any of them: every step keeps the order within a row
      labels_.insert(op.outputs.begin(), op.outputs.end());
      return {};
    }
    if (!reads(op, scores_)) return refuse(op, "behind scores that have gone another way already");
    if (kind == "ai.onnx.ml:ZipMap") {
      EDGESCOPE_TRY(attributes, OnnxAttributes::read(model_, op));
      std::vector<std::string> labels = attributes.texts("classlabels_strings");
      if (labels.empty())
        for (const std::int64_t label : attributes.integers("classlabels_int64s"))
          labels.push_back(std::to_string(label));
      ensemble_.classifier = true;
      ensemble_.labels = std::move(labels);
      same(op);
      return {};
    }
    if (keeps_order(kind) || (kind == "Cast" && floats(op)) || (kind == "Mul" && by_one(op))) {
      same(op);
      return {};
    }
    if (kind == "ai.onnx.ml:Normalizer") {
      EDGESCOPE_TRY(attributes, OnnxAttributes::read(model_, op));
      const std::string norm = attributes.text("norm", "MAX");
      if (ensemble_.norm != Norm::None) return refuse(op, "twice");
      if (norm == "MAX") ensemble_.norm = Norm::Max;
      if (norm == "L1") ensemble_.norm = Norm::L1;
      if (norm == "L2") ensemble_.norm = Norm::L2;
      if (ensemble_.norm == Norm::None) return refuse(fmt::format("the norm `{}`", norm));
      next(op);
      return {};
    }
    const PostTransform transform = kind == "Exp"       ? PostTransform::Exp
                                    : kind == "Sigmoid" ? PostTransform::Logistic
                                    : kind == "Softmax" ? PostTransform::Softmax
                                                        : PostTransform::None;
    if (transform == PostTransform::None) return refuse(op, "behind the ensemble");
    if (ensemble_.post_transform != PostTransform::None || ensemble_.second_class != SecondClass::None ||
        ensemble_.norm != Norm::None)
      return refuse(op, "behind scores that are transformed already");
    ensemble_.post_transform = transform;
    next(op);
    return {};
  }

  bool floats(const graph::Operator& op) const {
    return std::all_of(op.outputs.begin(), op.outputs.end(), [&](int t) {
      return is_any(graph::element_type_name(tensor(t).type), {"f32", "f64"});
    });
  }

  bool by_one(const graph::Operator& op) const {
    return std::all_of(op.inputs.begin(), op.inputs.end(), [&](int t) {
      if (scores_.contains(t)) return true;
      const std::vector<double> factors = t >= 0 && tensor(t).constant ? reals_of(tensor(t)) : std::vector<double>{};
      return factors.size() == 1 && factors.front() == 1;
    });
  }

  base::Status on_labels(const graph::Operator& op) {
    const std::string& kind = op.source_kind;
    if (kind == "ai.onnx.ml:ArrayFeatureExtractor" && op.inputs.size() == 2 && tensor(op.inputs[0]).constant) {
      EDGESCOPE_CHECK(label_with(op, texts_of(tensor(op.inputs[0]))));
    } else if (kind == "ai.onnx.ml:LabelEncoder") {
      EDGESCOPE_CHECK(encode_labels(op));
    } else if (kind != "Cast" && !keeps_order(kind)) {
      return refuse(op, "behind the labels");
    }
    labels_.insert(op.outputs.begin(), op.outputs.end());
    return {};
  }

  std::size_t class_count() const { return static_cast<std::size_t>(ensemble_.columns()); }

  base::Status label_with(const graph::Operator& op, std::vector<std::string> labels) {
    if (labels.size() != class_count())
      return refuse(op, fmt::format("with {} labels for {} classes", labels.size(), class_count()));
    ensemble_.classifier = true;
    ensemble_.labels = std::move(labels);
    return {};
  }

  base::Status encode_labels(const graph::Operator& op) {
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
    std::vector<std::string> labels = ensemble_.labels;
    if (labels.empty())
      for (std::size_t i = 0; i < class_count(); ++i) labels.push_back(std::to_string(i));
    for (std::string& label : labels) {
      const auto key = std::find(keys.begin(), keys.end(), label);
      if (key == keys.end()) return refuse(op, fmt::format("without a value for the label `{}`", label));
      label = values[static_cast<std::size_t>(key - keys.begin())];
    }
    return label_with(op, std::move(labels));
  }

  // As many as the input's rows are long; where the file does not say it, as many as are tested.
  base::Status features(const graph::Shape& shape) {
    if (!shape.known || shape.dims.size() < 2 || shape.dims.back() < 0) return {};
    const std::int64_t width = shape.dims.back();
    if (width < ensemble_.features || width > 1 << 30)
      return fail(fmt::format("rows have {} values, and feature {} is tested", width, ensemble_.features - 1), "");
    ensemble_.features = static_cast<int>(width);
    return {};
  }

  const graph::Model& model_;
  const graph::Subgraph& graph_;
  bool found_ = false;
  bool float32_ = false;  // rows are float32 somewhere on their way
  Tensors rows_, scores_, earlier_scores_, labels_;
  Ensemble ensemble_;
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
