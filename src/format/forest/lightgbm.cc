#include "format/forest/lightgbm.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <string_view>

#include "format/forest/arrange.h"

namespace edgescope::forest {
namespace {

// One block: the lines up to the next empty one, by their key. A line without "=" is a key without a value.
using Block = std::map<std::string_view, std::string_view>;

struct Objective {
  std::string_view name;
  PostTransform transform;
  bool classifier = false;
};

constexpr Objective kObjectives[] = {
    {"regression", PostTransform::None},
    {"regression_l1", PostTransform::None},
    {"huber", PostTransform::None},
    {"fair", PostTransform::None},
    {"quantile", PostTransform::None},
    {"mape", PostTransform::None},
    {"poisson", PostTransform::Exp},
    {"gamma", PostTransform::Exp},
    {"tweedie", PostTransform::Exp},
    {"binary", PostTransform::Logistic, true},
    {"multiclass", PostTransform::Softmax, true},
    {"multiclassova", PostTransform::Logistic, true},
    {"cross_entropy", PostTransform::Logistic},
    {"cross_entropy_lambda", PostTransform::LogOnePlusExp},
    {"lambdarank", PostTransform::None},
    {"rank_xendcg", PostTransform::None},
    {"custom", PostTransform::None},
};

constexpr int kCategorical = 1, kDefaultLeft = 2;
enum Missing { None, Zero, Nan };

// The threshold for values of which those within kZero of 0 were not set to 0 first.
double for_unrounded(double threshold) {
  constexpr double kZero = 1e-35f;
  if (!(std::abs(threshold) <= kZero)) return threshold;
  return threshold >= 0 ? kZero : std::nextafter(-kZero, -1.0);
}

std::string_view next_word(std::string_view& text) {
  const std::size_t begin = std::min(text.find_first_not_of(' '), text.size());
  const std::size_t end = std::min(text.find(' ', begin), text.size());
  const std::string_view word = text.substr(begin, end - begin);
  text.remove_prefix(end);
  return word;
}

class Reader {
 public:
  explicit Reader(const base::MappedFile& file)
      : file_(file), text_(reinterpret_cast<const char*>(file.bytes().data()), file.size()) {}

  base::Result<Ensemble> read() {
    EDGESCOPE_TRY(header, block());
    EDGESCOPE_CHECK(read_header(header));
    for (;;) {
      const std::size_t before = at_;
      EDGESCOPE_TRY(lines, block());
      if (lines.empty() || lines.contains("end of trees")) break;
      at_block_ = before;
      if (!lines.contains("Tree")) return fail("a block of lines that describes no tree");
      EDGESCOPE_CHECK(read_tree(lines));
    }
    if (ensemble_.aggregate == Aggregate::Average)
      ensemble_.divisors.assign(static_cast<std::size_t>(ensemble_.outputs),
                                static_cast<double>(std::max<std::size_t>(ensemble_.trees.size() / per_round_, 1)));
    if (ensemble_.trees.size() % per_round_ != 0)
      return fail(fmt::format("{} trees are not {} for each iteration", ensemble_.trees.size(), per_round_));
    if (const base::Status valid = validate(ensemble_); !valid) return fail(valid.error().what);
    return std::move(ensemble_);
  }

 private:
  tl::unexpected<base::Error> fail(std::string what) const {
    return base::fail({.what = std::move(what), .file = file_.path(), .offset = at_block_});
  }
  tl::unexpected<base::Error> refuse(std::string what) const {
    return base::fail(unsupported(std::move(what), file_.path()));
  }

  // Empty at the end of the file.
  base::Result<Block> block() {
    Block lines;
    while (at_ < text_.size()) {
      const std::size_t end = std::min(text_.find('\n', at_), text_.size());
      std::string_view line = text_.substr(at_, end - at_);
      at_ = std::min(end + 1, text_.size());
      if (line.ends_with('\r')) line.remove_suffix(1);
      if (line.empty() && lines.empty()) continue;
      if (line.empty()) break;
      const std::size_t equals = std::min(line.find('='), line.size());
      lines.emplace(line.substr(0, equals), line.substr(std::min(equals + 1, line.size())));
      if (lines.size() > kMostLines) return fail(fmt::format("a block of more than {} lines", kMostLines));
      if (line == "end of trees") break;
    }
    return lines;
  }

  template <typename T>
  base::Result<T> number(std::string_view word, std::string_view key) const {
    T value{};
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
    if (error != std::errc() || end != word.data() + word.size())
      return fail(fmt::format("`{}` of `{}` is not a number", word.substr(0, 40), key));
    return value;
  }

  template <typename T>
  base::Result<T> scalar(const Block& lines, std::string_view key) const {
    const auto found = lines.find(key);
    if (found == lines.end()) return fail(fmt::format("`{}` is missing", key));
    return number<T>(found->second, key);
  }

  template <typename T>
  base::Result<T> scalar(const Block& lines, std::string_view key, T otherwise) const {
    return lines.contains(key) ? scalar<T>(lines, key) : otherwise;
  }

  template <typename T>
  base::Result<std::vector<T>> list(const Block& lines, std::string_view key, std::size_t size) const {
    const auto found = lines.find(key);
    std::string_view rest = found == lines.end() ? std::string_view() : found->second;
    std::vector<T> numbers;
    for (std::string_view word = next_word(rest); !word.empty(); word = next_word(rest)) {
      EDGESCOPE_TRY(value, number<T>(word, key));
      numbers.push_back(value);
    }
    if (numbers.size() != size) return fail(fmt::format("`{}` has {} numbers, not {}", key, numbers.size(), size));
    return numbers;
  }

  base::Status read_header(const Block& lines) {
    const auto version = lines.find("version");
    ensemble_.producer =
        fmt::format("LightGBM, model text {}",
                    version == lines.end() ? std::string_view("without version") : version->second.substr(0, 20));
    EDGESCOPE_TRY(classes, scalar<int>(lines, "num_class", 1));
    EDGESCOPE_TRY(per_round, scalar<int>(lines, "num_tree_per_iteration", classes));
    EDGESCOPE_TRY(last_feature, scalar<int>(lines, "max_feature_idx"));
    if (per_round < 1 || per_round > kMostOutputs || classes < 1 || classes > kMostOutputs)
      return fail(fmt::format("{} classes, {} trees in each iteration", classes, per_round));
    if (last_feature < -1 || last_feature == std::numeric_limits<int>::max())
      return fail(fmt::format("the last feature is number {}", last_feature));
    per_round_ = static_cast<std::size_t>(per_round);
    ensemble_.outputs = per_round;
    ensemble_.features = last_feature + 1;
    if (const auto names = lines.find("feature_names"); names != lines.end()) {
      std::string_view rest = names->second;
      for (std::string_view word = next_word(rest); !word.empty(); word = next_word(rest))
        ensemble_.feature_names.emplace_back(word);
      // Names with spaces cannot be told apart.
      if (ensemble_.feature_names.size() != static_cast<std::size_t>(ensemble_.features))
        ensemble_.feature_names.clear();
    }
    if (lines.contains("average_output")) ensemble_.aggregate = Aggregate::Average;
    const auto objective = lines.find("objective");
    return objective == lines.end() ? base::Status() : read_objective(objective->second);
  }

  // "binary sigmoid:1", "regression sqrt", "multiclass num_class:3"
  base::Status read_objective(std::string_view rest) {
    const std::string_view name = next_word(rest);
    const auto* known = std::find_if(std::begin(kObjectives), std::end(kObjectives),
                                     [&](const Objective& o) { return o.name == name; });
    if (known == std::end(kObjectives)) return refuse(fmt::format("the objective `{}`", name.substr(0, 60)));
    ensemble_.post_transform = known->transform;
    ensemble_.classifier = known->classifier;
    if (known->classifier && per_round_ == 1) ensemble_.second_class = SecondClass::OneMinus;
    for (std::string_view word = next_word(rest); !word.empty(); word = next_word(rest)) {
      if (word == "sqrt" && known->transform == PostTransform::None)
        ensemble_.post_transform = PostTransform::SignedSquare;
      if (word.starts_with("sigmoid:")) {
        EDGESCOPE_TRY(sigmoid, number<double>(word.substr(8), "objective"));
        if (known->transform == PostTransform::Logistic) ensemble_.alpha = sigmoid;
      }
    }
    return {};
  }

  base::Status read_tree(const Block& lines) {
    EDGESCOPE_TRY(leaves, scalar<int>(lines, "num_leaves"));
    EDGESCOPE_TRY(linear, scalar<int>(lines, "is_linear", 0));
    if (linear != 0)
      return refuse(fmt::format("a linear model in the leaves (`is_linear` of tree {})", ensemble_.trees.size()));
    // Each leaf takes at least two characters.
    if (leaves < 1 || static_cast<std::size_t>(leaves) > text_.size())
      return fail(fmt::format("tree {} has {} leaves", ensemble_.trees.size(), leaves));
    const auto inner = static_cast<std::size_t>(leaves) - 1;
    EDGESCOPE_TRY(values, list<double>(lines, "leaf_value", inner + 1));
    EDGESCOPE_TRY(nodes, read_nodes(lines, inner));
    auto tree = arrange(
        nodes, inner > 0 ? 0 : static_cast<int>(inner), {static_cast<int>(ensemble_.trees.size() % per_round_)},
        [&](int place, std::vector<double>& into) { into.push_back(values[static_cast<std::size_t>(place) - inner]); });
    if (!tree) return fail(fmt::format("tree {}: {}", ensemble_.trees.size(), tree.error().what));
    ensemble_.trees.push_back(std::move(*tree));
    return {};
  }

  // Inner nodes first, leaf i behind them; in the file a leaf is the child ~i.
  base::Result<std::vector<Node>> read_nodes(const Block& lines, std::size_t inner) {
    std::vector<Node> nodes(2 * inner + 1);
    if (inner == 0) return nodes;
    EDGESCOPE_TRY(features, list<int>(lines, "split_feature", inner));
    EDGESCOPE_TRY(thresholds, list<double>(lines, "threshold", inner));
    EDGESCOPE_TRY(decisions, list<int>(lines, "decision_type", inner));
    EDGESCOPE_TRY(left, list<int>(lines, "left_child", inner));
    EDGESCOPE_TRY(right, list<int>(lines, "right_child", inner));
    EDGESCOPE_TRY(sets, read_sets(lines));
    const auto child = [&](int number) {
      return number >= 0 ? static_cast<std::size_t>(number) < inner ? number : -1 : static_cast<int>(inner) + ~number;
    };
    for (std::size_t i = 0; i < inner; ++i) {
      Node& node = nodes[i];
      if (features[i] < 0) return fail(fmt::format("node {} tests feature {}", i, features[i]));
      node.feature = features[i];
      node.on_true = child(left[i]);
      node.on_false = child(right[i]);
      node.threshold = for_unrounded(thresholds[i]);
      const bool default_left = (decisions[i] & kDefaultLeft) != 0;
      if ((decisions[i] & kCategorical) != 0) {
        if (!(thresholds[i] >= 0 && thresholds[i] < static_cast<double>(sets)))
          return fail(fmt::format("node {} tests set {} of {}", i, thresholds[i], sets));
        node.comparison = Comparison::InSet;
        node.threshold = 0;
        node.set = static_cast<int>(ensemble_.sets.size() - sets + static_cast<std::size_t>(thresholds[i]));
        continue;
      }
      switch (decisions[i] >> 2 & 3) {
        case None:
          node.nan_true = 0 <= thresholds[i];
          break;
        case Zero:
          node.zero_missing = true;
          node.nan_true = default_left;
          break;
        case Nan:
          node.nan_true = default_left;
          break;
        default:
          return refuse(fmt::format("missing values of type 3 (`decision_type` {})", decisions[i]));
      }
    }
    return nodes;
  }

  // Adds the tree's sets of categories to the ensemble's; says how many they are.
  base::Result<std::size_t> read_sets(const Block& lines) {
    EDGESCOPE_TRY(count, scalar<int>(lines, "num_cat", 0));
    if (count < 0 || static_cast<std::size_t>(count) > text_.size()) return fail(fmt::format("{} sets", count));
    if (count == 0) return std::size_t{0};
    const auto sets = static_cast<std::size_t>(count);
    EDGESCOPE_TRY(boundaries, list<int>(lines, "cat_boundaries", sets + 1));
    if (boundaries.front() != 0 || !std::is_sorted(boundaries.begin(), boundaries.end()))
      return fail("`cat_boundaries` do not ascend from 0");
    EDGESCOPE_TRY(words, list<std::uint32_t>(lines, "cat_threshold", static_cast<std::size_t>(boundaries.back())));
    for (std::size_t s = 0; s < sets; ++s) {
      const auto first = static_cast<std::size_t>(boundaries[s]), end = static_cast<std::size_t>(boundaries[s + 1]);
      std::vector<std::uint32_t> members;
      for (std::size_t w = first; w < end; ++w)
        for (std::uint32_t bit = 0; bit < 32; ++bit)
          if ((words[w] >> bit & 1) != 0) members.push_back(static_cast<std::uint32_t>(w - first) * 32 + bit);
      // A number is cut to an int first: what is above -1 is category 0, what an int does not hold is none.
      Set set = categories(std::move(members), 2147483648.0);
      if (!set.empty() && set.front() == 0) set.front() = std::nextafter(-1.0, 0.0);
      ensemble_.sets.push_back(std::move(set));
    }
    return sets;
  }

  static constexpr std::size_t kMostLines = 1000;  // a header or tree has some twenty
  static constexpr int kMostOutputs = 1 << 20;

  const base::MappedFile& file_;
  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t at_block_ = 0;
  std::size_t per_round_ = 1;
  Ensemble ensemble_;
};

}  // namespace

base::Result<Ensemble> read_lightgbm(const base::MappedFile& file) { return Reader(file).read(); }

}  // namespace edgescope::forest
