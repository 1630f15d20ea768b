#include "format/forest/onnx_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>

#include "format/forest/onnx_attributes.h"
#include "graph/elements.h"

namespace edgescope::forest {
namespace {

using graph::ElementType;

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr int kMostColumns = 1 << 20;

tl::unexpected<base::Error> no(std::string why) { return base::fail({.what = std::move(why)}); }

// All numbers of a precision from -inf to inf by whole numbers in the same order.
template <typename Float, typename Whole>
struct Ordered {
  static Whole number(Float x) {
    const auto bits = std::bit_cast<Whole>(x);
    return bits < 0 ? static_cast<Whole>(std::numeric_limits<Whole>::min() - bits) : bits;
  }
  static Float at(Whole number) {
    return std::bit_cast<Float>(number < 0 ? static_cast<Whole>(std::numeric_limits<Whole>::min() - number) : number);
  }
  // The largest number of which `holds` is true, where it is true up to there; nothing where it is never true.
  template <typename Holds>
  static std::optional<double> last(const Holds& holds) {
    Whole low = number(-std::numeric_limits<Float>::infinity()), high = number(std::numeric_limits<Float>::infinity());
    if (!holds(static_cast<double>(at(low)))) return std::nullopt;
    if (holds(static_cast<double>(at(high)))) return kInfinity;
    while (low + 1 < high) {
      const Whole middle = std::midpoint(low, high);
      (holds(static_cast<double>(at(middle))) ? low : high) = middle;
    }
    return at(low) == 0 ? 0 : static_cast<double>(at(low));
  }
};

template <typename Float>
double step(Float x, Float value, int operation) {
  switch (operation) {
    case 0:
      return static_cast<double>(x + value);
    case 1:
      return static_cast<double>(x - value);
    case 2:
      return static_cast<double>(x * value);
    default:
      return static_cast<double>(x / value);
  }
}

}  // namespace

double OnnxRows::Step::of(double x) const {
  const auto calculated = [this](double left, double right, int operation) {
    return single ? step(static_cast<float>(left), static_cast<float>(right), operation) : step(left, right, operation);
  };
  switch (kind) {
    case Kind::Round:
      return static_cast<float>(x);
    case Kind::Add:
      return calculated(x, value, 0);
    case Kind::Subtract:
      return calculated(x, value, 1);
    case Kind::Multiply:
      return calculated(x, value, 2);
    case Kind::Divide:
      return calculated(x, value, 3);
    case Kind::Scale:
      return calculated(calculated(x, value, 1), scale, 2);
    case Kind::Impute:
      return std::isnan(x) ? value : x;
  }
  return x;
}

bool OnnxRows::Step::reverses() const {
  if (kind == Kind::Scale) return scale < 0;
  return (kind == Kind::Multiply || kind == Kind::Divide) && value < 0;
}

double OnnxRows::Column::of(double x) const {
  for (const Step& each : steps) x = each.of(x);
  return x;
}

OnnxRows::OnnxRows(ElementType type, std::optional<int> width)
    : single_(type != ElementType::Float64),
      whole_(type == ElementType::Int32 || type == ElementType::Int64),
      from_double_(type == ElementType::Float64) {
  if (!width || *width > kMostColumns) return;
  columns_.emplace();
  for (int f = 0; f < *width; ++f) columns_->push_back({.feature = f, .steps = {}});
}

base::Result<OnnxRows> OnnxRows::chosen(const std::vector<std::int64_t>& columns) const {
  if (columns.size() > kMostColumns) return no(fmt::format("with {} columns", columns.size()));
  OnnxRows rows = *this;
  rows.columns_.emplace();
  for (const std::int64_t column : columns) {
    const auto width = static_cast<std::int64_t>(columns_ ? columns_->size() : std::size_t{1} << 30);
    const std::int64_t at = column < 0 && columns_ ? column + width : column;
    if (at < 0 || at >= width) return no(fmt::format("of column {}", column));
    rows.columns_->push_back(columns_ ? (*columns_)[static_cast<std::size_t>(at)]
                                      : Column{.feature = static_cast<int>(at), .steps = {}});
  }
  return rows;
}

base::Result<OnnxRows> OnnxRows::stepped(Step::Kind kind, const std::vector<double>& values,
                                         const std::vector<double>& scales) const {
  if (!columns_) return no("of rows whose length the file does not say");
  if (whole_) return no("of whole numbers");
  OnnxRows rows = *this;
  const auto fits = [&](const std::vector<double>& list) {
    return list.size() == 1 || list.size() == columns_->size();
  };
  if (!fits(values) || (kind == Step::Kind::Scale && !fits(scales)))
    return no(fmt::format("with {} numbers for {} columns", values.size(), columns_->size()));
  for (std::size_t i = 0; i < columns_->size(); ++i) {
    Step step{.kind = kind, .single = single_, .value = values[values.size() == 1 ? 0 : i]};
    if (kind == Step::Kind::Scale) step.scale = scales[scales.size() == 1 ? 0 : i];
    const bool factor = kind == Step::Kind::Multiply || kind == Step::Kind::Divide;
    if (!std::isfinite(step.value) || !std::isfinite(step.scale) || step.scale == 0 || (factor && step.value == 0))
      return no("with factors that are zero or no numbers");
    (*rows.columns_)[i].steps.push_back(step);
  }
  return rows;
}

base::Result<OnnxRows> OnnxRows::cast(ElementType to) const {
  OnnxRows rows = *this;
  if (to == ElementType::Int32 || to == ElementType::Int64) {
    if (!whole_) return no("to whole numbers");
    return rows;
  }
  if (to != ElementType::Float32 && to != ElementType::Float64)
    return no(fmt::format("to {}", graph::element_type_name(to)));
  rows.whole_ = false;
  rows.single_ = to == ElementType::Float32;
  if (whole_) {
    rows.from_double_ = !rows.single_;
    return rows;
  }
  if (single_ || !rows.single_) return rows;  // float32 becomes float64, or nothing changes
  const bool untouched = !columns_ || std::all_of(columns_->begin(), columns_->end(),
                                                  [](const Column& column) { return column.steps.empty(); });
  if (from_double_ && !rounded_ && untouched)
    rows.rounded_ = true;
  else
    for (Column& column : *rows.columns_) column.steps.push_back({.kind = Step::Kind::Round});
  return rows;
}

base::Result<OnnxRows> OnnxRows::side_by_side(const std::vector<const OnnxRows*>& parts) {
  OnnxRows all = *parts.front();
  if (!all.columns_) return no("of rows whose length the file does not say");
  all.columns_->clear();
  for (const OnnxRows* part : parts) {
    if (!part->columns_) return no("of rows whose length the file does not say");
    if (part->rounded_ != all.rounded_ || part->single_ != all.single_ || part->whole_ != all.whole_)
      return no("of columns in different precisions");
    all.columns_->insert(all.columns_->end(), part->columns_->begin(), part->columns_->end());
    if (all.columns_->size() > kMostColumns) return no(fmt::format("with {} columns", all.columns_->size()));
  }
  return all;
}

base::Result<OnnxRows> OnnxRows::through(const graph::Model& model, const graph::Operator& op) const {
  const auto& tensors = model.subgraphs.front().tensors;
  const auto tensor = [&](int index) -> const graph::Tensor& { return tensors[static_cast<std::size_t>(index)]; };
  const std::string& kind = op.source_kind;
  if (kind == "Identity") return *this;
  if (kind == "Cast" && !op.outputs.empty()) return cast(tensor(op.outputs.front()).type);
  const bool has_constant = op.inputs.size() == 2 && op.inputs[1] >= 0 && tensor(op.inputs[1]).constant;
  if (kind == "Gather" || kind == "ai.onnx.ml:ArrayFeatureExtractor") {
    const std::int64_t axis = graph::get<std::int64_t>(op.attributes, "axis", kind == "Gather" ? 0 : 1);
    const auto indices = has_constant ? graph::integer_elements(tensor(op.inputs[1])) : std::nullopt;
    if (!indices || (axis != 1 && axis != -1)) return no("in front of the ensemble");
    return chosen(*indices);
  }
  if (kind == "ai.onnx.ml:Scaler") {
    EDGESCOPE_TRY(attributes, OnnxAttributes::read(model, op));
    EDGESCOPE_TRY(scaled, stepped(Step::Kind::Scale, attributes.reals("offset"), attributes.reals("scale")));
    return scaled.cast(ElementType::Float32);
  }
  if (kind == "ai.onnx.ml:Imputer") {
    EDGESCOPE_TRY(attributes, OnnxAttributes::read(model, op));
    if (!std::isnan(attributes.real("replaced_value_float", 0))) return no("of other values than NaN");
    return stepped(Step::Kind::Impute, attributes.reals("imputed_value_floats"));
  }
  const std::optional<Step::Kind> arithmetic = kind == "Add"   ? std::optional(Step::Kind::Add)
                                               : kind == "Sub" ? std::optional(Step::Kind::Subtract)
                                               : kind == "Mul" ? std::optional(Step::Kind::Multiply)
                                               : kind == "Div" ? std::optional(Step::Kind::Divide)
                                                               : std::nullopt;
  if (arithmetic && has_constant) return stepped(*arithmetic, reals_of(tensor(op.inputs[1])));
  return no("in front of the ensemble");
}

// What a node asks of a changed column, asked of the input.
class OnnxRows::Test {
 public:
  Test(const Column& column, bool single) : column_(column), single_(single) {
    for (const Step& step : column.steps) reversed_ = reversed_ != step.reverses();
  }

  base::Status move(const Ensemble& ensemble, Node& node) const {
    if (const double nan = column_.of(std::numeric_limits<double>::quiet_NaN()); !std::isnan(nan))
      node.nan_true = takes_true(ensemble, node, nan);
    switch (node.comparison) {
      case Comparison::LessEqual:
      case Comparison::Greater:
        below(node, true);
        return {};
      case Comparison::Less:
      case Comparison::GreaterEqual:
        below(node, false);
        return {};
      default:
        return no("in front of tests for equality");
    }
  }

 private:
  // The numbers that are changed to at most the threshold (or less) lie below a boundary, or above it where the order
  // is reversed.
  void below(Node& node, bool inclusive) const {
    const double threshold = node.threshold;
    const auto holds = [&](double x) {
      const double y = column_.of(reversed_ ? -x : x);
      return inclusive ? y <= threshold : y < threshold;
    };
    const std::optional<double> last =
        single_ ? Ordered<float, std::int32_t>::last(holds) : Ordered<double, std::int64_t>::last(holds);
    const bool opposite = node.comparison == Comparison::Greater || node.comparison == Comparison::GreaterEqual;
    if (!last) {  // of no number; of all numbers for the opposite
      node.comparison = opposite ? Comparison::LessEqual : Comparison::Less;
      node.threshold = opposite ? kInfinity : -kInfinity;
      return;
    }
    node.threshold = reversed_ ? -*last : *last;
    if (reversed_)
      node.comparison = opposite ? Comparison::Less : Comparison::GreaterEqual;
    else
      node.comparison = opposite ? Comparison::Greater : Comparison::LessEqual;
  }

  const Column& column_;
  bool single_;
  bool reversed_ = false;
};

base::Status OnnxRows::rewrite(Ensemble& ensemble) const {
  const bool single = !from_double_ || rounded_;
  if (columns_) {
    for (Tree& tree : ensemble.trees)
      for (Node& node : tree.nodes) {
        if (node.is_leaf()) continue;
        if (static_cast<std::size_t>(node.feature) >= columns_->size())
          return no(fmt::format("rows have {} values, and feature {} is tested", columns_->size(), node.feature));
        const Column& column = (*columns_)[static_cast<std::size_t>(node.feature)];
        if (!column.steps.empty()) EDGESCOPE_CHECK(Test(column, single).move(ensemble, node));
        node.feature = column.feature;
      }
    ensemble.features = 0;
    for (const Tree& tree : ensemble.trees)
      for (const Node& node : tree.nodes) ensemble.features = std::max(ensemble.features, node.feature + 1);
  }
  ensemble.input = single ? Precision::Float32 : Precision::Float64;
  return {};
}

}  // namespace edgescope::forest
