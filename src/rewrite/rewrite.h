// A rewrite: one kind of change to a graph that leaves what it computes as it was, as far as its equivalence says,
// and that some device takes better. One file each; the catalogue lists them, docs/fix.md explains them.
//
// A rewrite looks at one operator and does it or leaves it alone. It does not know whether that pays: `fix` tries it
// and asks the target (fix.h).
#pragma once

#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graph/model.h"

namespace edgescope::rewrite {

enum class Equivalence {
  Exact,        // the same bits, NaN for NaN; the sign of a zero may differ
  Bounded,      // within the bound that the rewrite states
  Approximate,  // never applied unasked
};

std::string_view text(Equivalence equivalence);  // "exact", "bounded", "approximate"

struct Rewrite {
  std::string_view id;      // "less-equal"
  std::string_view about;   // what becomes of what
  std::string_view why;     // what it is good for
  std::string_view target;  // "ncs2", "edgetpu"; empty: any
  Equivalence equivalence = Equivalence::Exact;
  std::string_view bound;     // Bounded and Approximate: how far, in words
  bool of_nan_too = true;     // Bounded: whether it holds for NaN, which runtimes' exp does not always pass on
  bool of_edges_too = true;   // Bounded: whether it holds for infinities and where sums overflow
  double tolerance = 0;       // the same as a share of the largest value of an output
  double steps = 0;           // the same of 8- and 16-bit outputs, in their steps
  bool of_all = false;        // of a target: for operators that it takes as they are, too
  bool changes_ends = false;  // inputs and outputs are of other types afterwards: whoever feeds the network has to know

  // Changes the graph at operator `index` and says so, or leaves it as it is.
  bool (*apply)(graph::Model& model, graph::Subgraph& graph, int index);
};

// In the order in which they are tried.
std::span<const Rewrite> catalogue();

// Everywhere in the main graph where it fits; with `only` at the operators that make one of these tensors. Names of
// the operators that it changed, as the graph called them.
std::vector<std::string> apply_everywhere(const Rewrite& rewrite, graph::Model& model,
                                          const std::set<int>* only = nullptr);

}  // namespace edgescope::rewrite
