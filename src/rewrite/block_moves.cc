// block-move: depth to space, space to depth, space to batch and a shuffle of channels as the reshape, transposition
// and reshape that they are. The NCS2's plugin makes stages of either form; QueryNetwork knows the second only.
#include "rewrite/constants.h"
#include "rewrite/neighbours.h"
#include "rewrite/patch.h"
#include "rewrite/rewrites.h"

namespace edgescope::rewrite {

using graph::Kind;
namespace attr = graph::attr;
using Ints = std::vector<std::int64_t>;

namespace {

// Of an image that needs no padding, or after it: blocks of the two spatial dimensions go to the batch, the block
// first.
bool space_to_batch(graph::Model& model, graph::Subgraph& graph, int index) {
  const graph::Operator op = graph.operators[static_cast<std::size_t>(index)];
  if (op.inputs.size() != 4) return false;
  const auto ints = [&](std::size_t input) {
    const auto numbers = constant_numbers(graph.tensors[static_cast<std::size_t>(op.inputs[input])]);
    return numbers ? Ints(numbers->begin(), numbers->end()) : Ints{};
  };
  const Ints block = ints(1), begin = ints(2), end = ints(3);
  Patch patch(model, graph, index);
  if (patch.tensor(op.inputs[0]).shape.dims.size() != 4 || block.size() != 4 || begin.size() != 4 || end.size() != 4 ||
      block[0] != 1 || block[1] != 1 || block[2] < 1 || block[3] < 1)
    return false;
  const Ints none(4, 0);
  const bool padded = begin != none || end != none;
  const int x =
      padded ? patch.add(Kind::Pad, {op.inputs[0]}, {{attr::pads_begin, begin}, {attr::pads_end, end}}) : op.inputs[0];
  const Ints dims = patch.tensor(x).shape.dims, result = patch.tensor(op.outputs[0]).shape.dims;
  const int split =
      patch.add(Kind::Reshape, {x},
                {{attr::shape, Ints{dims[0], dims[1], dims[2] / block[2], block[2], dims[3] / block[3], block[3]}}});
  const int turned = patch.add(Kind::Transpose, {split}, {{attr::permutation, {3, 5, 0, 1, 2, 4}}});
  return patch.finish(patch.add(Kind::Reshape, {turned}, {{attr::shape, result}}));
}

}  // namespace

bool rewrite_block_move(graph::Model& model, graph::Subgraph& graph, int index) {
  const graph::Operator& given = graph.operators[static_cast<std::size_t>(index)];
  const Kind kind = given.kind;
  if (kind == Kind::SpaceToBatch && model.layout == graph::Layout::ChannelsFirst)
    return space_to_batch(model, graph, index);
  if (model.layout != graph::Layout::ChannelsFirst || given.inputs.empty() ||
      (kind != Kind::DepthToSpace && kind != Kind::SpaceToDepth && kind != Kind::ShuffleChannels))
    return false;
  const int x = given.inputs[0];
  Patch patch(model, graph, index);
  const Ints dims = patch.tensor(x).shape.dims, result = patch.tensor(given.outputs[0]).shape.dims;
  if (dims.size() != 4 || !patch.tensor(x).shape.is_static()) return false;
  Ints apart, order;
  if (kind == Kind::ShuffleChannels) {
    const std::int64_t axis = graph::get<std::int64_t>(given.attributes, "axis", 1);
    const std::int64_t groups = graph::get<std::int64_t>(given.attributes, "group", 1);
    if ((axis != 1 && axis != -3) || groups < 1 || dims[1] % groups != 0) return false;
    apart = {dims[0], groups, dims[1] / groups, dims[2] * dims[3]};
    order = {0, 2, 1, 3};
  } else {
    const auto op = canonical(model, graph, index);
    if (!op) return false;
    const std::int64_t block = graph::get<std::int64_t>(op->attributes, attr::block_size, 0);
    const bool inner = graph::get<std::string>(op->attributes, attr::mode, "blocks_first") == "blocks_first";
    if (block < 1) return false;
    if (kind == Kind::DepthToSpace) {
      const std::int64_t depth = dims[1] / (block * block);
      apart = inner ? Ints{dims[0], block, block, depth, dims[2], dims[3]}
                    : Ints{dims[0], depth, block, block, dims[2], dims[3]};
      order = inner ? Ints{0, 3, 4, 1, 5, 2} : Ints{0, 1, 4, 2, 5, 3};
    } else {
      apart = {dims[0], dims[1], dims[2] / block, block, dims[3] / block, block};
      order = inner ? Ints{0, 3, 5, 1, 2, 4} : Ints{0, 1, 3, 5, 2, 4};
    }
  }
  const int split = patch.add(Kind::Reshape, {x}, {{attr::shape, apart}});
  const int turned = patch.add(Kind::Transpose, {split}, {{attr::permutation, order}});
  return patch.finish(patch.add(Kind::Reshape, {turned}, {{attr::shape, result}}));
}

}  // namespace edgescope::rewrite
