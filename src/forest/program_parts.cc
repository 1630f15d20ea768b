#include "forest/program_parts.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "base/half.h"

namespace edgescope::forest {

using graph::Builder;
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
  // Per level five operations less; per row and node three elements more. The NCS2's cost is the stage law's
  // (target/ncs2/cost.h); the CPU's was seen with OpenVINO 2026 on one thread: the choice matters little near it.
  const double operation_us = plan_.ncs2 ? 31 : 0.19, element_us = plan_.ncs2 ? 0.25 : 0.00065;
  return static_cast<double>(nodes * batch()) * element_us < 5 * (forest_.depth - 1) * operation_us;
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

int ProgramParts::columns() {
  const std::int64_t features = std::max(1, ensemble_.features);
  const int x = b_.input("x", number(), {batch(), features});
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
                            {{attr::axis, 1}});
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
  return parts.size() == 1 ? x : b_.add(Kind::Concatenation, parts, {{attr::axis, 1}});
}

// OpenVINO's kernel for batches of lists is twice as fast as that for single elements, but crashes where one list of
// few elements is the whole batch (2026.4); one list needs no batch. On the NCS2 all are one stage, and single
// elements are what has been run on sticks.
int ProgramParts::pick(int rows, int indices, std::string name) {
  if (plan_.ncs2) return b_.add(Kind::GatherElements, {rows, indices}, {{attr::axis, 1}}, std::move(name));
  if (batch() > 1)
    return b_.add(Kind::Gather, {rows, indices}, {{attr::axis, 1}, {attr::batch_dims, 1}}, std::move(name));
  const auto [list, is_new] = lists_.try_emplace(rows, 0);
  if (is_new) list->second = b_.add(Kind::Reshape, {rows}, {{attr::shape, {-1}}});
  return b_.add(Kind::Gather, {list->second, indices}, {{attr::axis, 0}}, std::move(name));
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
    b_.output(b_.add(Kind::Gather, {integers("leaf_numbers", {count}, leaves), places}, {{attr::axis, 0}}), "leaves");
    return;
  }
  const auto width = static_cast<std::size_t>(outputs());
  // As bytes at once: of a perfect forest the table is most of the program, and a copy of it most of the work.
  const std::size_t each = plan_.ncs2 ? sizeof(std::uint16_t) : sizeof(float);
  std::vector<std::byte> table(rows.size() * width * each);
  std::vector<float> row(width);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].tree < 0) continue;
    values(static_cast<std::size_t>(rows[i].tree), rows[i].leaf, row);
    for (std::size_t k = 0; k < width; ++k) {
      const std::uint16_t half = base::to_half(row[k]);
      std::memcpy(table.data() + (i * width + k) * each, plan_.ncs2 ? static_cast<const void*>(&half) : &row[k], each);
    }
  }
  const int values_at = b_.constant("leaf_values", number(), {count, outputs()}, std::move(table));
  const int leaves = b_.add(Kind::Gather, {values_at, places}, {{attr::axis, 0}});
  b_.output(aggregate(leaves, 1), "scores");
}

}  // namespace edgescope::forest
