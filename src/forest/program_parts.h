// What the classical programs have in common: how columns come about, how a comparison becomes a number, how places
// in trees are looked up, and what follows when the leaves are known.
//
// TT and PTT keep one number for each row and tree: on CPUs tree by tree (tree_lines.h), on the NCS2, where a stage
// costs more than what is in it, as [batch, trees].
#pragma once

#include <limits>
#include <span>
#include <string>
#include <vector>

#include "forest/program.h"
#include "forest/tree_lines.h"
#include "graph/builder.h"

namespace edgescope::forest {

class ProgramParts {
 public:
  using Dims = graph::Builder::Dims;

  ProgramParts(const Ensemble& ensemble, const UniformForest& forest, const ProgramPlan& plan);

  graph::Builder& builder() { return b_; }
  const UniformForest& forest() const { return forest_; }
  std::int64_t batch() const { return plan_.batch; }
  std::int64_t trees() const { return static_cast<std::int64_t>(forest_.trees.size()); }
  std::int64_t outputs() const { return ensemble_.outputs; }
  bool ahead(std::int64_t nodes) const;  // ProgramPlan::ahead, decided
  bool leaves_wanted() const { return plan_.answer == Answer::Leaves; }

  // The forest's columns along `axis`: [columns, batch], or [batch, columns].
  int columns(std::int64_t axis);

  // A constant of the device's float, or of 32-bit integers.
  int numbers(std::string name, Dims dims, const std::vector<float>& values);
  int integers(std::string name, Dims dims, const std::vector<std::int32_t>& values);

  // Of TT and PTT: the dimension along which the columns of `x` and the trees lie, and a shape of one number a tree.
  std::int64_t tree_axis() const { return plan_.ncs2 ? 1 : 0; }
  Dims per_tree(std::int64_t count) const { return plan_.ncs2 ? Dims{1, count} : Dims{count, 1}; }
  // Places, which can be looked up, from one number for each row and tree.
  int places(int numbers) { return plan_.ncs2 ? numbers : lines_.list(numbers); }
  int look_up(int list, int places, std::string name = {}) { return lines_.look_up(list, places, std::move(name)); }
  // What each row has in a table's column (along tree_axis()), by a constant or a calculated number of it.
  int column_numbers(std::string name, const std::vector<std::int32_t>& columns);
  int column_numbers(int columns) { return plan_.ncs2 ? columns : lines_.begins(columns); }
  int pick(int table, int column_numbers, std::string name = {});
  // 1 where the tests say yes, else 0, of i32 or of the device's float.
  int test(int columns, int thresholds, bool as_integer);

  // What a leaf adds to each output, [outputs]: with its part of base values and divisors, so that aggregating the
  // leaves of all trees gives the scores.
  void values(std::size_t tree, int leaf, std::span<float> into) const;
  // Aggregates along one dimension.
  int aggregate(int values, std::int64_t axis);
  bool sums() const { return ensemble_.aggregate == Aggregate::Sum || ensemble_.aggregate == Aggregate::Average; }
  bool means() const { return means_; }  // Average over trees that all have all outputs: no division in small numbers

  // The end of TT and PTT: places in tables of `rows` rows, each of which is a leaf or never reached (tree -1).
  struct Row {
    int tree = -1, leaf = 0;
  };
  void finish(int places, const std::vector<Row>& rows);

  graph::ElementType number() const { return plan_.ncs2 ? graph::ElementType::Float16 : graph::ElementType::Float32; }
  float largest() const { return plan_.ncs2 ? 65504 : std::numeric_limits<float>::max(); }

 private:
  const Ensemble& ensemble_;
  const UniformForest& forest_;
  const ProgramPlan& plan_;
  graph::Builder b_;
  TreeLines lines_;
  bool means_;
  std::vector<double> first_base_, other_base_, factors_;  // what leaves of the first tree and of others carry
};

// Their bodies; what is left is to finish the builder.
base::Status gemm(ProgramParts& parts);
base::Status tt(ProgramParts& parts);
base::Status ptt(ProgramParts& parts);

}  // namespace edgescope::forest
