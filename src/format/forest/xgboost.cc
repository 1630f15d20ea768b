#include "format/forest/xgboost.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "format/forest/arrange.h"
#include "format/forest/document.h"

namespace edgescope::forest {
namespace {

using Kind = Value::Kind;

// From the probability, mean or margin that the file states as base score to the margin that is summed.
enum class Link { Identity, Logit, Log };

struct Objective {
  std::string_view name;
  PostTransform transform;
  Link link = Link::Identity;
  bool classifier = false;
};

constexpr Objective kObjectives[] = {
    {"reg:squarederror", PostTransform::None},
    {"reg:linear", PostTransform::None},
    {"reg:squaredlogerror", PostTransform::None},
    {"reg:pseudohubererror", PostTransform::None},
    {"reg:absoluteerror", PostTransform::None},
    {"reg:quantileerror", PostTransform::None},
    {"reg:expectileerror", PostTransform::None},
    {"reg:logistic", PostTransform::Logistic, Link::Logit},
    {"binary:logistic", PostTransform::Logistic, Link::Logit, true},
    {"binary:logitraw", PostTransform::None},
    {"binary:hinge", PostTransform::Hinge, Link::Identity, true},
    {"reg:gamma", PostTransform::Exp, Link::Log},
    {"reg:tweedie", PostTransform::Exp, Link::Log},
    {"count:poisson", PostTransform::Exp, Link::Log},
    {"survival:cox", PostTransform::Exp, Link::Log},
    {"survival:aft", PostTransform::Exp, Link::Log},
    {"multi:softprob", PostTransform::Softmax, Link::Identity, true},
    {"multi:softmax", PostTransform::MaxIndex, Link::Identity, true},
    {"rank:pairwise", PostTransform::None},
    {"rank:ndcg", PostTransform::None},
    {"rank:map", PostTransform::None},
};

constexpr std::string_view kGpu = "gpu:";  // prefix of objectives that older versions computed there

float to_margin(Link link, float score) {
  switch (link) {
    case Link::Logit:
      return -std::log(1.0f / score - 1.0f);
    case Link::Log:
      return std::log(score);
    case Link::Identity:
      break;
  }
  return score;
}

class Reader {
 public:
  explicit Reader(const base::MappedFile& file) : file_(file) {}

  base::Result<Ensemble> read() {
    EDGESCOPE_TRY(root, read_document(file_));
    EDGESCOPE_TRY(learner, object(root, "learner"));
    ensemble_.producer = producer(root);
    ensemble_.input = ensemble_.sum = ensemble_.result = Precision::Float32;
    ensemble_.base_first = true;
    EDGESCOPE_CHECK(parameters(*learner));
    EDGESCOPE_TRY(booster, object(*learner, "gradient_booster"));
    EDGESCOPE_CHECK(trees(*booster));
    if (const base::Status valid = validate(ensemble_); !valid) return fail(valid.error().what);
    return std::move(ensemble_);
  }

 private:
  tl::unexpected<base::Error> fail(std::string what) const {
    if (tree_) what = fmt::format("tree {}: {}", *tree_, what);
    return base::fail({.what = std::move(what), .file = file_.path()});
  }
  tl::unexpected<base::Error> refuse(std::string what) const {
    return base::fail(unsupported(std::move(what), file_.path()));
  }

  base::Result<const Value*> member(const Value& of, std::string_view name) const {
    const Value* found = of.find(name);
    if (found == nullptr) return fail(fmt::format("`{}` is missing", name));
    return found;
  }
  base::Result<const Value*> object(const Value& of, std::string_view name) const {
    EDGESCOPE_TRY(found, member(of, name));
    if (found->kind != Kind::Object) return fail(fmt::format("`{}` is no object", name));
    return found;
  }

  // A number, or a text that holds one, as parameters are written.
  base::Result<double> number(const Value& of, std::string_view name, double otherwise) const {
    const Value* found = of.find(name);
    if (found == nullptr) return otherwise;
    if (found->kind == Kind::Number) return found->number;
    float value = 0;
    const std::string& text = found->text;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (found->kind != Kind::Text || error != std::errc() || end != text.data() + text.size())
      return fail(fmt::format("`{}` is not a number", name));
    return value;
  }
  base::Result<int> count(const Value& of, std::string_view name, int otherwise, int most) const {
    EDGESCOPE_TRY(value, number(of, name, otherwise));
    if (!(value >= 0 && value <= most)) return fail(fmt::format("`{}` is {}", name, value));
    return static_cast<int>(value);
  }

  // Whole numbers of an array; booleans count as such.
  base::Result<std::vector<int>> integers(const Value& of, std::string_view name) const {
    EDGESCOPE_TRY(found, member(of, name));
    std::vector<int> list;
    for (const double x : found->numbers) {
      if (!(x >= -1 && x <= 2147483647.0)) return fail(fmt::format("`{}` has the element {}", name, x));
      list.push_back(static_cast<int>(x));
    }
    for (const Value& item : found->items) {
      if (item.kind != Kind::Boolean) return fail(fmt::format("`{}` is no list of numbers", name));
      list.push_back(item.number != 0 ? 1 : 0);
    }
    return list;
  }
  base::Result<std::vector<int>> per_node(const Value& tree, std::string_view name, std::size_t nodes) const {
    EDGESCOPE_TRY(list, integers(tree, name));
    if (list.size() != nodes) return fail(fmt::format("`{}` has {} elements for {} nodes", name, list.size(), nodes));
    return list;
  }

  static std::string producer(const Value& root) {
    const Value* version = root.find("version");
    return version == nullptr || version->numbers.empty()
               ? std::string("XGBoost")
               : fmt::format(
                     "XGBoost {}",
                     fmt::join(std::span(version->numbers).first(std::min<std::size_t>(version->numbers.size(), 3)),
                               "."));
  }

  base::Status parameters(const Value& learner) {
    EDGESCOPE_TRY(model, object(learner, "learner_model_param"));
    EDGESCOPE_TRY(classes, count(*model, "num_class", 0, kMostOutputs));
    EDGESCOPE_TRY(targets, count(*model, "num_target", 1, kMostOutputs));
    EDGESCOPE_TRY(features, count(*model, "num_feature", 0, 1 << 30));
    ensemble_.features = features;
    ensemble_.outputs = std::max({classes, targets, 1});
    if (classes > 1 && targets > 1) return refuse(fmt::format("{} targets with {} classes", targets, classes));
    if (const Value* names = learner.find("feature_names"); names != nullptr && !names->items.empty())
      for (const Value& name : names->items) ensemble_.feature_names.push_back(name.text);

    EDGESCOPE_TRY(objective, object(learner, "objective"));
    EDGESCOPE_TRY(name, member(*objective, "name"));
    std::string_view word = name->text;
    if (word.starts_with(kGpu)) word.remove_prefix(kGpu.size());
    const auto* known = std::find_if(std::begin(kObjectives), std::end(kObjectives),
                                     [&](const Objective& o) { return o.name == word; });
    if (known == std::end(kObjectives)) return refuse(fmt::format("the objective `{}`", name->text.substr(0, 60)));
    ensemble_.post_transform = known->transform;
    ensemble_.classifier = known->classifier;
    if (known->classifier && ensemble_.outputs == 1 && known->transform != PostTransform::MaxIndex)
      ensemble_.second_class = SecondClass::OneMinus;
    return base_scores(*model, known->link);
  }

  // "5E-1", since 3.1 also "[5E-1]" and one for each output.
  base::Status base_scores(const Value& model, Link link) {
    const Value* score = model.find("base_score");
    std::vector<float> scores;
    if (score != nullptr && score->kind == Kind::Number) scores.push_back(static_cast<float>(score->number));
    if (score != nullptr && score->kind == Kind::Text) {
      const char* at = score->text.data();
      const char* const end = at + score->text.size();
      while (at != end) {
        float value = 0;
        const auto [behind, error] = std::from_chars(at, end, value);
        if (error == std::errc()) scores.push_back(value);
        if (error != std::errc() && *at != '[' && *at != ']' && *at != ',' && *at != ' ')
          return fail(fmt::format("`base_score` is `{}`", score->text.substr(0, 60)));
        at = error == std::errc() ? behind : at + 1;
      }
    }
    const auto outputs = static_cast<std::size_t>(ensemble_.outputs);
    if (scores.empty()) scores.push_back(0.5f);
    if (scores.size() == 1) scores.resize(outputs, scores.front());
    if (scores.size() != outputs) return fail(fmt::format("{} outputs have {} base scores", outputs, scores.size()));
    for (const float value : scores) ensemble_.base_values.push_back(to_margin(link, value));
    return {};
  }

  base::Status trees(const Value& booster) {
    EDGESCOPE_TRY(name, member(booster, "name"));
    const Value* trees = &booster;
    std::vector<double> weights;
    if (name->text == "dart") {
      EDGESCOPE_TRY(inner, object(booster, "gbtree"));
      EDGESCOPE_TRY(drop, member(booster, "weight_drop"));
      trees = inner;
      weights = drop->numbers;
    } else if (name->text != "gbtree") {
      return refuse(fmt::format("the booster `{}`", name->text.substr(0, 60)));
    }
    EDGESCOPE_TRY(model, object(*trees, "model"));
    EDGESCOPE_TRY(list, member(*model, "trees"));
    EDGESCOPE_TRY(groups, integers(*model, "tree_info"));
    const std::size_t count = list->items.size();
    if (groups.size() != count || (name->text == "dart" && weights.size() != count))
      return fail(fmt::format("{} trees have {} groups and {} weights", count, groups.size(), weights.size()));
    for (std::size_t t = 0; t < count; ++t) {
      tree_ = t;
      EDGESCOPE_CHECK(tree(list->items[t], groups[t], weights.empty() ? 1.0 : weights[t]));
    }
    tree_.reset();
    return {};
  }

  base::Status tree(const Value& tree, int group, double weight) {
    EDGESCOPE_TRY(left, integers(tree, "left_children"));
    const std::size_t count = left.size();
    EDGESCOPE_TRY(right, per_node(tree, "right_children", count));
    EDGESCOPE_TRY(features, per_node(tree, "split_indices", count));
    EDGESCOPE_TRY(default_left, per_node(tree, "default_left", count));
    EDGESCOPE_TRY(conditions, member(tree, "split_conditions"));
    if (conditions->numbers.size() != count)
      return fail(fmt::format("{} nodes have {} split conditions", count, conditions->numbers.size()));
    EDGESCOPE_TRY(sets, read_sets(tree, count));
    std::vector<Node> nodes(count);
    for (std::size_t i = 0; i < count; ++i) {
      if (left[i] == -1) continue;
      Node& node = nodes[i];
      node.feature = features[i];
      if (features[i] < 0) return fail(fmt::format("node {} tests feature {}", i, features[i]));
      if (!sets.empty() && sets[i] >= 0) {
        node.comparison = Comparison::InSet;
        node.set = sets[i];
        node.on_true = right[i];
        node.on_false = left[i];
        node.nan_true = default_left[i] == 0;
      } else {
        node.comparison = Comparison::Less;
        node.threshold = conditions->numbers[i];
        node.on_true = left[i];
        node.on_false = right[i];
        node.nan_true = default_left[i] != 0;
      }
    }
    EDGESCOPE_TRY(size, leaf_size(tree));
    std::vector<int> outputs = {group};
    const std::vector<double>* values = &conditions->numbers;
    if (size > 1) {
      EDGESCOPE_TRY(weights, member(tree, "base_weights"));
      if (weights->numbers.size() != count * size)
        return refuse(fmt::format("leaves of {} values in another form than XGBoost 2 writes them", size));
      values = &weights->numbers;
      outputs.resize(size);
      for (std::size_t k = 0; k < size; ++k) outputs[k] = static_cast<int>(k);
    }
    auto arranged = arrange(nodes, 0, std::move(outputs), [&](int place, std::vector<double>& into) {
      // DART's weights are factors of float32 leaves.
      for (std::size_t k = 0; k < size; ++k)
        into.push_back(static_cast<float>((*values)[static_cast<std::size_t>(place) * size + k] * weight));
    });
    if (!arranged) return fail(arranged.error().what);
    ensemble_.trees.push_back(std::move(*arranged));
    return {};
  }

  base::Result<std::size_t> leaf_size(const Value& tree) const {
    const Value* parameters = tree.find("tree_param");
    if (parameters == nullptr) return std::size_t{1};
    EDGESCOPE_TRY(size, count(*parameters, "size_leaf_vector", 1, kMostOutputs));
    return static_cast<std::size_t>(std::max(size, 1));  // 0 in files before 2.0
  }

  // For each node its set, or -1; empty where the tree has none.
  base::Result<std::vector<int>> read_sets(const Value& tree, std::size_t nodes) {
    std::vector<int> sets;
    const Value* types = tree.find("split_type");
    if (types == nullptr ||
        std::all_of(types->numbers.begin(), types->numbers.end(), [](double type) { return type == 0; }))
      return sets;
    EDGESCOPE_TRY(owners, integers(tree, "categories_nodes"));
    EDGESCOPE_TRY(begins, integers(tree, "categories_segments"));
    EDGESCOPE_TRY(sizes, integers(tree, "categories_sizes"));
    EDGESCOPE_TRY(members, integers(tree, "categories"));
    if (types->numbers.size() != nodes || begins.size() != owners.size() || sizes.size() != owners.size())
      return fail(fmt::format("{} nodes have {} types, {} of them {} and {} segments of categories", nodes,
                              types->numbers.size(), owners.size(), begins.size(), sizes.size()));
    sets.assign(nodes, -1);
    for (std::size_t i = 0; i < owners.size(); ++i) {
      if (owners[i] < 0 || static_cast<std::size_t>(owners[i]) >= nodes || begins[i] < 0 || sizes[i] < 0 ||
          static_cast<std::size_t>(begins[i]) > members.size() ||
          static_cast<std::size_t>(sizes[i]) > members.size() - static_cast<std::size_t>(begins[i]))
        return fail(fmt::format("categories {} of node {} at {}", sizes[i], owners[i], begins[i]));
      const auto first = members.begin() + begins[i];
      if (std::any_of(first, first + sizes[i], [](int c) { return c < 0; })) return fail("a category is negative");
      ensemble_.sets.push_back(categories({first, first + sizes[i]}, kOutOfRange));
      sets[static_cast<std::size_t>(owners[i])] = static_cast<int>(ensemble_.sets.size()) - 1;
    }
    for (std::size_t i = 0; i < nodes; ++i)
      if ((types->numbers[i] != 0) != (sets[i] >= 0))
        return fail(fmt::format("node {} is of type {} and has {} categories", i, types->numbers[i],
                                sets[i] >= 0 ? "its" : "no"));
    return sets;
  }

  static constexpr int kMostOutputs = 1 << 20;
  static constexpr double kOutOfRange = 16777216;  // categories end where float32 no longer holds each whole number

  const base::MappedFile& file_;
  std::optional<std::size_t> tree_;
  Ensemble ensemble_;
};

}  // namespace

base::Result<Ensemble> read_xgboost(const base::MappedFile& file) { return Reader(file).read(); }

}  // namespace edgescope::forest
