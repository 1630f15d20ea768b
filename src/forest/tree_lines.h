// Numbers of each row and tree as CPUs like them: tree by tree, a line of rows for each.
//
// Where all rows are at places of their own, the lines are one list, [trees * rows], and every look-up is of single
// numbers in a list, for which runtimes have one vectorised loop; what is added, is added over long lines. With
// OpenVINO 2024.6 a traversal takes half the time that it takes row by row, [rows, trees].
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "graph/builder.h"

namespace edgescope::forest {

class TreeLines {
 public:
  TreeLines(graph::Builder& builder, std::int64_t trees, std::int64_t rows) : b_(builder), trees_(trees), rows_(rows) {}

  // All numbers of a tensor as a list.
  int list(int tensor);
  // What stands in a list [n] at places.
  int look_up(int list, int places, std::string name = {});

  // What each row has in the line of `table` [lines, rows] that a place names, by where that line begins.
  int pick(int table, int begins, std::string name = {});
  // Where lines begin: of numbers that are known, and of those that are not.
  std::vector<std::int32_t> begins(std::vector<std::int32_t> lines) const;
  int begins(int lines);

 private:
  graph::Builder& b_;
  std::int64_t trees_, rows_;
  std::map<int, int> lists_;  // of tables
  int row_ = -1;              // the row of each place
};

}  // namespace edgescope::forest
