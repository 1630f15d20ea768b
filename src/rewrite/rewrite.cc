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
     .about = "a transposition, operators of single elements, and the transposition back lose both transpositions",
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
     .about = "sign, cosh, sinh, softsign, Mod, sums of absolute values and `any` are written by exp, Power, FloorMod, "
              "comparisons, Maximum and Reduce",
     .why = "the NCS2 lacks these and has those",
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
     .about = "HardSigmoid becomes a clamped line, Selu a scaled Elu",
     .why = "the NCS2 lacks these activations and has those",
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
     .about = "an activation fused into a pooling or a concatenation becomes an operator of its own",
     .why = "the Edge TPU's compiler refuses it fused",
     .target = "edgetpu",
     .apply = rewrite_pool_activation},
    {.id = "batch-to-width",
     .about = "a fully connected layer of several rows becomes a 1x1 convolution with the rows as the width",
     .why = "the Edge TPU's compiler refuses its two-dimensional result",
     .target = "edgetpu",
     .apply = rewrite_batch_to_width},
    {.id = "slice",
     .about = "a strided slice by steps of 1 becomes a slice and a reshape, a squeeze a reshape",
     .why = "the Edge TPU's compiler refuses masks and squeezes that move data",
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
     .about = "DepthToSpace, SpaceToDepth and ShuffleChannels become a reshape, a transposition and a reshape",
     .why = "QueryNetwork says that they do not compile, so that HETERO leaves them to the CPU",
     .target = "ncs2",
     .apply = rewrite_block_move},
    {.id = "axis-steps",
     .about = "a cumulative sum of up to 16 elements becomes slices, additions and a concatenation, a Roll two slices",
     .why = "the NCS2 lacks both",
     .target = "ncs2",
     .apply = rewrite_axis_steps},
    {.id = "move-first",
     .about = "an operator of single elements and the reshape, transposition or slice behind it change places; a "
              "dequantisation and the choice of the largest or smallest too",
     .why = "what the Edge TPU refuses then stands behind what it takes, and less may cross",
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
