#include "forest/program_parts.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "base/half.h"

namespace edgescope::forest {

using graph::ElementType;
using graph::Kind;
namespace attr = graph::attr;

namespace {

// The mean of all trees' leaves is the average that is asked for, without a division in small numbers.
bool is_mean(const Ensemble& ensemble) {
  if (ensemble.aggregate != Aggregate::Average) return false;
  const auto trees = static_cast<double>(ensemble.trees.size());
  return std::all_of(ensemble.divisors.begin(), ensemble.divisors.end(), [&](double d) { return d == trees; }) &&
         std::all_of(ensemble.trees.begin(), ensemble.trees.end(), [&](const Tree& tree) {
           return tree.outputs.size() == static_cast<std::size_t>(ensemble.outputs);
         });
}

}  // namespace

ProgramParts::ProgramParts(const Ensemble& ensemble, const UniformForest& forest, const ProgramPlan& plan)
    : ensemble_(ensemble),
      forest_(forest),
      plan_(plan),
      b_(plan.format, std::string(strategy_name(plan.strategy)) + "_forest"),
      lines_(b_, trees(), plan.batch),
      means_(is_mean(ensemble)) {
  const auto outputs = static_cast<std::size_t>(ensemble.outputs);
  std::vector<double> base = ensemble.base_values;
  base.resize(outputs);
  // A sum may start anywhere; of a mean, a minimum and a maximum all trees carry the base.
  first_base_ = base;
  other_base_ = means_ || !sums() ? base : std::vector<double>(outputs);
  factors_.assign(outputs, 1);
  if (ensemble.aggregate == Aggregate::Average && !means_) factors_ = ensemble.divisors;
}

bool ProgramParts::ahead(std::int64_t nodes) const {
  if (plan_.ahead) return *plan_.ahead;
  const auto rows = static_cast<double>(batch()), all = static_cast<double>(nodes);
  const double levels = forest_.depth - 1;
  // Per level five operations less; per row and node three elements more. The NCS2's cost is the stage law's
  // (target/ncs2/cost.h); the CPU's was measured with OpenVINO 2024.6 on one thread of an x86 machine.
  if (plan_.ncs2) return all * rows * 0.25 < levels * 5 * 31;
  return all * (0.02 + rows * 0.0004) < levels * (5 * 0.19 + rows * static_cast<double>(trees()) * 0.0013);
}

int ProgramParts::numbers(std::string name, Dims dims, const std::vector<float>& values) {
  if (number() == ElementType::Float32) return b_.constant(std::move(name), std::move(dims), values);
  std::vector<std::byte> bytes(2 * values.size());
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::uint16_t half = base::to_half(values[i]);
    std::memcpy(bytes.data() + 2 * i, &half, 2);
  }
  return b_.constant(std::move(name), ElementType::Float16, std::move(dims), std::move(bytes));
}

int ProgramParts::integers(std::string name, Dims dims, const std::vector<std::int32_t>& values) {
  return b_.constant(std::move(name), std::move(dims), values);
}

int ProgramParts::columns(std::int64_t axis) {
  const std::int64_t features = std::max(1, ensemble_.features);
  int x = b_.input("x", number(), {batch(), features});
  if (axis == 0)
    x = batch() == 1 ? b_.add(Kind::Reshape, {x}, {{attr::shape, {features, 1}}})
                     : b_.add(Kind::Transpose, {x}, {{attr::permutation, {1, 0}}});
  // Groups of further columns, each gathered from the features and changed by the same operations.
  std::vector<int> parts = {x};
  for (auto first = forest_.columns.begin() + features; first != forest_.columns.end();) {
    std::vector<std::int32_t> of;
    const Column kind = *first;
    for (; first != forest_.columns.end() && first->zero_missing == kind.zero_missing && first->negated == kind.negated;
         ++first)
      of.push_back(first->feature);
    const bool all = of.size() == static_cast<std::size_t>(features);
    int part = all ? x
                   : b_.add(Kind::Gather, {x, integers("features", {static_cast<std::int64_t>(of.size())}, of)},
                            {{attr::axis, axis}});
    if (kind.zero_missing) {
      // |x| <= 1e-35: of 16-bit floats only zeros are.
      const int missing = numbers("missing", {1, 1}, {std::numeric_limits<float>::quiet_NaN()});
      const int is_zero = plan_.ncs2
                              ? b_.add(Kind::Equal, {part, numbers("zero", {1, 1}, {0})})
                              : b_.add(Kind::LessEqual, {b_.add(Kind::Abs, {part}), numbers("zero", {1, 1}, {1e-35F})});
      part = b_.add(Kind::Select, {is_zero, missing, part});
    }
    if (kind.negated) part = b_.add(Kind::Negate, {part});
    parts.push_back(part);
  }
  return parts.size() == 1 ? x : b_.add(Kind::Concatenation, parts, {{attr::axis, axis}});
}

int ProgramParts::column_numbers(std::string name, const std::vector<std::int32_t>& columns) {
  const auto count = static_cast<std::int64_t>(columns.size());
  return integers(std::move(name), {count}, plan_.ncs2 ? columns : lines_.begins(columns));
}

int ProgramParts::pick(int table, int column_numbers, std::string name) {
  if (!plan_.ncs2) return lines_.pick(table, column_numbers, std::move(name));
  return b_.add(Kind::GatherElements, {table, column_numbers}, {{attr::axis, 1}}, std::move(name));
}

int ProgramParts::test(int columns, int thresholds, bool as_integer) {
  const int yes = b_.add(forest_.or_equal ? Kind::LessEqual : Kind::Less, {columns, thresholds});
  return b_.add(Kind::Cast, {yes}, {{attr::to, as_integer ? ElementType::Int32 : number()}});
}

void ProgramParts::values(std::size_t index, int leaf, std::span<float> into) const {
  const Tree& tree = ensemble_.trees[index];
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const double neutral = ensemble_.aggregate == Aggregate::Min   ? kInfinity
                         : ensemble_.aggregate == Aggregate::Max ? -kInfinity
                                                                 : 0;
  const std::vector<double>& base = index == 0 ? first_base_ : other_base_;
  const double* value = &tree.values[static_cast<std::size_t>(leaf) * tree.outputs.size()];
  std::size_t next = 0;
  for (std::size_t k = 0; k < into.size(); ++k) {
    const bool has = next < tree.outputs.size() && tree.outputs[next] == static_cast<int>(k);
    into[k] = static_cast<float>((has ? value[next++] / factors_[k] : neutral) + base[k]);
  }
}

int ProgramParts::aggregate(int values, std::int64_t axis) {
  const Kind kind = ensemble_.aggregate == Aggregate::Min   ? Kind::ReduceMin
                    : ensemble_.aggregate == Aggregate::Max ? Kind::ReduceMax
                    : means()                               ? Kind::ReduceMean
                                                            : Kind::ReduceSum;
  return b_.add(kind, {values}, {{attr::axes, {axis}}});
}

void ProgramParts::finish(int places, const std::vector<Row>& rows) {
  const auto count = static_cast<std::int64_t>(rows.size());
  if (leaves_wanted()) {
    std::vector<std::int32_t> leaves(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) leaves[i] = rows[i].leaf;
    int leaf = look_up(integers("leaf_numbers", {count}, leaves), places);
    if (!plan_.ncs2) {
      leaf = b_.add(Kind::Reshape, {leaf}, {{attr::shape, {trees(), batch()}}});
      leaf = b_.add(Kind::Transpose, {leaf}, {{attr::permutation, {1, 0}}});
    }
    b_.output(leaf, "leaves");
    return;
  }
  const auto width = static_cast<std::size_t>(outputs());
  // As bytes at once: of a perfect forest the table is most of the program, and a copy of it most of the work.
  const std::size_t each = plan_.ncs2 ? sizeof(std::uint16_t) : sizeof(float);
  std::vector<std::byte> table(rows.size() * width * each);
  std::vector<float> leaf(width);
  // Where a value of a place stands: beside the others of its place, or in its output's line. OpenVINO's kernel for
  // CPUs looks single numbers up four times as fast as rows of four; the others copy what they look up.
  const bool lines = plan_.format == graph::Format::OpenVinoIr && !plan_.ncs2;
  const std::size_t place_step = lines ? 1 : width, output_step = lines ? rows.size() : 1;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].tree < 0) continue;
    values(static_cast<std::size_t>(rows[i].tree), rows[i].leaf, leaf);
    for (std::size_t k = 0; k < width; ++k) {
      const std::uint16_t half = base::to_half(leaf[k]);
      std::memcpy(table.data() + (i * place_step + k * output_step) * each,
                  plan_.ncs2 ? static_cast<const void*>(&half) : &leaf[k], each);
    }
  }
  const Dims dims = lines ? Dims{outputs(), count} : Dims{count, outputs()};
  const int list = b_.constant("leaf_values", number(), dims, std::move(table));
  int leaves = b_.add(Kind::Gather, {list, places}, {{attr::axis, lines ? 1 : 0}});
  if (lines) {
    leaves = b_.add(Kind::Reshape, {leaves}, {{attr::shape, {outputs(), trees(), batch()}}});
    b_.output(b_.add(Kind::Transpose, {aggregate(leaves, 1)}, {{attr::permutation, {1, 0}}}), "scores");
    return;
  }
  if (!plan_.ncs2) leaves = b_.add(Kind::Reshape, {leaves}, {{attr::shape, {trees(), batch(), outputs()}}});
  b_.output(aggregate(leaves, plan_.ncs2 ? 1 : 0), "scores");
}

}  // namespace edgescope::forest
