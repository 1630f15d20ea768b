#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <unordered_map>

#include "format/forest/arrange.h"
#include "format/forest/onnx.h"
#include "format/forest/onnx_attributes.h"

namespace edgescope::forest {
namespace {

using graph::ElementType;

struct Mode {
  std::string_view name;
  Comparison comparison;
};

// In the order of TreeEnsemble's numbers.
constexpr Mode kModes[] = {{"BRANCH_LEQ", Comparison::LessEqual},    {"BRANCH_LT", Comparison::Less},
                           {"BRANCH_GTE", Comparison::GreaterEqual}, {"BRANCH_GT", Comparison::Greater},
                           {"BRANCH_EQ", Comparison::Equal},         {"BRANCH_NEQ", Comparison::NotEqual},
                           {"BRANCH_MEMBER", Comparison::InSet}};
constexpr std::pair<std::string_view, PostTransform> kTransforms[] = {{"NONE", PostTransform::None},
                                                                      {"SOFTMAX", PostTransform::Softmax},
                                                                      {"LOGISTIC", PostTransform::Logistic},
                                                                      {"SOFTMAX_ZERO", PostTransform::SoftmaxZero},
                                                                      {"PROBIT", PostTransform::Probit}};
constexpr std::pair<std::string_view, Aggregate> kAggregates[] = {
    {"AVERAGE", Aggregate::Average}, {"SUM", Aggregate::Sum}, {"MIN", Aggregate::Min}, {"MAX", Aggregate::Max}};

constexpr std::int64_t kMostOutputs = 1 << 20;

// Sets have finite boundaries, and one stands behind each member.
constexpr double kLargestMember = 1e300;

class Reader {
 public:
  Reader(const graph::Model& model, const graph::Operator& op, ElementType input)
      : model_(model), op_(op), path_(model.files.front().path()) {
    // ONNX Runtime compares whole numbers in float32, too.
    const Precision precision = input == ElementType::Float64 ? Precision::Float64 : Precision::Float32;
    ensemble_.input = ensemble_.sum = precision;
    ensemble_.result = Precision::Float32;
  }

  base::Result<Ensemble> read() {
    EDGESCOPE_TRY(attributes, OnnxAttributes::read(model_, op_));
    attributes_ = std::move(attributes);
    if (op_.source_kind == "ai.onnx.ml:TreeEnsemble") {
      ensemble_.result = ensemble_.input;
      EDGESCOPE_CHECK(version5());
    } else {
      EDGESCOPE_CHECK(versions1to3(op_.source_kind == "ai.onnx.ml:TreeEnsembleClassifier"));
    }
    if (ensemble_.aggregate == Aggregate::Average)
      ensemble_.divisors.assign(static_cast<std::size_t>(ensemble_.outputs),
                                std::max(static_cast<double>(ensemble_.trees.size()), 1.0));
    return std::move(ensemble_);
  }

 private:
  struct Weight {  // of a leaf
    int output;
    double value;
  };
  struct FileTree {
    std::vector<Node> nodes;
    std::vector<std::vector<Weight>> weights;  // by node
    int root = 0;
  };

  tl::unexpected<base::Error> fail(std::string what) const {
    return base::fail({.what = std::move(what), .file = path_, .node = op_.name});
  }
  tl::unexpected<base::Error> refuse(std::string what) const {
    base::Error error = unsupported(std::move(what), path_);
    error.node = op_.name;
    return base::fail(std::move(error));
  }

  // Attributes that must have an element for each of something.
  base::Result<std::vector<std::int64_t>> integers(std::string_view name, std::size_t size) const {
    auto list = attributes_.integers(name);
    if (list.size() != size) return fail(fmt::format("`{}` has {} elements, not {}", name, list.size(), size));
    return list;
  }
  base::Result<std::vector<double>> reals(std::string_view name, std::size_t size) const {
    auto list = attributes_.reals(name);
    if (list.size() != size) return fail(fmt::format("`{}` has {} elements, not {}", name, list.size(), size));
    return list;
  }
  // Of which all may be left out.
  base::Result<std::vector<std::int64_t>> tracks(std::size_t size) const {
    constexpr std::string_view kName = "nodes_missing_value_tracks_true";
    auto list = attributes_.integers(kName);
    if (list.empty()) list.resize(size);
    if (list.size() != size) return fail(fmt::format("`{}` has {} elements, not {}", kName, list.size(), size));
    return list;
  }

  base::Status outputs(std::int64_t count) {
    if (count < 1 || count > kMostOutputs) return fail(fmt::format("{} targets", count));
    ensemble_.outputs = static_cast<int>(count);
    return {};
  }

  base::Status feature(Node& node, std::int64_t number) {
    if (number < 0 || number > 1 << 30) return fail(fmt::format("a node tests feature {}", number));
    node.feature = static_cast<int>(number);
    ensemble_.features = std::max(ensemble_.features, node.feature + 1);
    return {};
  }

  void missing(Node& node, bool tracks_true) const {
    // Not a number is unlike any number.
    node.nan_true = tracks_true || node.comparison == Comparison::NotEqual;
  }

  template <typename List, typename Value>
  base::Status named(const List& list, std::string_view what, std::string_view name, Value& value) {
    for (const auto& [known, meaning] : list)
      if (known == name) {
        value = meaning;
        return {};
      }
    return refuse(fmt::format("the {} `{}`", what, name));
  }

  // --- TreeEnsembleClassifier, TreeEnsembleRegressor: nodes and weights by the numbers of trees and nodes ---------

  base::Status versions1to3(bool classifier) {
    const std::string prefix = classifier ? "class" : "target";
    std::vector<std::string> labels;
    if (classifier) {
      labels = attributes_.texts("classlabels_strings");
      if (labels.empty())
        for (const std::int64_t label : attributes_.integers("classlabels_int64s"))
          labels.push_back(std::to_string(label));
    }
    EDGESCOPE_CHECK(
        outputs(classifier ? static_cast<std::int64_t>(labels.size()) : attributes_.integer("n_targets", 1)));
    EDGESCOPE_CHECK(
        named(kTransforms, "post_transform", attributes_.text("post_transform", "NONE"), ensemble_.post_transform));
    if (!classifier)
      EDGESCOPE_CHECK(
          named(kAggregates, "aggregate_function", attributes_.text("aggregate_function", "SUM"), ensemble_.aggregate));
    EDGESCOPE_CHECK(nodes_by_number());
    EDGESCOPE_CHECK(weights_by_number(prefix));
    ensemble_.base_values = attributes_.reals("base_values");
    if (classifier) EDGESCOPE_CHECK(classes(std::move(labels)));
    if (!ensemble_.base_values.empty() && ensemble_.base_values.size() != static_cast<std::size_t>(ensemble_.outputs))
      return fail(fmt::format("{} targets have {} base values", ensemble_.outputs, ensemble_.base_values.size()));
    return arrange_all();
  }

  base::Status nodes_by_number() {
    const std::vector<std::int64_t> trees = attributes_.integers("nodes_treeids");
    const std::size_t count = trees.size();
    EDGESCOPE_TRY(numbers, integers("nodes_nodeids", count));
    EDGESCOPE_TRY(features, integers("nodes_featureids", count));
    EDGESCOPE_TRY(on_true, integers("nodes_truenodeids", count));
    EDGESCOPE_TRY(on_false, integers("nodes_falsenodeids", count));
    EDGESCOPE_TRY(thresholds, reals("nodes_values", count));
    EDGESCOPE_TRY(tracks_true, tracks(count));
    const std::vector<std::string> modes = attributes_.texts("nodes_modes");
    if (modes.size() != count) return fail(fmt::format("`nodes_modes` has {} elements, not {}", modes.size(), count));

    for (std::size_t i = 0; i < count; ++i) {
      const auto [tree, is_new] = tree_numbers_.try_emplace(trees[i], file_trees_.size());
      if (is_new) {
        file_trees_.emplace_back();
        places_.emplace_back();
      }
      FileTree& into = file_trees_[tree->second];
      if (!places_[tree->second].try_emplace(numbers[i], static_cast<int>(into.nodes.size())).second)
        return fail(fmt::format("node {} of tree {} is there twice", numbers[i], trees[i]));
      into.nodes.emplace_back();
      into.weights.emplace_back();
    }
    std::vector<std::vector<bool>> is_child(file_trees_.size());
    for (std::size_t t = 0; t < is_child.size(); ++t) is_child[t].resize(file_trees_[t].nodes.size());
    std::vector<std::size_t> next(file_trees_.size());
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t t = tree_numbers_[trees[i]];
      Node& node = file_trees_[t].nodes[next[t]++];
      if (modes[i] == "LEAF") continue;
      EDGESCOPE_CHECK(feature(node, features[i]));
      EDGESCOPE_CHECK(named(std::span(kModes).first(6), "mode", modes[i], node.comparison));
      node.threshold = thresholds[i];
      missing(node, tracks_true[i] != 0);
      const auto child = [&](std::int64_t number) {
        const auto found = places_[t].find(number);
        if (found != places_[t].end()) is_child[t][static_cast<std::size_t>(found->second)] = true;
        return found == places_[t].end() ? -1 : found->second;
      };
      node.on_true = child(on_true[i]);
      node.on_false = child(on_false[i]);
    }
    for (std::size_t t = 0; t < is_child.size(); ++t) {
      const auto root = std::find(is_child[t].begin(), is_child[t].end(), false);
      if (root == is_child[t].end()) return fail(fmt::format("tree {} has no root", t));
      if (std::find(root + 1, is_child[t].end(), false) != is_child[t].end())
        return fail(fmt::format("tree {} has several roots", t));
      file_trees_[t].root = static_cast<int>(root - is_child[t].begin());
      if (!reaches_all(file_trees_[t])) return fail(fmt::format("tree {} has nodes that no row reaches", t));
      merge_equal(file_trees_[t]);
    }
    return {};
  }

  static bool reaches_all(const FileTree& tree) {
    std::vector<bool> seen(tree.nodes.size());
    std::vector<int> pending = {tree.root};
    std::size_t reached = 0;
    while (!pending.empty()) {
      const int place = pending.back();
      pending.pop_back();
      if (place < 0 || seen[static_cast<std::size_t>(place)]) continue;
      seen[static_cast<std::size_t>(place)] = true;
      ++reached;
      const Node& node = tree.nodes[static_cast<std::size_t>(place)];
      if (!node.is_leaf()) pending.insert(pending.end(), {node.on_true, node.on_false});
    }
    return reached == tree.nodes.size();
  }

  // Converters write "x is one of these" as a chain of tests for equality, one of whose sides is the same node for
  // all of them. Here that is one test, so that a tree is a tree.
  void merge_equal(FileTree& tree) {
    std::vector<Node>& nodes = tree.nodes;
    const auto follows = [&](const Node& node) {
      if (node.is_leaf() || node.comparison != Comparison::Equal || node.on_false < 0) return false;
      const Node& next = nodes[static_cast<std::size_t>(node.on_false)];
      return !next.is_leaf() && next.comparison == Comparison::Equal && next.feature == node.feature &&
             next.on_true == node.on_true;
    };
    std::vector<bool> inside(nodes.size());  // a chain
    for (const Node& node : nodes)
      if (follows(node)) inside[static_cast<std::size_t>(node.on_false)] = true;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      if (inside[i] || !follows(nodes[i])) continue;
      Node& head = nodes[i];
      std::vector<double> values = {head.threshold};
      for (Node node = head; follows(node);) {
        node = nodes[static_cast<std::size_t>(node.on_false)];
        values.push_back(node.threshold);
        head.nan_true = head.nan_true || node.nan_true;
        head.on_false = node.on_false;
        if (values.size() > nodes.size()) return;  // a cycle, which arrange names
      }
      if (!std::all_of(values.begin(), values.end(), [](double v) { return std::abs(v) <= kLargestMember; })) return;
      head.comparison = Comparison::InSet;
      head.threshold = 0;
      head.set = add_set(std::move(values));
    }
  }

  base::Status weights_by_number(const std::string& prefix) {
    const std::vector<std::int64_t> trees = attributes_.integers(prefix + "_treeids");
    EDGESCOPE_TRY(numbers, integers(prefix + "_nodeids", trees.size()));
    EDGESCOPE_TRY(targets, integers(prefix + "_ids", trees.size()));
    EDGESCOPE_TRY(weights, reals(prefix + "_weights", trees.size()));
    for (std::size_t i = 0; i < trees.size(); ++i) {
      const auto tree = tree_numbers_.find(trees[i]);
      if (tree == tree_numbers_.end()) return fail(fmt::format("a weight belongs to tree {}", trees[i]));
      const auto place = places_[tree->second].find(numbers[i]);
      if (place == places_[tree->second].end())
        return fail(fmt::format("a weight belongs to node {} of tree {}", numbers[i], trees[i]));
      if (targets[i] < 0 || targets[i] >= ensemble_.outputs)
        return fail(fmt::format("a weight belongs to target {} of {}", targets[i], ensemble_.outputs));
      file_trees_[tree->second].weights[static_cast<std::size_t>(place->second)].push_back(
          {static_cast<int>(targets[i]), weights[i]});
    }
    return {};
  }

  // What the outputs of a classifier mean. With two classes of which one has weights there is a single output.
  base::Status classes(std::vector<std::string> labels) {
    ensemble_.classifier = true;
    ensemble_.labels = std::move(labels);
    if (ensemble_.outputs == 1) return refuse("a classifier of a single class");
    if (ensemble_.outputs > 2) return {};
    bool positive = true;
    std::set<int> used;
    for (const FileTree& tree : file_trees_)
      for (const auto& weights : tree.weights)
        for (const Weight& weight : weights) {
          used.insert(weight.output);
          positive = positive && weight.value >= 0;
        }
    const std::size_t base_values = ensemble_.base_values.size();
    if (used != std::set<int>{0}) {
      if (base_values != 0) return refuse(fmt::format("{} base values for two classes", base_values));
      return {};
    }
    if (base_values > 1) return refuse("two base values for two classes of which one has weights");
    ensemble_.outputs = 1;
    if (ensemble_.post_transform == PostTransform::Probit)
      return refuse("PROBIT of two classes of which one has weights");
    const bool logistic = ensemble_.post_transform == PostTransform::Logistic;
    if (!logistic) ensemble_.post_transform = PostTransform::None;
    ensemble_.second_class = logistic || !positive ? SecondClass::Negated : SecondClass::OneMinus;
    return {};
  }

  // --- TreeEnsemble: nodes and leaves in lists of their own ---------------------------------------------------------

  base::Status version5() {
    EDGESCOPE_CHECK(outputs(attributes_.integer("n_targets", 0)));
    EDGESCOPE_CHECK(
        numbered(kTransforms, "post_transform", attributes_.integer("post_transform", 0), ensemble_.post_transform));
    EDGESCOPE_CHECK(
        numbered(kAggregates, "aggregate_function", attributes_.integer("aggregate_function", 1), ensemble_.aggregate));
    const std::vector<std::int64_t> features = attributes_.integers("nodes_featureids");
    const std::size_t count = features.size();
    EDGESCOPE_TRY(modes, reals("nodes_modes", count));
    EDGESCOPE_TRY(thresholds, reals("nodes_splits", count));
    EDGESCOPE_TRY(on_true, integers("nodes_truenodeids", count));
    EDGESCOPE_TRY(on_false, integers("nodes_falsenodeids", count));
    EDGESCOPE_TRY(true_is_leaf, integers("nodes_trueleafs", count));
    EDGESCOPE_TRY(false_is_leaf, integers("nodes_falseleafs", count));
    EDGESCOPE_TRY(tracks_true, tracks(count));
    const std::vector<std::int64_t> targets = attributes_.integers("leaf_targetids");
    EDGESCOPE_TRY(weights, reals("leaf_weights", targets.size()));
    members_ = attributes_.reals("membership_values");

    // All trees share one list. A node's leaves stand behind it, so that nodes may share one.
    FileTree all;
    all.nodes.resize(3 * count);
    all.weights.resize(3 * count);
    for (std::size_t i = 0; i < count; ++i) {
      Node& node = all.nodes[i];
      EDGESCOPE_CHECK(feature(node, features[i]));
      Comparison comparison{};
      EDGESCOPE_CHECK(numbered(kModes, "mode",
                               modes[i] >= 0 && modes[i] < 256 ? static_cast<std::int64_t>(modes[i]) : -1, comparison));
      node.comparison = comparison;
      if (comparison == Comparison::InSet)
        EDGESCOPE_CHECK(member(node));
      else
        node.threshold = thresholds[i];
      missing(node, tracks_true[i] != 0);
      const auto child = [&](std::int64_t number, bool leaf, std::size_t place) -> base::Result<int> {
        if (!leaf) return number >= 0 && static_cast<std::size_t>(number) < count ? static_cast<int>(number) : -1;
        if (number < 0 || static_cast<std::size_t>(number) >= targets.size())
          return fail(fmt::format("node {} has leaf {} of {}", i, number, targets.size()));
        const auto leaf_at = static_cast<std::size_t>(number);
        if (targets[leaf_at] < 0 || targets[leaf_at] >= ensemble_.outputs)
          return fail(fmt::format("leaf {} feeds target {} of {}", number, targets[leaf_at], ensemble_.outputs));
        all.weights[place] = {{static_cast<int>(targets[leaf_at]), weights[leaf_at]}};
        return static_cast<int>(place);
      };
      EDGESCOPE_TRY(true_place, child(on_true[i], true_is_leaf[i] != 0, count + 2 * i));
      EDGESCOPE_TRY(false_place, child(on_false[i], false_is_leaf[i] != 0, count + 2 * i + 1));
      node.on_true = true_place;
      node.on_false = false_place;
      // How this operator writes a tree of one leaf.
      if (true_is_leaf[i] != 0 && false_is_leaf[i] != 0 && on_true[i] == on_false[i]) {
        node = Node{};
        all.weights[i] = all.weights[count + 2 * i];
      }
    }
    std::vector<bool> seen(all.nodes.size());
    for (const std::int64_t root : attributes_.integers("tree_roots")) {
      if (root < 0 || static_cast<std::size_t>(root) >= count) return fail(fmt::format("the root {}", root));
      all.root = static_cast<int>(root);
      EDGESCOPE_CHECK(arrange_one(all, seen));
    }
    return {};
  }

  // Members of one node after the other, NaN between them. Equality decides.
  base::Status member(Node& node) {
    std::vector<double> values;
    for (; next_member_ < members_.size() && !std::isnan(members_[next_member_]); ++next_member_)
      values.push_back(members_[next_member_]);
    ++next_member_;
    for (const double value : values)
      if (!(std::abs(value) <= kLargestMember)) return refuse(fmt::format("{} in a set", value));
    node.set = add_set(std::move(values));
    return {};
  }

  // Of numbers that are compared for equality.
  int add_set(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    Set set;
    for (const double value : values) {
      const double behind = std::nextafter(value, std::numeric_limits<double>::infinity());
      if (!set.empty() && set.back() == value)
        set.back() = behind;
      else
        set.insert(set.end(), {value, behind});
    }
    ensemble_.sets.push_back(std::move(set));
    return static_cast<int>(ensemble_.sets.size()) - 1;
  }

  template <typename List, typename Value>
  base::Status numbered(const List& list, std::string_view what, std::int64_t number, Value& value) {
    if (number < 0 || static_cast<std::size_t>(number) >= std::size(list))
      return refuse(fmt::format("the {} {}", what, number));
    const auto& [name, meaning] = std::data(list)[number];
    value = meaning;
    return {};
  }

  // --- both ---------------------------------------------------------------------------------------------------------

  base::Status arrange_all() {
    for (const FileTree& tree : file_trees_) {
      std::vector<bool> seen(tree.nodes.size());
      EDGESCOPE_CHECK(arrange_one(tree, seen));
    }
    return {};
  }

  // Outputs that some leaves of a tree feed and others do not are fed zeros, which a sum does not notice.
  base::Status arrange_one(const FileTree& file_tree, std::vector<bool>& seen) {
    std::vector<int> reached;
    auto tree = arrange(
        file_tree.nodes, file_tree.root, {0},
        [&](int place, std::vector<double>& values) {
          reached.push_back(place);
          values.push_back(0);
        },
        seen);
    const std::size_t number = ensemble_.trees.size();
    if (!tree) return fail(fmt::format("tree {}: {}", number, tree.error().what));
    std::set<int> fed;
    for (const int place : reached)
      for (const Weight& weight : file_tree.weights[static_cast<std::size_t>(place)]) fed.insert(weight.output);
    if (fed.empty()) fed.insert(0);
    tree->outputs.assign(fed.begin(), fed.end());
    tree->values.assign(reached.size() * fed.size(), 0);
    const bool sums = ensemble_.aggregate == Aggregate::Sum || ensemble_.aggregate == Aggregate::Average;
    for (std::size_t leaf = 0; leaf < reached.size(); ++leaf) {
      const auto& weights = file_tree.weights[static_cast<std::size_t>(reached[leaf])];
      std::set<int> here;
      for (const Weight& weight : weights) {
        if (!here.insert(weight.output).second)
          return fail(fmt::format("tree {}: a leaf has two weights for target {}", number, weight.output));
        const auto column =
            std::lower_bound(tree->outputs.begin(), tree->outputs.end(), weight.output) - tree->outputs.begin();
        tree->values[leaf * fed.size() + static_cast<std::size_t>(column)] = weight.value;
      }
      if (!sums && here != fed) return refuse("MIN or MAX over leaves that feed different targets");
    }
    ensemble_.trees.push_back(std::move(*tree));
    return {};
  }

  const graph::Model& model_;
  const graph::Operator& op_;
  std::string path_;
  OnnxAttributes attributes_;
  std::unordered_map<std::int64_t, std::size_t> tree_numbers_;
  std::vector<std::unordered_map<std::int64_t, int>> places_;  // of each tree: node numbers to nodes
  std::vector<FileTree> file_trees_;
  std::vector<double> members_;
  std::size_t next_member_ = 0;
  Ensemble ensemble_;
};

}  // namespace

base::Result<Ensemble> read_onnx_trees(const graph::Model& model, const graph::Operator& op, ElementType input) {
  return Reader(model, op, input).read();
}

}  // namespace edgescope::forest
