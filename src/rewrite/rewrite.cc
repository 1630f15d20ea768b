#include "rewrite/rewrite.h"

#include <algorithm>
#include <string>
#include <vector>

#include "rewrite/rewrites.h"

namespace edgescope::rewrite {
namespace {

constexpr Rewrite kCatalogue[] = {
    {.id = "identity",
     .about = "an operator that gives back what it was given goes away",
     .why = "some runtimes copy for it, and on a device it is a stage of its own",
     .apply = rewrite_identity},
    {.id = "fold",
     .about = "an operator whose inputs are all constants becomes the constant that it makes",
     .why = "it would be computed again at every inference, and a device takes constants where it takes no results",
     .apply = rewrite_fold},
    {.id = "fold-quantized",
     .about = "constants that are dequantised or pass through FakeQuantize become what comes out",
     .why = "weights that are computed are refused by devices that take constant ones",
     .equivalence = Equivalence::Bounded,
     .bound = "a few units in the last place: the bits depend on who computes them",
     .tolerance = 1e-5,
     .apply = rewrite_fold_quantized},
    {.id = "pair",
     .about = "two reshapes, transpositions or casts in a row, or a value dequantised and quantised as it was, come to "
              "one operator or none",
     .why = "the first of the two is work for nothing, and on a device a stage or a crossing of its own",
     .apply = rewrite_pair},
    {.id = "sandwich",
     .about = "a transposition or a reshape, operators of single elements, and the way back: both go",
     .why = "converters between layouts leave them around every operator that does not care",
     .apply = rewrite_sandwich},
    {.id = "comparison",
     .about =
         "a <= b becomes Select(a < b, true, a = b), a >= b likewise, a != b Not(a = b); of integers, >= and = alone",
     .why = "the NCS2's compiler refuses these comparisons where another operator reads the result",
     .target = "ncs2",
     .apply = rewrite_comparison},
    {.id = "logical",
     .about = "a or b becomes Select(a, true, b), a xor b Select(a, Not(b), b)",
     .why = "the NCS2's compiler always refuses Or and Xor",
     .target = "ncs2",
     .apply = rewrite_logical},
    {.id = "truth-output",
     .about = "a truth value that leaves the network is written by a comparison of floats",
     .why = "And, Not and comparisons of integers cannot write a network's output on the NCS2",
     .target = "ncs2",
     .apply = rewrite_truth_output},
    {.id = "absolute",
     .about = "|x| becomes max(x, -x)",
     .why = "the NCS2 has no Abs",
     .target = "ncs2",
     .apply = rewrite_absolute},
    {.id = "function",
     .about =
         "sign, cosh, sinh, softsign, Mod, sums of absolute values, `any`, the Euclidean norm, LogSoftmax and squared "
         "differences of whole numbers are written by exp, log, Power, FloorMod, comparisons, Maximum and Reduce",
     .why = "the NCS2 lacks these, or its QueryNetwork misreports them, and has those",
     .target = "ncs2",
     .equivalence = Equivalence::Bounded,
     .bound = "a few units in the last place; cosh and sinh overflow 0.7 earlier, at 88.7 in float32; NaN is what the "
              "runtime's exp makes of it",
     .of_nan_too = false,
     .tolerance = 1e-6,
     .apply = rewrite_function},
    {.id = "fake-quantize",
     .about = "FakeQuantize becomes the clamp, the line and the rounding that it is",
     .why = "the NCS2's plugin refuses quantised networks",
     .target = "ncs2",
     .equivalence = Equivalence::Bounded,
     .bound = "one of the levels where a value lies halfway between two; NaN is what the runtime's clamp makes of it",
     .of_nan_too = false,
     .tolerance = 1.0 / 254,
     .apply = rewrite_fake_quantize},
    {.id = "activation",
     .about = "HardSigmoid and HSigmoid become clamped lines, Selu a scaled Elu",
     .why = "the NCS2 lacks these activations, or leaves them to the CPU, and has those",
     .target = "ncs2",
     .equivalence = Equivalence::Bounded,
     .bound = "a few units in the last place: another order of the same operations; NaN is what the runtime's clamp "
              "makes of it",
     .of_nan_too = false,
     .tolerance = 1e-6,
     .apply = rewrite_activation},
    {.id = "difference",
     .about = "a - b becomes a + (-1) b",
     .why = "QueryNetwork says that Subtract does not compile, so that HETERO leaves it to the CPU",
     .target = "ncs2",
     .apply = rewrite_difference},
    {.id = "quotient",
     .about = "a / b becomes a b^-1",
     .why = "QueryNetwork says that Divide does not compile, so that HETERO leaves it to the CPU",
     .target = "ncs2",
     .equivalence = Equivalence::Bounded,
     .bound = "two units in the last place: it rounds twice",
     .tolerance = 1e-6,
     .apply = rewrite_quotient},
    {.id = "pool-activation",
     .about =
         "an activation fused into a pooling, a concatenation or a transposed convolution becomes an operator of its "
         "own",
     .why = "the Edge TPU's compiler refuses it fused",
     .target = "edgetpu",
     .apply = rewrite_pool_activation},
    {.id = "batch-to-width",
     .about =
         "a fully connected layer of several rows, or of weights scaled by channel, becomes a 1x1 convolution with "
         "the rows as the width",
     .why = "the Edge TPU's compiler refuses two-dimensional results, and networks with scales by channel in such "
            "layers",
     .target = "edgetpu",
     .apply = rewrite_batch_to_width},
    {.id = "slice",
     .about = "a strided slice becomes slices and reshapes, a squeeze a reshape",
     .why = "the Edge TPU's compiler refuses steps, masks, and squeezes that move data",
     .target = "edgetpu",
     .apply = rewrite_slice},
    {.id = "prelu-slopes",
     .about = "slopes that are the same in every place become one a channel",
     .why = "the Edge TPU takes slopes of one dimension only",
     .target = "edgetpu",
     .apply = rewrite_prelu_slopes},
    {.id = "into-layer",
     .about = "a constant added to a layer's result becomes bias, one that multiplies it weights",
     .why = "an operator less, and no constant of its own to be kept or streamed",
     .equivalence = Equivalence::Bounded,
     .bound = "floats: a few units in the last place, where nothing overflows; int8: a step, where the layer's own "
              "result did not saturate",
     .of_nan_too = false,
     .of_edges_too = false,
     .tolerance = 1e-5,
     .steps = 1,
     .apply = rewrite_into_layer},
    {.id = "block-move",
     .about = "DepthToSpace, SpaceToDepth, SpaceToBatch and ShuffleChannels become a reshape, a transposition and a "
              "reshape",
     .why = "QueryNetwork says that they do not compile, so that HETERO leaves them to the CPU",
     .target = "ncs2",
     .apply = rewrite_block_move},
    {.id = "axis-steps",
     .about =
         "a cumulative sum of up to 16 elements becomes slices, additions and a concatenation, a Roll two slices, a "
         "reversal of a constant length a Gather",
     .why = "the NCS2 lacks the first two, and the third with whole numbers as lengths",
     .target = "ncs2",
     .apply = rewrite_axis_steps},
    {.id = "move-first",
     .about = "an operator of single elements and the reshape, transposition, slice, gather or enlarging behind it "
              "change places; a dequantisation and the choice of the largest or smallest too; at the beginning a "
              "quantisation goes before what moves",
     .why = "what the Edge TPU refuses then stands at the ends, and less may cross",
     .target = "edgetpu",
     .apply = rewrite_move_first},
    {.id = "bent-line",
     .about = "LEAKY_RELU becomes a PRELU of one slope, HARD_SWISH x RELU6(x + 3) / 6, of int8",
     .why = "the Edge TPU lacks these activations and has those",
     .target = "edgetpu",
     .equivalence = Equivalence::Bounded,
     .bound = "LEAKY_RELU a step, HARD_SWISH two",
     .tolerance = 1e-5,
     .steps = 2,
     .apply = rewrite_bent_line},
    {.id = "channel-mean",
     .about = "a mean over channels that are no multiple of 4 becomes a 1x1 convolution",
     .why = "the Edge TPU's compiler refuses it",
     .target = "edgetpu",
     .equivalence = Equivalence::Bounded,
     .bound = "a step",
     .tolerance = 1e-5,
     .steps = 1,
     .apply = rewrite_channel_mean},
    {.id = "reduction-parts",
     .about = "a mean, sum, largest or smallest over the batch, or over channels and others, becomes one reduction for "
              "each run of axes, between reshapes",
     .why = "the Edge TPU's compiler reduces three dimensions, and no batch",
     .target = "edgetpu",
     .equivalence = Equivalence::Bounded,
     .bound = "a step for each reduction; the largest and the smallest are the same",
     .tolerance = 1e-5,
     .steps = 2,
     .apply = rewrite_reduction_parts},
    {.id = "pack",
     .about = "a pack whose result has a dimension too many becomes a concatenation between reshapes",
     .why = "the Edge TPU has three dimensions, and the batch of 1 outside them",
     .target = "edgetpu",
     .apply = rewrite_pack},
    {.id = "unpack",
     .about = "UNPACK and SPLIT_V become slices, reshaped where a dimension goes",
     .why = "the Edge TPU lacks both",
     .target = "edgetpu",
     .apply = rewrite_unpack},
    {.id = "constant-gather",
     .about = "a choice of places that are constant becomes slices and a concatenation, of channels a 1x1 convolution",
     .why = "the Edge TPU lacks GATHER",
     .target = "edgetpu",
     .apply = rewrite_constant_gather},
    {.id = "copies",
     .about = "TILE and BROADCAST_TO, up to 16 times along an axis, become concatenations",
     .why = "the Edge TPU lacks both",
     .target = "edgetpu",
     .apply = rewrite_copies},
    {.id = "resize-steps",
     .about = "one pixel that is enlarged to an image is enlarged in steps of at most 4",
     .why = "the Edge TPU's compiler refuses large factors, for a loss that one pixel does not have",
     .target = "edgetpu",
     .apply = rewrite_resize_steps},
    {.id = "byte-function",
     .about = "|x| of int8 becomes max(x, -x), exp of int8 that of floats",
     .why = "the Edge TPU lacks ABS, and its compiler gives up on a network with EXP of int8",
     .target = "edgetpu",
     .equivalence = Equivalence::Bounded,
     .bound = "a step",
     .tolerance = 1e-5,
     .steps = 1,
     .apply = rewrite_byte_function},
    {.id = "grouped-convolution",
     .about = "a convolution in up to 16 groups becomes one convolution a group",
     .why = "the Edge TPU's compiler does not know the version of CONV_2D that has groups, and gives up on the whole",
     .target = "edgetpu",
     .apply = rewrite_grouped_convolution},
    {.id = "product-ranks",
     .about = "a matrix product of operands of different ranks, lists among them, becomes one of equal ranks",
     .why = "QueryNetwork says that it does not compile, so that HETERO leaves it to the CPU",
     .target = "ncs2",
     .apply = rewrite_product_ranks},
    {.id = "through-floats",
     .about = "Relu, Clamp, Power, Sqrt, Exp, FloorMod, means, sums and largest ones, Broadcast, Tile and Pad of whole "
              "numbers are done in floats, between conversions",
     .why = "their stages on the NCS2 take floats only",
     .target = "ncs2",
     .equivalence = Equivalence::Bounded,
     .bound = "whole numbers of up to 2,048 are the same, larger ones are rounded on the device",
     .of_edges_too = false,
     .tolerance = 1e-6,
     .apply = rewrite_through_floats},
    {.id = "rows-to-width",
     .about = "a fully connected layer of three rows or more becomes a 1x1 convolution with the rows as the width",
     .why = "the NCS2's compiler makes a stage of every row, each of which reads all weights again",
     .target = "ncs2",
     .equivalence = Equivalence::Bounded,
     .bound = "a few units in the last place, where nothing overflows: sums come in another order",
     .of_edges_too = false,
     .tolerance = 1e-5,
     .of_all = true,
     .apply = rewrite_rows_to_width},
    {.id = "gelu",
     .about = "GELU of int8 becomes x LOGISTIC(1.702 x)",
     .why = "the Edge TPU lacks it",
     .target = "edgetpu",
     .equivalence = Equivalence::Approximate,
     .bound = "0.0204, and two steps: it is another function",
     .tolerance = 0.05,
     .apply = rewrite_gelu},
    {.id = "half-ends",
     .about = "a network of 32-bit floats becomes one of 16 bits, its inputs and outputs included",
     .why = "the NCS2 computes in 16 bits, and its compiler adds a stage for every end that it has to convert",
     .target = "ncs2",
     .equivalence = Equivalence::Approximate,
     .bound = "constants, inputs and outputs are rounded to 16 bits, as the device does: a hundredth of an output's "
              "largest value",
     .of_edges_too = false,
     .tolerance = 0.01,
     .of_all = true,
     .changes_ends = true,
     .apply = rewrite_half_ends},
    {.id = "byte-ends",
     .about = "a quantisation that comes first and a dequantisation that comes last go: the network takes and gives "
              "bytes",
     .why = "the Edge TPU's compiler leaves them to the CPU",
     .target = "edgetpu",
     .equivalence = Equivalence::Approximate,
     .bound = "none but that whoever feeds the network does the two: the numbers are those that were between",
     .tolerance = 1e-6,
     .changes_ends = true,
     .apply = rewrite_byte_ends},
};

}  // namespace

std::string_view text(Equivalence equivalence) {
  switch (equivalence) {
    case Equivalence::Bounded:
      return "bounded";
    case Equivalence::Approximate:
      return "approximate";
    case Equivalence::Exact:
      break;
  }
  return "exact";
}

std::span<const Rewrite> catalogue() { return kCatalogue; }

std::vector<std::string> apply_everywhere(const Rewrite& rewrite, graph::Model& model, const std::set<int>* only) {
  graph::Subgraph& graph = model.subgraphs.front();
  std::vector<std::string> where;
  for (std::size_t i = 0; i < graph.operators.size();) {
    const graph::Operator& op = graph.operators[i];
    std::string name = !op.name.empty()     ? op.name
                       : op.outputs.empty() ? std::string(graph::kind_name(op.kind))
                                            : graph.tensors[static_cast<std::size_t>(op.outputs[0])].name;
    const std::size_t before = graph.operators.size();
    const auto among = [only](int tensor) { return only->contains(tensor); };
    if (only && std::none_of(op.outputs.begin(), op.outputs.end(), among)) {
      ++i;
      continue;
    }
    if (!rewrite.apply(model, graph, static_cast<int>(i))) {
      ++i;
      continue;
    }
    where.push_back(std::move(name));
    // What came in place of the operator is not looked at again: a rewrite does not feed on itself.
    i += graph.operators.size() + 1 - before;
  }
  return where;
}

}  // namespace edgescope::rewrite
