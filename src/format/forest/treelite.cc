#include "format/forest/treelite.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>

#include "base/checked.h"
#include "format/forest/arrange.h"

namespace edgescope::forest {
namespace {

static_assert(std::endian::native == std::endian::little, "arrays are read as they stand in the file");

// The format's own numbers.
enum class Type : std::uint8_t { Float32 = 2, Float64 = 3 };
enum class Task : std::uint8_t { Binary, Regressor, MultiClass, Ranking, IsolationForest };
enum class NodeType : std::int8_t { Leaf, Numerical, Categorical };

class Reader {
 public:
  explicit Reader(const base::MappedFile& file) : file_(file), bytes_(file.bytes()) {}

  base::Result<Ensemble> read() {
    EDGESCOPE_CHECK(header());
    for (std::uint64_t t = 0; t < trees_; ++t) {
      tree_ = t;
      EDGESCOPE_CHECK(tree());
    }
    // Of a target with fewer classes than another the last outputs belong to no tree.
    for (double& divisor : ensemble_.divisors) divisor = std::max(divisor, 1.0);
    if (at_ != bytes_.size()) return fail(fmt::format("{} bytes follow the last tree", bytes_.size() - at_));
    if (const base::Status valid = validate(ensemble_); !valid) return fail(valid.error().what);
    return std::move(ensemble_);
  }

 private:
  tl::unexpected<base::Error> fail(std::string what) const {
    if (tree_) what = fmt::format("tree {}: {}", *tree_, what);
    return base::fail({.what = std::move(what), .file = file_.path(), .offset = at_});
  }

  template <typename T>
  base::Result<T> scalar() {
    if (!base::within(at_, sizeof(T), bytes_.size())) return fail("the file ends within the model");
    T value;
    std::memcpy(&value, bytes_.data() + at_, sizeof value);
    at_ += sizeof value;
    return value;
  }

  template <typename T>
  base::Result<std::vector<T>> array(std::string_view name) {
    EDGESCOPE_TRY(length, scalar<std::uint64_t>());
    const auto size = base::checked_mul(length, sizeof(T));
    if (!size || !base::within(at_, *size, bytes_.size()))
      return fail(fmt::format("`{}` has {} elements, more than the file", name, length));
    std::vector<T> list(length);
    if (*size > 0) std::memcpy(list.data(), bytes_.data() + at_, *size);
    at_ += *size;
    return list;
  }

  // One for each node.
  template <typename T>
  base::Result<std::vector<T>> per_node(std::string_view name) {
    EDGESCOPE_TRY(list, array<T>(name));
    if (list.size() != nodes_) return fail(fmt::format("`{}` has {} elements for {} nodes", name, list.size(), nodes_));
    return list;
  }

  // Of a model in float32, as float64.
  base::Result<std::vector<double>> reals(std::string_view name) {
    if (type_ == Type::Float64) return array<double>(name);
    EDGESCOPE_TRY(list, array<float>(name));
    return std::vector<double>(list.begin(), list.end());
  }

  base::Status header() {
    EDGESCOPE_TRY(major, scalar<std::int32_t>());
    EDGESCOPE_TRY(minor, scalar<std::int32_t>());
    EDGESCOPE_TRY(patch, scalar<std::int32_t>());
    ensemble_.producer = fmt::format("Treelite {}.{}.{}", major, minor, patch);
    if (major != 4)
      return base::fail({.what = fmt::format("is a checkpoint of {}; version 4 is read", ensemble_.producer),
                         .file = file_.path(),
                         .remedy = "Load it with Treelite 4 and serialize it again"});
    EDGESCOPE_TRY(threshold_type, scalar<Type>());
    EDGESCOPE_TRY(leaf_type, scalar<Type>());
    if ((threshold_type != Type::Float32 && threshold_type != Type::Float64) || leaf_type != threshold_type)
      return fail(fmt::format("thresholds and leaves of types {} and {}", static_cast<int>(threshold_type),
                              static_cast<int>(leaf_type)));
    type_ = threshold_type;
    ensemble_.input = ensemble_.sum = ensemble_.result =
        type_ == Type::Float32 ? Precision::Float32 : Precision::Float64;
    EDGESCOPE_TRY(trees, scalar<std::uint64_t>());
    trees_ = trees;
    EDGESCOPE_TRY(features, scalar<std::int32_t>());
    ensemble_.features = features;
    EDGESCOPE_TRY(task, scalar<std::uint8_t>());
    if (task > static_cast<std::uint8_t>(Task::IsolationForest)) return fail(fmt::format("a task of type {}", task));
    ensemble_.classifier = static_cast<Task>(task) == Task::Binary || static_cast<Task>(task) == Task::MultiClass;
    EDGESCOPE_TRY(average, scalar<std::uint8_t>());
    EDGESCOPE_CHECK(shape());
    EDGESCOPE_CHECK(post_process(static_cast<Task>(task)));
    EDGESCOPE_TRY(base_scores, array<double>("base_scores"));
    if (base_scores.size() != static_cast<std::size_t>(ensemble_.outputs))
      return fail(fmt::format("{} outputs have {} base scores", ensemble_.outputs, base_scores.size()));
    if (std::any_of(base_scores.begin(), base_scores.end(), [](double score) { return score != 0; }))
      ensemble_.base_values = std::move(base_scores);
    EDGESCOPE_CHECK(array<char>("attributes"));
    EDGESCOPE_CHECK(no_extension("model"));
    if (average != 0) {
      ensemble_.aggregate = Aggregate::Average;
      ensemble_.divisors.assign(static_cast<std::size_t>(ensemble_.outputs), 0);
    }
    return {};
  }

  base::Status shape() {
    EDGESCOPE_TRY(targets, scalar<std::int32_t>());
    EDGESCOPE_TRY(classes, array<std::int32_t>("num_class"));
    if (targets < 1 || classes.size() != static_cast<std::size_t>(targets) ||
        std::any_of(classes.begin(), classes.end(), [](std::int32_t n) { return n < 1; }))
      return fail(fmt::format("{} targets have {} numbers of classes", targets, classes.size()));
    classes_ = std::move(classes);
    most_classes_ = *std::max_element(classes_.begin(), classes_.end());
    const std::int64_t outputs = std::int64_t{targets} * most_classes_;
    // Each output has a base score in the file.
    if (outputs > static_cast<std::int64_t>(bytes_.size() / sizeof(double)))
      return fail(fmt::format("{} targets with {} classes are more than the file holds", targets, most_classes_));
    ensemble_.outputs = static_cast<int>(outputs);
    EDGESCOPE_TRY(leaf_shape, array<std::int32_t>("leaf_vector_shape"));
    if (leaf_shape.size() != 2) return fail(fmt::format("`leaf_vector_shape` has {} dimensions", leaf_shape.size()));
    EDGESCOPE_TRY(target_ids, array<std::int32_t>("target_id"));
    EDGESCOPE_TRY(class_ids, array<std::int32_t>("class_id"));
    if (target_ids.size() != trees_ || class_ids.size() != trees_)
      return fail(fmt::format("{} trees have {} targets and {} classes", trees_, target_ids.size(), class_ids.size()));
    target_ids_ = std::move(target_ids);
    class_ids_ = std::move(class_ids);
    return {};
  }

  base::Status post_process(Task task) {
    static constexpr std::pair<std::string_view, PostTransform> kKnown[] = {
        {"identity", PostTransform::None},
        {"identity_multiclass", PostTransform::None},
        {"signed_square", PostTransform::SignedSquare},
        {"hinge", PostTransform::Hinge},
        {"sigmoid", PostTransform::Logistic},
        {"multiclass_ova", PostTransform::Logistic},
        {"exponential", PostTransform::Exp},
        {"exponential_standard_ratio", PostTransform::ExpStandardRatio},
        {"logarithm_one_plus_exp", PostTransform::LogOnePlusExp},
        {"softmax", PostTransform::Softmax},
    };
    EDGESCOPE_TRY(letters, array<char>("postprocessor"));
    const std::string_view name(letters.data(), letters.size());
    const auto* known =
        std::find_if(std::begin(kKnown), std::end(kKnown), [&](const auto& k) { return k.first == name; });
    if (known == std::end(kKnown))
      return base::fail(unsupported(fmt::format("the postprocessor `{}`", name), file_.path()));
    ensemble_.post_transform = known->second;
    if (classes_.size() > 1 && known->second == PostTransform::Softmax)
      return base::fail(unsupported("softmax over the classes of several targets", file_.path()));
    EDGESCOPE_TRY(sigmoid_alpha, scalar<float>());
    EDGESCOPE_TRY(ratio, scalar<float>());
    if (known->second == PostTransform::Logistic) ensemble_.alpha = sigmoid_alpha;
    if (known->second == PostTransform::ExpStandardRatio) ensemble_.alpha = ratio;
    const bool probability = known->second == PostTransform::Logistic || known->second == PostTransform::Hinge;
    if (task == Task::Binary && ensemble_.outputs == 1) {
      // What is no probability has no second class; it is a value like a regressor's.
      ensemble_.classifier = probability;
      if (probability) ensemble_.second_class = SecondClass::OneMinus;
    }
    return {};
  }

  base::Status no_extension(std::string_view of) {
    EDGESCOPE_TRY(fields, scalar<std::int32_t>());
    if (fields == 0) return {};
    return base::fail(unsupported(fmt::format("{} optional fields of a {}", fields, of), file_.path()));
  }

  // Where a tree's leaves go: the ensemble's outputs, and which of a leaf's values each of them takes.
  struct Targets {
    std::vector<int> outputs;
    std::vector<std::size_t> from;
    std::size_t leaf_size = 1;
  };

  base::Result<Targets> targets() {
    const std::int32_t target = target_ids_[*tree_], of_class = class_ids_[*tree_];
    const auto all = static_cast<std::int32_t>(classes_.size());
    if (target < -1 || target >= all || of_class < -1 || of_class >= most_classes_)
      return fail(fmt::format("it feeds target {} and class {}", target, of_class));
    Targets targets;
    targets.leaf_size =
        static_cast<std::size_t>(target < 0 ? all : 1) * static_cast<std::size_t>(of_class < 0 ? most_classes_ : 1);
    for (std::int32_t t = std::max(target, 0); t < (target < 0 ? all : target + 1); ++t)
      for (std::int32_t c = std::max(of_class, 0);
           c < (of_class < 0 ? classes_[static_cast<std::size_t>(t)] : of_class + 1); ++c) {
        targets.outputs.push_back(t * most_classes_ + c);
        targets.from.push_back(static_cast<std::size_t>((target < 0 ? t : 0) * (of_class < 0 ? most_classes_ : 1) +
                                                        (of_class < 0 ? c : 0)));
        if (!ensemble_.divisors.empty()) ++ensemble_.divisors[static_cast<std::size_t>(targets.outputs.back())];
      }
    return targets;
  }

  struct Segments {  // of a list that all nodes share
    std::vector<std::uint64_t> begin, end;
  };

  base::Result<Segments> segments(std::string_view name, std::size_t size) {
    EDGESCOPE_TRY(begin, per_node<std::uint64_t>(name));
    EDGESCOPE_TRY(end, per_node<std::uint64_t>(name));
    for (std::size_t i = 0; i < begin.size(); ++i)
      if (begin[i] > end[i] || end[i] > size)
        return fail(fmt::format("`{}` of node {} is [{}, {}) of {}", name, i, begin[i], end[i], size));
    return Segments{std::move(begin), std::move(end)};
  }

  base::Status tree() {
    EDGESCOPE_TRY(count, scalar<std::int32_t>());
    if (count < 1) return fail(fmt::format("it has {} nodes", count));
    nodes_ = static_cast<std::size_t>(count);
    EDGESCOPE_CHECK(scalar<std::uint8_t>());  // whether there are categorical tests; the nodes say it themselves
    EDGESCOPE_TRY(types, per_node<std::int8_t>("node_type"));
    EDGESCOPE_TRY(left, per_node<std::int32_t>("cleft"));
    EDGESCOPE_TRY(right, per_node<std::int32_t>("cright"));
    EDGESCOPE_TRY(features, per_node<std::int32_t>("split_index"));
    EDGESCOPE_TRY(default_left, per_node<std::uint8_t>("default_left"));
    EDGESCOPE_TRY(leaf_values, reals("leaf_value"));
    EDGESCOPE_TRY(thresholds, reals("threshold"));
    if (leaf_values.size() != nodes_ || thresholds.size() != nodes_)
      return fail(
          fmt::format("{} nodes have {} leaf values and {} thresholds", nodes_, leaf_values.size(), thresholds.size()));
    EDGESCOPE_TRY(comparisons, per_node<std::int8_t>("cmp"));
    EDGESCOPE_TRY(in_set_right, per_node<std::uint8_t>("category_list_right_child"));
    EDGESCOPE_TRY(vectors, reals("leaf_vector"));
    EDGESCOPE_TRY(vector, segments("leaf_vector", vectors.size()));
    EDGESCOPE_TRY(category_lists, array<std::uint32_t>("category_list"));
    EDGESCOPE_TRY(category_list, segments("category_list", category_lists.size()));
    EDGESCOPE_CHECK(statistics());

    std::vector<Node> nodes(nodes_);
    for (std::size_t i = 0; i < nodes_; ++i) {
      Node& node = nodes[i];
      switch (static_cast<NodeType>(types[i])) {
        case NodeType::Leaf:
          continue;
        case NodeType::Numerical: {
          EDGESCOPE_TRY(comparison, comparison_of(comparisons[i]));
          node.comparison = comparison;
          node.threshold = thresholds[i];
          break;
        }
        case NodeType::Categorical:
          node.comparison = Comparison::InSet;
          node.set = set(
              std::span(category_lists).subspan(category_list.begin[i], category_list.end[i] - category_list.begin[i]));
          break;
        default:
          return fail(fmt::format("node {} is of type {}", i, types[i]));
      }
      if (features[i] < 0) return fail(fmt::format("node {} tests feature {}", i, features[i]));
      node.feature = features[i];
      const bool true_is_right = node.comparison == Comparison::InSet && in_set_right[i] != 0;
      node.on_true = true_is_right ? right[i] : left[i];
      node.on_false = true_is_right ? left[i] : right[i];
      node.nan_true = (default_left[i] != 0) != true_is_right;
    }

    EDGESCOPE_TRY(targets, targets());
    std::optional<int> odd;
    auto tree = arrange(nodes, 0, targets.outputs, [&](int place, std::vector<double>& values) {
      const auto i = static_cast<std::size_t>(place);
      const std::uint64_t size = vector.end[i] - vector.begin[i];
      if (size == 0 && targets.leaf_size == 1) {
        values.push_back(leaf_values[i]);
      } else if (size == targets.leaf_size) {
        for (const std::size_t from : targets.from) values.push_back(vectors[vector.begin[i] + from]);
      } else {
        odd = place;
        values.resize(values.size() + targets.outputs.size());
      }
    });
    if (!tree) return fail(tree.error().what);
    if (odd)
      return fail(fmt::format("leaf {} does not have the {} values that its tree feeds", *odd, targets.leaf_size));
    ensemble_.trees.push_back(std::move(*tree));
    return {};
  }

  // Counts, gains and sums of Hessians, which training left behind.
  base::Status statistics() {
    EDGESCOPE_CHECK(array<std::uint64_t>("data_count"));
    EDGESCOPE_CHECK(array<std::uint8_t>("data_count"));
    for (const std::string_view name : {"sum_hess", "gain"}) {
      EDGESCOPE_CHECK(array<double>(name));
      EDGESCOPE_CHECK(array<std::uint8_t>(name));
    }
    EDGESCOPE_CHECK(no_extension("tree"));
    return no_extension("node");
  }

  base::Result<Comparison> comparison_of(std::int8_t number) const {
    switch (number) {
      case 1:
        return Comparison::Equal;
      case 2:
        return Comparison::Less;
      case 3:
        return Comparison::LessEqual;
      case 4:
        return Comparison::Greater;
      case 5:
        return Comparison::GreaterEqual;
      default:
        return fail(fmt::format("the comparison {}", number));
    }
  }

  int set(std::span<const std::uint32_t> members) {
    // Treelite looks up what a float32 holds exactly, or what fits into 32 bits; the ends themselves count.
    const double end = type_ == Type::Float32 ? 16777217.0 : 4294967296.0;
    ensemble_.sets.push_back(categories({members.begin(), members.end()}, end));
    return static_cast<int>(ensemble_.sets.size()) - 1;
  }

  const base::MappedFile& file_;
  std::span<const std::byte> bytes_;
  std::uint64_t at_ = 0;
  Type type_ = Type::Float32;
  std::uint64_t trees_ = 0;
  std::size_t nodes_ = 0;              // of the tree that is read
  std::optional<std::uint64_t> tree_;  // which one that is
  std::vector<std::int32_t> classes_, target_ids_, class_ids_;
  std::int32_t most_classes_ = 1;
  Ensemble ensemble_;
};

}  // namespace

bool is_treelite(std::span<const std::byte> bytes) {
  struct Head {
    std::int32_t major, minor, patch;
    std::uint8_t thresholds, leaves;
  } head{};
  if (bytes.size() < 22) return false;
  std::memcpy(&head, bytes.data(), 14);
  std::uint64_t trees = 0;
  std::memcpy(&trees, bytes.data() + 14, sizeof trees);
  const auto type = [](std::uint8_t t) { return t == 2 || t == 3; };
  return (head.major == 3 || head.major == 4) && head.minor >= 0 && head.minor < 1000 && head.patch >= 0 &&
         head.patch < 1000 && type(head.thresholds) && type(head.leaves) && trees <= bytes.size();
}

base::Result<Ensemble> read_treelite(const base::MappedFile& file) { return Reader(file).read(); }

}  // namespace edgescope::forest
