// rows-to-width: a fully connected layer of several rows, of which the NCS2's compiler makes a stage for each row, as a
// 1x1 convolution with the rows as the width, which is one stage between two that move data. A constant that is added
// to its result goes with it, so that it stays part of the layer's stage.
#include <functional>
#include <numeric>

#include "rewrite/neighbours.h"
#include "rewrite/patch.h"
#include "rewrite/rewrites.h"

namespace edgescope::rewrite {
namespace {

namespace attr = graph::attr;
using graph::Kind;
using Ints = std::vector<std::int64_t>;

bool is_product(Kind kind) { return kind == Kind::Matmul || kind == Kind::FullyConnected; }

// [in, out] or [out, in] as [out, in].
std::vector<std::byte> by_output(const graph::Tensor& weights, bool transposed) {
  std::vector<std::byte> data(weights.data.begin(), weights.data.end());
  if (transposed) return data;
  const auto in = static_cast<std::size_t>(weights.shape.dims[0]),
             out = static_cast<std::size_t>(weights.shape.dims[1]);
  const std::size_t size = data.size() / (in * out);
  for (std::size_t i = 0; i < in; ++i)
    for (std::size_t o = 0; o < out; ++o)
      std::copy_n(weights.data.begin() + static_cast<std::ptrdiff_t>((i * out + o) * size), size,
                  data.begin() + static_cast<std::ptrdiff_t>((o * in + i) * size));
  return data;
}

// One number for each element of the last dimension.
bool is_bias(const graph::Tensor& tensor, std::int64_t channels) {
  return tensor.constant && !tensor.sparse && tensor.encoding == graph::Encoding::Raw && !tensor.shape.dims.empty() &&
         tensor.shape.dims.back() == channels && tensor.shape.elements() == static_cast<std::uint64_t>(channels);
}

}  // namespace

bool rewrite_rows_to_width(graph::Model& model, graph::Subgraph& graph, int index) {
  constexpr std::int64_t kFewest = 3;  // with two rows it is as many stages either way
  if (model.layout != graph::Layout::ChannelsFirst) return false;
  const Kind kind = graph.operators[static_cast<std::size_t>(index)].kind;
  const auto tensor = [&graph](int at) -> const graph::Tensor& { return graph.tensors[static_cast<std::size_t>(at)]; };
  int at = index, bias = -1;
  if (kind == Kind::Add) {
    const auto sum = canonical(model, graph, index);
    if (!sum || sum->inputs.size() != 2) return false;
    const std::size_t data = tensor(sum->inputs[0]).constant ? 1 : 0;
    bias = sum->inputs[1 - data];
    at = maker(graph, sum->inputs[data]);
    if (at < 0 || only_reader(graph, sum->inputs[data]) != index) return false;
  }
  if (!is_product(graph.operators[static_cast<std::size_t>(at)].kind)) return false;
  const auto op = canonical(model, graph, at);
  if (!op || !is_product(op->kind) || op->inputs.size() < 2 || graph::get<bool>(op->attributes, attr::transpose_a))
    return false;
  const graph::Tensor weights = tensor(op->inputs[1]);
  const Ints given = tensor(op->inputs[0]).shape.dims, wanted = tensor(op->outputs[0]).shape.dims;
  if (!weights.constant || weights.sparse || weights.encoding != graph::Encoding::Raw ||
      !graph::is_float(weights.type) || weights.shape.dims.size() != 2 || tensor(op->inputs[0]).constant ||
      given.size() < 2 || given.size() > 3 || wanted.empty())
    return false;
  const bool transposed = op->kind == Kind::FullyConnected || graph::get<bool>(op->attributes, attr::transpose_b);
  const std::int64_t out = wanted.back(), in = given.back();
  const std::int64_t rows = std::accumulate(wanted.begin(), wanted.end() - 1, std::int64_t{1}, std::multiplies<>());
  if (rows < kFewest) return false;
  if (kind != Kind::Add) {  // with an addition behind it, this is done there
    const int reader = only_reader(graph, op->outputs[0]);
    if (reader >= 0 && graph.operators[static_cast<std::size_t>(reader)].kind == Kind::Add)
      for (const int each : graph.operators[static_cast<std::size_t>(reader)].inputs)
        if (is_bias(tensor(each), out)) return false;
    if (op->inputs.size() > 2) bias = op->inputs[2];
  } else if (op->inputs.size() > 2) {
    return false;
  }
  if (bias >= 0 && !is_bias(tensor(bias), out)) return false;

  Patch patch(model, graph, index);
  const int row = patch.add(Kind::Reshape, {op->inputs[0]}, {{attr::shape, {1, 1, rows, in}}});
  const int image = patch.add(Kind::Transpose, {row}, {{attr::permutation, {0, 3, 1, 2}}});
  const int filter = patch.constant(weights.type, {out, in, 1, 1}, by_output(weights, transposed));
  int made = patch.add(Kind::Convolution, {image, filter},
                       {{attr::strides, {1, 1}},
                        {attr::dilations, {1, 1}},
                        {attr::padding, "explicit"},
                        {attr::pads_begin, {0, 0}},
                        {attr::pads_end, {0, 0}}});
  if (bias >= 0) {
    const graph::Tensor all = tensor(bias);
    const int by_channel = patch.constant(all.type, {1, out, 1, 1}, {all.data.begin(), all.data.end()});
    made = patch.add(Kind::Add, {made, by_channel});
  }
  const int back = patch.add(Kind::Transpose, {made}, {{attr::permutation, {0, 2, 3, 1}}});
  return patch.finish(patch.add(Kind::Reshape, {back}, {{attr::shape, wanted}}));
}

}  // namespace edgescope::rewrite
