// Random graphs, random rewrites, equal outputs. The graphs are made of what rewrites look for and of what they must
// not touch; outputs are computed by the reference interpreter (graph/evaluate.h), on numbers, NaN and infinities.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>

#include "graph/builder.h"
#include "graph/evaluate.h"
#include "graph/prune.h"
#include "graph/validate.h"
#include "rewrite/rewrites.h"

namespace edgescope::rewrite {
namespace {

namespace attr = graph::attr;
using graph::Builder;
using graph::ElementType;
using graph::Kind;
using Ints = std::vector<std::int64_t>;

constexpr int kGraphs = 10'000;

class RandomGraph {
 public:
  explicit RandomGraph(std::uint64_t seed)
      : random_(seed), builder_(seed % 2 ? graph::Format::TfLite : graph::Format::OpenVinoIr) {}

  graph::Model make() {
    const Ints dims = pick(std::vector<Ints>{{3}, {2, 3}, {2, 3, 2}, {1, 2, 3, 2}});
    for (int i = 0; i < 2; ++i) floats_.push_back(builder_.input("x" + std::to_string(i), ElementType::Float32, dims));
    whole_.push_back(builder_.input("n", ElementType::Int32, dims));
    truths_.push_back(builder_.input("t", ElementType::Bool, dims));
    floats_.push_back(builder_.constant<float>("c", {1}, {pick(std::vector<float>{0, 1, -1, 2.5f})}));
    const int operators = 3 + static_cast<int>(random_() % 12);
    for (int i = 0; i < operators; ++i) add();
    // The last ones are outputs, so that what was made is needed.
    for (auto* list : {&floats_, &truths_, &whole_}) {
      const std::size_t many = 1 + random_() % 2;
      for (std::size_t k = 0; k < std::min(many, list->size()); ++k) {
        const int tensor = (*list)[list->size() - 1 - k];
        if (made_.contains(tensor)) builder_.output(tensor, "out" + std::to_string(outputs_++));
      }
    }
    if (outputs_ == 0) builder_.output(builder_.add(Kind::Relu, {floats_.front()}), "out");
    auto model = std::move(builder_).finish();
    EXPECT_TRUE(model) << model.error().message();
    return std::move(*model);
  }

 private:
  template <typename T>
  T pick(const std::vector<T>& list) {
    return list[random_() % list.size()];
  }
  bool same(int a, int b) { return builder_.dims(a) == builder_.dims(b); }

  // A partner of the same shape, or a constant of one element.
  int partner(int tensor, const std::vector<int>& list) {
    for (int i = 0; i < 8; ++i) {
      const int other = pick(list);
      if (same(tensor, other) || builder_.dims(other) == Ints{1}) return other;
    }
    return tensor;
  }
  void keep(std::vector<int>& list, int tensor) {
    list.push_back(tensor);
    made_.insert(tensor);
  }

  void moved(std::vector<int>& list) {
    const int x = pick(list);
    const Ints dims = builder_.dims(x);
    switch (random_() % 8) {
      case 7: {
        const auto axis = static_cast<std::int64_t>(random_() % dims.size());
        if (dims[static_cast<std::size_t>(axis)] < 2) return;
        const std::int64_t rest = dims[static_cast<std::size_t>(axis)] - 1;
        const bool parts = dims.size() < 2 || random_() % 2;
        for (const int each : parts ? builder_.add_all(Kind::Split, {x}, {{attr::axis, axis}, {attr::sizes, {1, rest}}})
                                    : builder_.add_all(Kind::Unpack, {x}, {{attr::axis, axis}}))
          keep(list, each);
        break;
      }
      case 3: {
        Ints begin(dims.size(), 0), strides(dims.size(), 1);
        const std::size_t axis = random_() % dims.size();
        if (dims[axis] > 1) begin[axis] = static_cast<std::int64_t>(random_() % 2);
        strides[axis] = 1 + static_cast<std::int64_t>(random_() % 2);
        keep(list, builder_.add(Kind::StridedSlice, {x},
                                {{attr::begin, begin}, {attr::end, dims}, {attr::strides, strides}}));
        break;
      }
      case 4: {
        const std::size_t axis = random_() % dims.size();
        std::vector<std::int32_t> places(1 + random_() % 3);
        for (auto& place : places)
          place = static_cast<std::int32_t>(random_() % static_cast<std::uint64_t>(dims[axis]));
        const int at = builder_.constant<std::int32_t>("places" + std::to_string(made_.size()),
                                                       {static_cast<std::int64_t>(places.size())}, places);
        keep(list, builder_.add(Kind::Gather, {x, at}, {{attr::axis, static_cast<std::int64_t>(axis)}}));
        break;
      }
      case 5: {
        Ints repeats(dims.size(), 1);
        repeats[random_() % dims.size()] = 2;
        keep(list, builder_.add(Kind::Tile, {x}, {{attr::repeats, repeats}}));
        break;
      }
      case 6: {
        const auto axis = static_cast<std::int64_t>(random_() % (dims.size() + 1));
        const int packed = builder_.add(Kind::Pack, {x, x}, {{attr::axis, axis}});
        if (builder_.dims(packed).size() > 5) return;
        keep(list, builder_.add(Kind::Reshape, {packed}, {{attr::shape, {2, -1}}}));
        break;
      }
      case 0: {
        Ints order(dims.size());
        for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<std::int64_t>(i);
        std::shuffle(order.begin(), order.end(), random_);
        const int there = builder_.add(Kind::Transpose, {x}, {{attr::permutation, order}});
        keep(list, there);
        if (random_() % 2) {  // perhaps something between, then back
          const int between = &list == &floats_ && random_() % 2 ? builder_.add(Kind::Tanh, {there}) : there;
          Ints back(order.size());
          for (std::size_t i = 0; i < back.size(); ++i)
            back[static_cast<std::size_t>(order[i])] = static_cast<std::int64_t>(i);
          keep(list, builder_.add(Kind::Transpose, {between}, {{attr::permutation, back}}));
        }
        break;
      }
      case 1:
        keep(list, builder_.add(Kind::Reshape, {x}, {{attr::shape, {-1}}}));
        break;
      default:
        keep(list, builder_.add(Kind::Reshape, {x}, {{attr::shape, dims}}));
    }
  }

  void add() {
    switch (random_() % 9) {
      case 0:
      case 1: {
        const int x = pick(floats_), y = partner(x, floats_);
        keep(floats_, builder_.add(pick(std::vector<Kind>{Kind::Add, Kind::Subtract, Kind::Multiply, Kind::Maximum,
                                                          Kind::Minimum}),
                                   {x, y}));
        break;
      }
      case 2: {
        const int x = pick(floats_);
        keep(floats_, builder_.add(pick(std::vector<Kind>{Kind::Abs, Kind::Negate, Kind::Relu, Kind::Identity}), {x}));
        break;
      }
      case 3: {
        auto& list = random_() % 2 ? floats_ : whole_;
        const int x = pick(list), y = partner(x, list);
        keep(truths_, builder_.add(pick(std::vector<Kind>{Kind::Equal, Kind::NotEqual, Kind::Less, Kind::LessEqual,
                                                          Kind::Greater, Kind::GreaterEqual}),
                                   {x, y}));
        break;
      }
      case 4: {
        const int x = pick(truths_), y = partner(x, truths_);
        if (same(x, y))
          keep(truths_,
               builder_.add(pick(std::vector<Kind>{Kind::LogicalAnd, Kind::LogicalOr, Kind::LogicalXor}), {x, y}));
        else
          keep(truths_, builder_.add(Kind::LogicalNot, {x}));
        break;
      }
      case 5: {
        const int x = pick(truths_);
        for (const int y : floats_)
          if (same(x, y)) {
            keep(floats_, builder_.add(Kind::Select, {x, y, partner(y, floats_)}));
            break;
          }
        break;
      }
      case 6:
        if (random_() % 2)
          keep(floats_, builder_.add(Kind::Cast, {pick(truths_)}, {{attr::to, ElementType::Float32}}));
        else if (random_() % 2)
          keep(whole_, builder_.add(Kind::Cast, {pick(truths_)}, {{attr::to, ElementType::Int32}}));
        else
          keep(floats_,
               builder_.add(Kind::Cast, {builder_.add(Kind::Cast, {pick(floats_)}, {{attr::to, ElementType::Float64}})},
                            {{attr::to, ElementType::Float32}}));
        break;
      case 7:
        moved(floats_);
        break;
      default:
        moved(random_() % 2 ? truths_ : whole_);
    }
  }

  std::mt19937_64 random_;
  Builder builder_;
  std::vector<int> floats_, whole_, truths_;
  std::set<int> made_;
  int outputs_ = 0;
};

std::vector<graph::Value> inputs_for(const graph::Model& model, std::uint64_t seed) {
  constexpr float kNumbers[] = {0,
                                -0.0f,
                                1,
                                -1,
                                0.5f,
                                2,
                                -3.25f,
                                1e-40f,
                                3e38f,
                                std::numeric_limits<float>::infinity(),
                                -std::numeric_limits<float>::infinity(),
                                std::numeric_limits<float>::quiet_NaN()};
  std::mt19937_64 random(seed);
  std::vector<graph::Value> values;
  const graph::Subgraph& graph = model.subgraphs[0];
  for (const int input : graph.inputs) {
    const graph::Tensor& tensor = graph.tensors[static_cast<std::size_t>(input)];
    graph::Value value{.type = tensor.type, .dims = tensor.shape.dims};
    for (std::uint64_t i = 0; i < *tensor.shape.elements(); ++i) {
      const auto append = [&value](auto number) {
        const auto* bytes = reinterpret_cast<const std::byte*>(&number);
        value.data.insert(value.data.end(), bytes, bytes + sizeof(number));
      };
      if (tensor.type == ElementType::Float32)
        append(kNumbers[random() % std::size(kNumbers)]);
      else if (tensor.type == ElementType::Int32)
        append(static_cast<std::int32_t>(random() % 7) - 3);
      else
        append(static_cast<std::uint8_t>(random() % 2));
    }
    values.push_back(std::move(value));
  }
  return values;
}

// NaN for NaN, zeros of either sign, else the same bits.
bool equal(const graph::Value& a, const graph::Value& b) {
  if (a.type != b.type || a.dims != b.dims || a.data.size() != b.data.size()) return false;
  if (a.type != ElementType::Float32) return a.data == b.data;
  for (std::size_t at = 0; at < a.data.size(); at += sizeof(float)) {
    float x, y;
    std::memcpy(&x, a.data.data() + at, sizeof(float));
    std::memcpy(&y, b.data.data() + at, sizeof(float));
    if (!(x == y || (std::isnan(x) && std::isnan(y)))) return false;
  }
  return true;
}

std::string shown(const graph::Model& model) {
  std::string text;
  const graph::Subgraph& graph = model.subgraphs[0];
  for (const graph::Operator& op : graph.operators) {
    text += std::string(graph::kind_name(op.kind)) + "(";
    for (const int input : op.inputs) text += graph.tensors[static_cast<std::size_t>(input)].name + " ";
    text += ") -> " + graph.tensors[static_cast<std::size_t>(op.outputs[0])].name + "\n";
  }
  return text;
}

TEST(Property, RandomGraphsRandomRewritesEqualOutputs) {
  std::vector<const Rewrite*> exact;
  for (const Rewrite& rewrite : catalogue())
    if (rewrite.equivalence == Equivalence::Exact) exact.push_back(&rewrite);
  std::map<std::string_view, int> applied;
  for (std::uint64_t seed = 1; seed <= kGraphs; ++seed) {
    const graph::Model before = RandomGraph(seed).make();
    graph::Model after = before;
    std::mt19937_64 random(seed);
    std::string steps;
    for (int i = 0; i < 10; ++i) {
      const Rewrite& rewrite = *exact[random() % exact.size()];
      if (apply_everywhere(rewrite, after).empty()) continue;
      graph::remove_dead(after);
      ++applied[rewrite.id];
      steps += std::string(rewrite.id) + " ";
    }
    ASSERT_TRUE(graph::validate(after)) << seed << " " << steps;
    const auto inputs = inputs_for(before, seed);
    // -0 is told from 0 by a division only, which the graphs have none of.
    const auto expected = graph::evaluate(before.subgraphs[0], before.layout, inputs);
    const auto found = graph::evaluate(after.subgraphs[0], after.layout, inputs);
    ASSERT_TRUE(expected) << seed << ": " << expected.error().message();
    ASSERT_TRUE(found) << seed << " " << steps << found.error().message() << "\n" << shown(after);
    ASSERT_EQ(expected->size(), found->size());
    for (std::size_t i = 0; i < expected->size(); ++i)
      ASSERT_TRUE(equal((*expected)[i], (*found)[i]))
          << "graph " << seed << ", output " << i << ", steps: " << steps << "\nbefore\n"
          << shown(before) << "after\n"
          << shown(after);
  }
  for (const char* id : {"identity", "fold", "pair", "sandwich", "comparison", "logical", "truth-output", "absolute",
                         "difference", "move-first", "slice", "constant-gather", "copies", "pack", "unpack"})
    EXPECT_GT(applied[id], 50) << id << " was hardly ever tried";
}

}  // namespace
}  // namespace edgescope::rewrite
