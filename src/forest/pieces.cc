#include "forest/pieces.h"

#include <algorithm>

namespace edgescope::forest {
namespace {

// One tree: which of its nodes begin a piece.
class Cut {
 public:
  Cut(const Tree& tree, const std::vector<NodeTest>& tests, int height)
      : tree_(tree), tests_(tests), begins_(tree.nodes.size()) {
    // From the leaves up; a node that would be too high for its piece becomes the top of its highest children's
    // cuts. Children stand behind their parents.
    std::vector<int> levels(tree.nodes.size());  // of the piece that a node is in, from it down
    for (std::size_t i = tree.nodes.size(); i-- > 0;) {
      if (tree.nodes[i].is_leaf() || tests[i].constant()) continue;
      const std::size_t children[] = {child(i, false), child(i, true)};
      if (std::max(levels[children[0]], levels[children[1]]) == height)
        for (const std::size_t c : children)
          if (levels[c] == height) {
            begins_[c] = true;
            levels[c] = 0;
          }
      levels[i] = 1 + std::max(levels[children[0]], levels[children[1]]);
    }
    root_ = past_constants(0);
    if (!leaf(root_)) begins_[root_] = true;
    // Only what a row can come to is a piece.
    std::vector<std::size_t> stack = {root_};
    while (!stack.empty()) {
      const std::size_t i = stack.back();
      stack.pop_back();
      if (leaf(i)) continue;
      pieces_ += begins_[i] ? 1 : 0;
      stack.push_back(child(i, false));
      stack.push_back(child(i, true));
    }
  }

  int pieces() const { return pieces_; }
  std::size_t root() const { return root_; }
  bool begins(std::size_t i) const { return begins_[i]; }
  bool leaf(std::size_t i) const { return tree_.nodes[i].is_leaf(); }
  int leaf_number(std::size_t i) const { return tree_.nodes[i].leaf; }
  const NodeTest& test(std::size_t i) const { return tests_[i]; }
  std::size_t child(std::size_t i, bool above) const {
    const Node& node = tree_.nodes[i];
    return past_constants(static_cast<std::size_t>(above ? tests_[i].above(node) : tests_[i].below(node)));
  }

 private:
  std::size_t past_constants(std::size_t i) const {
    while (!leaf(i) && tests_[i].constant())
      i = static_cast<std::size_t>(tests_[i].rank < 0 ? tests_[i].above(tree_.nodes[i])
                                                      : tests_[i].below(tree_.nodes[i]));
    return i;
  }

  const Tree& tree_;
  const std::vector<NodeTest>& tests_;
  std::vector<bool> begins_;
  std::size_t root_ = 0;
  int pieces_ = 0;
};

class Cutter {
 public:
  Cutter(const Ensemble& ensemble, const Encoding& encoding, int height) : ensemble_(ensemble), encoding_(encoding) {
    pieces_.height = height;
  }

  Pieces make() && {
    ensemble_tables();
    for (std::size_t t = 0; t < ensemble_.trees.size(); ++t) add(ensemble_.trees[t], encoding_.tests[t]);
    return std::move(pieces_);
  }

 private:
  void ensemble_tables() {
    // The lists of names are the same twice, so that the decoder needs no other file.
    static_assert(static_cast<int>(Decoder::Transform::MaxIndex) == static_cast<int>(PostTransform::MaxIndex) &&
                  static_cast<int>(Decoder::Combine::Max) == static_cast<int>(Aggregate::Max) &&
                  static_cast<int>(Decoder::Second::Negated) == static_cast<int>(SecondClass::Negated) &&
                  static_cast<int>(Decoder::Norm::Max) == static_cast<int>(Norm::Max));
    Decoder::Tables& tables = pieces_.tables;
    tables.height = pieces_.height;
    tables.output_count = ensemble_.outputs;
    tables.base_values = ensemble_.base_values;
    tables.divisors = ensemble_.divisors;
    tables.base_first = ensemble_.base_first;
    tables.sum_in_float = ensemble_.sum == Precision::Float32;
    tables.result_in_float = ensemble_.result == Precision::Float32;
    tables.combine = static_cast<Decoder::Combine>(ensemble_.aggregate);
    tables.transform = static_cast<Decoder::Transform>(ensemble_.post_transform);
    tables.alpha = ensemble_.alpha;
    tables.second = static_cast<Decoder::Second>(ensemble_.second_class);
    tables.factor = ensemble_.factor;
    tables.norm = static_cast<Decoder::Norm>(ensemble_.norm);
  }

  void add(const Tree& tree, const std::vector<NodeTest>& tests) {
    const Cut cut(tree, tests, pieces_.height);
    Decoder::Tables& tables = pieces_.tables;
    Decoder::Tree entry;
    entry.first_value = static_cast<int>(tables.values.size());
    entry.outputs = static_cast<int>(tree.outputs.size());
    entry.first_output = static_cast<int>(tables.outputs.size());
    entry.adjacent = tree.outputs.back() - tree.outputs.front() + 1 == entry.outputs;
    tables.values.insert(tables.values.end(), tree.values.begin(), tree.values.end());
    tables.outputs.insert(tables.outputs.end(), tree.outputs.begin(), tree.outputs.end());
    if (cut.leaf(cut.root())) {
      entry.root = cut.leaf_number(cut.root());
    } else {
      entry.root = ~next_piece_;
      add_pieces(cut, entry);
    }
    tables.trees.push_back(entry);
  }

  // Level by level, so that what is read first lies together.
  void add_pieces(const Cut& cut, Decoder::Tree& entry) {
    std::vector<std::size_t> level = {cut.root()};
    for (; !level.empty(); ++entry.hops) {
      next_piece_ += static_cast<int>(level.size());
      std::vector<std::size_t> below;
      for (const std::size_t top : level) {
        const std::size_t first_test = pieces_.tests.size(), first_exit = pieces_.tables.exits.size();
        pieces_.tests.resize(first_test + static_cast<std::size_t>(pieces_.nodes()));
        pieces_.tables.exits.resize(first_exit + static_cast<std::size_t>(pieces_.exits()));
        fill(cut, top, 0, first_test, first_exit, below, true);
      }
      level = std::move(below);
    }
  }

  // The part of a piece from place `at` of its perfect tree on, where node `i` stands.
  void fill(const Cut& cut, std::size_t i, int at, std::size_t first_test, std::size_t first_exit,
            std::vector<std::size_t>& below, bool top = false) {
    const bool inside = !cut.leaf(i) && (top || !cut.begins(i));
    if (inside) {
      const NodeTest& test = cut.test(i);
      pieces_.tests[first_test + static_cast<std::size_t>(at)] = {test.column, test.rank, test.wide};
      fill(cut, cut.child(i, false), 2 * at + 1, first_test, first_exit, below);
      fill(cut, cut.child(i, true), 2 * at + 2, first_test, first_exit, below);
      return;
    }
    int exit = cut.leaf(i) ? cut.leaf_number(i) : ~(next_piece_ + static_cast<int>(below.size()));
    if (!cut.leaf(i)) below.push_back(i);
    int first = at, last = at;  // all the exits that lie behind this place
    while (first < pieces_.nodes()) {
      first = 2 * first + 1;
      last = 2 * last + 2;
    }
    const auto begin = pieces_.tables.exits.begin() + static_cast<std::ptrdiff_t>(first_exit) - pieces_.nodes();
    std::fill(begin + first, begin + last + 1, exit);
  }

  const Ensemble& ensemble_;
  const Encoding& encoding_;
  Pieces pieces_;
  int next_piece_ = 0;  // the first piece of the level below
};

}  // namespace

int count_pieces(const Ensemble& ensemble, const Encoding& encoding, int height) {
  int count = 0;
  for (std::size_t t = 0; t < ensemble.trees.size(); ++t)
    count += Cut(ensemble.trees[t], encoding.tests[t], height).pieces();
  return count;
}

Pieces cut(const Ensemble& ensemble, const Encoding& encoding, int height) {
  return Cutter(ensemble, encoding, height).make();
}

}  // namespace edgescope::forest
