#include "forest/exact.h"

#include <algorithm>
#include <limits>
#include <string>

#include "forest/encoding.h"
#include "forest/traversal.h"
#include "graph/builder.h"

namespace edgescope::forest {
namespace {

using graph::Builder;
using graph::ElementType;
using graph::Kind;
namespace attr = graph::attr;

constexpr int kTileOutputs = 64;    // of the Edge TPU: channels that one block of its memory holds
constexpr int kTallest = 6;         // 2^6 exits fill such a block
constexpr int kLeastChannels = 4;   // in which it holds and sends its results
constexpr int kWidestHalf = 32768;  // the same for the NCS2: the hardware accelerator takes no wider one
constexpr int kWidest = 16384;      // channels of one convolution for the Edge TPU

// Pieces that stand side by side in one block, whose matrices have a block for each of them on their diagonal.
int pieces_per_block(ExactForm form, int height) {
  switch (form) {
    case ExactForm::Convolution:
      return kTileOutputs >> height;
    case ExactForm::FullyConnected:
    case ExactForm::Matmul:
      return std::max(1, 16 >> height);  // kernels compute 16 channels at least
    case ExactForm::HalfConvolution:
    case ExactForm::Traversal:
      break;
  }
  return 1;
}

// Blocks that all pieces take; for the Edge TPU as many as fill its channels.
int blocks_of(ExactForm form, int pieces, int height) {
  const int per_block = pieces_per_block(form, height), blocks = std::max(1, (pieces + per_block - 1) / per_block);
  const int together = form == ExactForm::Convolution ? std::max(1, kLeastChannels / per_block) : 1;
  return (blocks + together - 1) / together * together;
}

// Matrices over the node places (2^height a piece, the last one empty) and exits of a block.
class Block {
 public:
  Block(const Pieces& pieces, int per_block) : pieces_(pieces), per_block_(per_block) {}

  int size() const { return per_block_ << pieces_.height; }
  int pieces() const { return per_block_; }

  // visit(row, column, value): the sides that lead to an exit, +1 right, -1 left.
  template <typename Visit>
  void for_paths(const Visit& visit) const {
    for (int slot = 0; slot < per_block_; ++slot)
      for (int exit = 0; exit < pieces_.exits(); ++exit)
        for (int at = exit + pieces_.nodes(); at > 0; at = (at - 1) / 2)
          visit(slot * pieces_.exits() + exit, slot * pieces_.exits() + (at - 1) / 2, at % 2 == 0 ? 1 : -1);
  }

 private:
  const Pieces& pieces_;
  int per_block_;
};

class Program {
 public:
  Program(const Pieces& pieces, int columns, const ExactPlan& plan)
      : pieces_(pieces),
        plan_(plan),
        block_(pieces, pieces_per_block(plan.form, pieces.height)),
        blocks_(blocks_of(plan.form, pieces.count(), pieces.height)),
        columns_(columns),
        b_(plan.format, "exact_forest") {}

  base::Result<graph::Model> make(Strides& strides) && {
    switch (plan_.form) {
      case ExactForm::FullyConnected:
        fully_connected(strides);
        break;
      case ExactForm::Convolution:
        convolution(strides);
        break;
      case ExactForm::Matmul:
        matmul(strides);
        break;
      case ExactForm::HalfConvolution:
        half_convolution(strides);
        break;
      case ExactForm::Traversal:
        strides = traverse(b_, pieces_, columns_, plan_.batch);
        break;
    }
    return std::move(b_).finish();
  }

 private:
  using Dims = Builder::Dims;

  static std::size_t of(int number) { return static_cast<std::size_t>(number); }

  // --- int8 -----------------------------------------------------------------------------------------------
  //
  // Layer 1: 127 (cell - rank) - 63 is at least 64 or at most -63, and 7 (16 cell + cell - rank) - 3 of a rank in two
  // cells is at least 4 or at most -3; by 15/16: clamped to +1 or -1.
  // Layer 2: the sides times 127, less 127 (height - 1), is 127 or at most -127. Its +-1 is held as +-2 steps.
  // Layer 3: the exit's number in the upper `height` bits of the byte, the middle of its range below.
  static constexpr int kWeight = 127, kWideWeight = 7;
  static constexpr float kNodeScale = 15.0F / 16, kPathScale = 1.0F / 32, kHitScale = 0.5F;

  float exit_scale() const { return 1.0F / static_cast<float>(256 >> pieces_.height); }

  int weights(std::string name, Dims dims, const std::vector<std::int8_t>& values, float scale) {
    const int tensor = b_.constant(std::move(name), std::move(dims), values);
    b_.quantize(tensor, scale, 0);
    return tensor;
  }
  int biases(std::string name, const std::vector<std::int32_t>& values, float scale) {
    const int tensor = b_.constant(std::move(name), {static_cast<std::int64_t>(values.size())}, values);
    b_.quantize(tensor, scale, 0);
    return tensor;
  }

  struct Layer {
    std::vector<std::int8_t> weights;
    std::vector<std::int32_t> biases;
  };

  Layer nodes(int first_block, int count) const {
    const std::size_t places = of(count) * of(block_.size());
    Layer layer{std::vector<std::int8_t>(places * of(columns_)), std::vector<std::int32_t>(places, -64)};
    for (int block = 0; block < count; ++block)
      for_nodes(first_block + block, [&](int node, const PieceTest& test) {
        const std::size_t place = of(block) * of(block_.size()) + of(node);
        std::int8_t* weight = &layer.weights[place * of(columns_) + of(test.column)];
        const int one = test.wide ? kWideWeight : kWeight;
        weight[0] = static_cast<std::int8_t>(test.wide ? kWideWeight * Encoder::kBase : kWeight);
        if (test.wide) weight[1] = kWideWeight;
        layer.biases[place] = -one * test.rank - one / 2;
      });
    return layer;
  }

  // visit(place in the block, test) for each node that tests a column.
  template <typename Visit>
  void for_nodes(int block, const Visit& visit) const {
    for (int slot = 0; slot < block_.pieces(); ++slot) {
      const int piece = block * block_.pieces() + slot;
      if (piece >= pieces_.count()) return;
      for (int node = 0; node < pieces_.nodes(); ++node)
        if (const PieceTest test = pieces_.test(piece, node); test.column >= 0)
          visit(slot * pieces_.exits() + node, test);
    }
  }

  Layer paths() const {
    Layer layer{std::vector<std::int8_t>(of(block_.size()) * of(block_.size())),
                std::vector<std::int32_t>(of(block_.size()), -kWeight * (pieces_.height - 1))};
    block_.for_paths([&](int exit, int node, int side) {
      layer.weights[of(exit) * of(block_.size()) + of(node)] = static_cast<std::int8_t>(kWeight * side);
    });
    return layer;
  }

  // Of as many pieces side by side. A hit is +2 at one exit and -2 at the others; with weights w the sum is
  // 4 w - 2 (sum of all).
  Layer exits(int pieces) const {
    const int width = pieces * pieces_.exits(), room = 7 - pieces_.height;
    Layer layer{std::vector<std::int8_t>(of(pieces) * of(width)), std::vector<std::int32_t>(of(pieces))};
    for (int slot = 0; slot < pieces; ++slot) {
      layer.biases[of(slot)] = 2 << room;
      for (int exit = 0; exit < pieces_.exits(); ++exit) {
        const int weight = exit << room;
        layer.weights[of(slot) * of(width) + of(slot * pieces_.exits() + exit)] = static_cast<std::int8_t>(weight);
        layer.biases[of(slot)] += 2 * weight;
      }
    }
    return layer;
  }

  int quantised_input(Dims dims) {
    const int x = b_.input("ranks", ElementType::Int8, std::move(dims));
    b_.quantize(x, 1, -128);
    return x;
  }

  // The products of all rows and blocks by one matrix: the input is taken as rows as long as the matrix is wide.
  int product(int x, const Layer& layer, const std::string& name, std::int64_t rows, std::int64_t width,
              float weight_scale, float input_scale, bool clamped, float scale, std::int64_t zero_point) {
    const auto outputs = static_cast<std::int64_t>(layer.biases.size());
    const int w = weights(name + "_weights", {outputs, width}, layer.weights, weight_scale);
    const int b = biases(name + "_bias", layer.biases, weight_scale * input_scale);
    graph::Operator op{.kind = Kind::FullyConnected, .inputs = {x, w, b}};
    if (clamped) op.attributes.emplace_back(attr::activation, std::string("relu_n1_to_1"));
    const int y = b_.add_given(std::move(op), {{ElementType::Int8, {rows, outputs}}}, name).front();
    b_.quantize(y, scale, zero_point);
    return y;
  }

  void fully_connected(Strides& strides) {
    const std::int64_t batch = plan_.batch, size = block_.size();
    int y = quantised_input({batch, columns_});
    y = product(y, nodes(0, blocks_), "sides", batch, columns_, kNodeScale, 1, true, 1, 0);
    y = product(y, paths(), "hits", batch * blocks_, size, kPathScale, 1, true, kHitScale, 0);
    y = product(y, exits(block_.pieces()), "exits", batch * blocks_, size, exit_scale(), kHitScale, false, exit_scale(),
                -128);
    b_.output(y, "exits");
    strides = rows_of_pieces();
  }

  int convolve(int x, const Layer& layer, const std::string& name, float weight_scale, float input_scale, bool clamped,
               float scale, std::int64_t zero_point) {
    const auto outputs = static_cast<std::int64_t>(layer.biases.size());
    const auto width = static_cast<std::int64_t>(layer.weights.size()) / outputs;
    const int w = weights(name + "_weights", {outputs, 1, 1, width}, layer.weights, weight_scale);
    const int b = biases(name + "_bias", layer.biases, weight_scale * input_scale);
    const int y = b_.add(Kind::Convolution, {x, w, b}, {{attr::activation, clamped ? "relu_n1_to_1" : "none"}}, name);
    b_.quantize(y, scale, zero_point);
    return y;
  }

  // All blocks' sides are one wide convolution, whose channels lie in all tiles, taken apart into a picture of rows x
  // blocks; every further operator would cost instructions that are sent with each inference. Several side by side
  // where one would be wider than kWidest.
  void convolution(Strides& strides) {
    const std::int64_t batch = plan_.batch, size = block_.size();
    const int x = quantised_input({1, 1, batch, columns_});
    std::vector<int> parts;
    for (int first = 0; first < blocks_; first += kWidest / kTileOutputs) {
      const int count = std::min(blocks_ - first, kWidest / kTileOutputs);
      const int y = convolve(x, nodes(first, count), "sides", kNodeScale, 1, true, 1, 0);
      parts.push_back(b_.add(Kind::Reshape, {y}, {{attr::shape, {1, batch, count, size}}}));
      b_.quantize(parts.back(), 1, 0);
    }
    int y = parts.front();
    if (parts.size() > 1) {
      y = b_.add(Kind::Concatenation, parts, {{attr::axis, 2}});
      b_.quantize(y, 1, 0);
    }
    y = convolve(y, paths(), "hits", kPathScale, 1, true, kHitScale, 0);
    if (block_.pieces() < kLeastChannels) {  // fewer would be sent with as many empty ones
      y = b_.add(Kind::Reshape, {y}, {{attr::shape, {1, batch, -1, std::int64_t{kLeastChannels} * pieces_.exits()}}});
      b_.quantize(y, kHitScale, 0);
    }
    y = convolve(y, exits(std::max(kLeastChannels, block_.pieces())), "exits", exit_scale(), kHitScale, false,
                 exit_scale(), -128);
    b_.output(y, "exits");
    strides = rows_of_pieces();
  }

  Strides rows_of_pieces() const {
    return {.row = of(columns_), .column = 1, .answer_row = of(blocks_ * block_.pieces()), .answer_piece = 1};
  }

  // --- floats: sides and hits are 0 or 1, and every number on the way is whole ------------------------------

  // clamp(cell - rank, 0, 1); where there is no test, clamp(0).
  void matmul(Strides& strides) {
    const std::int64_t batch = plan_.batch, size = block_.size(), places = size * blocks_;
    std::vector<float> w(of(columns_) * static_cast<std::size_t>(places)), ranks(static_cast<std::size_t>(places));
    for (int block = 0; block < blocks_; ++block)
      for_nodes(block, [&](int place, const PieceTest& test) {
        const std::size_t at = of(block) * of(block_.size()) + of(place);
        w[of(test.column) * static_cast<std::size_t>(places) + at] = 1;
        ranks[at] = static_cast<float>(-test.rank);
      });
    int y = b_.input("ranks", ElementType::Float32, {batch, columns_});
    y = clamped(b_.add(Kind::Matmul, {y, b_.constant("node_weights", {columns_, places}, w)}),
                b_.constant("node_bias", {1, places}, ranks), "sides");
    y = b_.add(Kind::Reshape, {y}, {{attr::shape, {batch * blocks_, size}}});
    const FloatLayer path = float_paths(true);
    y = clamped(b_.add(Kind::Matmul, {y, b_.constant("path_weights", {size, size}, path.weights)}),
                b_.constant("path_bias", {1, size}, path.biases), "hits");
    std::vector<float> numbers(of(block_.size()) * of(block_.pieces()));
    for (int i = 0; i < block_.size(); ++i)
      numbers[of(i) * of(block_.pieces()) + of(i / pieces_.exits())] = static_cast<float>(i % pieces_.exits());
    y = b_.add(Kind::Matmul, {y, b_.constant("exit_weights", {size, block_.pieces()}, numbers)});
    b_.output(y, "exits");
    strides = rows_of_pieces();
  }

  int clamped(int x, int bias, std::string name) {
    return b_.add(Kind::Clamp, {b_.add(Kind::Add, {x, bias})}, {{attr::min, 0.0}, {attr::max, 1.0}}, std::move(name));
  }

  // An exit's sum is the right turns on its way, less wrong ones: it is reached at the number of its right turns.
  struct FloatLayer {
    std::vector<float> weights, biases;
  };
  FloatLayer float_paths(bool input_first) const {
    const int size = block_.size();
    FloatLayer layer{std::vector<float>(of(size) * of(size)), std::vector<float>(of(size), 1)};
    block_.for_paths([&](int exit, int node, int side) {
      layer.weights[input_first ? of(node) * of(size) + of(exit) : of(exit) * of(size) + of(node)] =
          static_cast<float>(side);
      if (side > 0) layer.biases[of(exit)] -= 1;
    });
    return layer;
  }

  // Nodes of the same place in all pieces stand together, so that what is channels x pieces in one convolution is
  // channels and height of the next: a reshape that moves nothing.
  void half_convolution(Strides& strides) {
    const std::int64_t batch = plan_.batch, size = block_.size();
    const int x = b_.input("ranks", ElementType::Float32, {1, columns_, 1, batch});
    std::vector<int> parts;
    for (int first = 0; first < blocks_; first += kWidestHalf / block_.size())
      parts.push_back(half_sides(x, first, std::min(blocks_ - first, kWidestHalf / block_.size())));
    int y = parts.size() == 1 ? parts.front() : b_.add(Kind::Concatenation, parts, {{attr::axis, 2}});
    const FloatLayer path = float_paths(false);
    y = clamped(b_.add(Kind::Convolution, {y, b_.constant("path_weights", {size, size, 1, 1}, path.weights)}),
                b_.constant("path_bias", {1, size, 1, 1}, path.biases), "hits");
    std::vector<float> numbers(of(block_.size()));
    for (int i = 0; i < block_.size(); ++i) numbers[of(i)] = static_cast<float>(i);
    y = b_.add(Kind::Convolution, {y, b_.constant("exit_weights", {1, size, 1, 1}, numbers)});
    b_.output(y, "exits");
    strides = {.row = 1, .column = of(plan_.batch), .answer_row = 1, .answer_piece = of(plan_.batch)};
  }

  // Of some pieces, [1, node, piece, row].
  int half_sides(int x, int first, int count) {
    const std::int64_t size = block_.size(), places = size * count;
    std::vector<float> w(of(columns_) * static_cast<std::size_t>(places)), ranks(static_cast<std::size_t>(places));
    for (int piece = 0; piece < count; ++piece)
      for_nodes(first + piece, [&](int place, const PieceTest& test) {
        const std::size_t at = of(place) * of(count) + of(piece);
        w[at * of(columns_) + of(test.column)] = 1;
        ranks[at] = static_cast<float>(-test.rank);
      });
    const int y = clamped(b_.add(Kind::Convolution, {x, b_.constant("node_weights", {places, columns_, 1, 1}, w)}),
                          b_.constant("node_bias", {1, places, 1, 1}, ranks), "sides");
    return b_.add(Kind::Reshape, {y}, {{attr::shape, {1, size, count, plan_.batch}}});
  }

  const Pieces& pieces_;
  ExactPlan plan_;
  Block block_;
  int blocks_;
  int columns_;
  Builder b_;
};

ExactSize size_of(const Ensemble& ensemble, const Encoding& encoding, ExactForm form, int height) {
  ExactSize size{
      .columns = encoding.tables.columns, .height = height, .pieces = count_pieces(ensemble, encoding, height)};
  if (form == ExactForm::Traversal) {
    size.results_per_row = static_cast<double>(size.pieces) * height;
    return size;
  }
  const int per_block = pieces_per_block(form, height), width = per_block << height;
  const double blocks = blocks_of(form, size.pieces, height);
  size.results_per_row = blocks * (2 * width + per_block);
  size.macs_per_row = blocks * width * (size.columns + width + per_block);
  return size;
}

// The Edge TPU's memory for parameters; what is more is sent with each inference.
constexpr double kChipBytes = 7.4e6;

// Of all heights, what costs least for a row. On CPUs a result costs as much as some 64 multiply-accumulates to
// scale, round and store. Over the Edge TPU's link a byte of the answer takes as long as some 17,500, and one of a
// parameter as some 1,800. The NCS2's hardware accelerator aligns channels to 16; with another height parts of large
// programs are left to the slower processors.
ExactSize best_size(const Ensemble& ensemble, const Encoding& encoding, const ExactPlan& plan) {
  if (plan.height > 0) return size_of(ensemble, encoding, plan.form, plan.height);
  if (plan.form == ExactForm::HalfConvolution) return size_of(ensemble, encoding, plan.form, 4);
  const auto cost = [&](const ExactSize& size) {
    if (plan.form == ExactForm::Traversal) return traversal_cost(size.pieces, size.height);
    if (plan.form != ExactForm::Convolution) return size.macs_per_row + 64 * size.results_per_row;
    const double stored = static_cast<double>(size.pieces << size.height) * (size.columns + 4);
    return size.macs_per_row + 17500.0 * size.pieces + 1800 * std::max(0.0, stored - kChipBytes) / plan.batch;
  };
  ExactSize best = size_of(ensemble, encoding, plan.form, 1);
  const int tallest = plan.form == ExactForm::Traversal ? kTallestTraversal : kTallest;
  for (int height = 2; height <= tallest; ++height)
    if (const ExactSize size = size_of(ensemble, encoding, plan.form, height); cost(size) < cost(best)) best = size;
  return best;
}

Encoding encode_for(const Ensemble& ensemble, ExactForm form) {
  const bool half = form == ExactForm::HalfConvolution;
  const ExactPlan plan{.form = form};
  Encoding encoding = encode(ensemble, plan.quantised()  ? kByteCells
                                       : plan.integers() ? kWordCells
                                       : half            ? kHalfCells
                                                         : kFloatCells);
  encoding.tables.columns = std::max(1, encoding.tables.columns);  // a forest of single leaves has no tests
  return encoding;
}

}  // namespace

ExactSize exact_size(const Ensemble& ensemble, const ExactPlan& plan) {
  return best_size(ensemble, encode_for(ensemble, plan.form), plan);
}

ExactForm exact_form(const Ensemble& ensemble, bool edgetpu, bool ncs2, graph::Format format, int batch) {
  if (edgetpu) return ExactForm::Convolution;
  if (ncs2) return ExactForm::HalfConvolution;
  if (format == graph::Format::TfLite) return ExactForm::FullyConnected;
  // Nanoseconds of one thread: a result of a product, a look-up, and what the operators of a level take however few
  // rows there are (OpenVINO 2024.6).
  constexpr double kResult = 0.6, kLookUp = 2.4, kLevel = 900;
  const ExactSize products = exact_size(ensemble, {.form = ExactForm::Matmul, .format = format, .batch = batch});
  const ExactSize look_ups = exact_size(ensemble, {.form = ExactForm::Traversal, .format = format, .batch = batch});
  return batch * products.results_per_row * kResult <=
                 look_ups.height * kLevel + batch * look_ups.results_per_row * kLookUp
             ? ExactForm::Matmul
             : ExactForm::Traversal;
}

base::Result<ExactProgram> exact_program(const Ensemble& ensemble, const ExactPlan& plan) {
  Encoding encoding = encode_for(ensemble, plan.form);
  const int height = best_size(ensemble, encoding, plan).height;
  Pieces pieces = cut(ensemble, encoding, height);
  const int slots = pieces_per_block(plan.form, height) * blocks_of(plan.form, pieces.count(), height);
  const auto batch = static_cast<std::size_t>(plan.batch);
  ExactProgram program{.plan = plan, .pieces = pieces.count()};
  program.input_cells = batch * static_cast<std::size_t>(encoding.tables.columns);
  program.output_cells = batch * static_cast<std::size_t>(slots);
  program.plan.height = height;
  if (std::max(program.input_cells, program.output_cells) > std::numeric_limits<std::int32_t>::max())
    return base::fail({.fault = base::Fault::usage,
                       .what = "a batch of " + std::to_string(plan.batch) + " rows takes more than 2^31 numbers",
                       .remedy = "Take fewer rows at a time."});
  EDGESCOPE_TRY(model, Program(pieces, encoding.tables.columns, plan).make(program.strides));
  program.model = std::move(model);
  program.encoder = std::move(encoding.tables);
  program.decoder = std::move(pieces.tables);
  return program;
}

}  // namespace edgescope::forest
