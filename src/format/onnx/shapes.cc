#include "format/onnx/shapes.h"

#include <algorithm>

#include "base/checked.h"
#include "format/onnx/result_type.h"
#include "format/onnx/shape_family.h"
#include "format/onnx/tensor.h"
#include "format/onnx/windows.h"
#include "graph/uses.h"

namespace edgescope::format::onnx {
namespace {

using graph::ElementType;
using graph::kDynamic;
using graph::Kind;
using graph::Tensor;
namespace attr = graph::attr;

constexpr std::size_t kMostDimensions = 64;

Inferred broadcast(const Dims& a, const Dims& b) {
  Dims result(std::max(a.size(), b.size()), 1);
  for (std::size_t i = 0; i < result.size(); ++i) {
    const std::int64_t x = i < a.size() ? a[a.size() - 1 - i] : 1, y = i < b.size() ? b[b.size() - 1 - i] : 1;
    std::int64_t& dim = result[result.size() - 1 - i];
    if (x == 1)
      dim = y;
    else if (y == 1 || x == y)
      dim = x;
    else if (x < 0 || y < 0)
      dim = std::max(x, y);  // the open one is 1 or the other
    else
      return std::nullopt;
  }
  return result;
}

class Inference {
 public:
  Inference(const graph::Subgraph& graph, const graph::Operator& op) : graph_(graph), op_(op) {}

  Inferred shape(std::size_t output) const {
    Inferred result = output == 0 ? first() : further(output);
    const auto absurd = [](std::int64_t dim) { return dim < kDynamic; };  // from lists that the file holds
    if (result && (result->size() > kMostDimensions || std::any_of(result->begin(), result->end(), absurd)))
      return std::nullopt;
    return result;
  }

 private:
  const Tensor* input(std::size_t index) const {
    return index < op_.inputs.size() && op_.inputs[index] >= 0
               ? &graph_.tensors[static_cast<std::size_t>(op_.inputs[index])]
               : nullptr;
  }
  const Dims* dims(std::size_t index) const {
    const Tensor* tensor = input(index);
    return tensor && tensor->shape.known && tensor->shape.dims.size() <= kMostDimensions ? &tensor->shape.dims
                                                                                         : nullptr;
  }
  Inferred same(std::size_t index = 0) const { return dims(index) ? Inferred(*dims(index)) : std::nullopt; }

  // A list that was an attribute in older opsets and is a constant input in newer ones.
  std::optional<Dims> list(std::string_view name, std::size_t index) const {
    if (const graph::Attribute* attribute = graph::find(op_.attributes, name))
      if (const auto* values = std::get_if<Dims>(attribute)) return *values;
    const Tensor* tensor = input(index);
    if (!tensor || !tensor->constant) return std::nullopt;
    Dims values = integers(*tensor, kMostDimensions);
    if (tensor->shape.elements() != values.size()) return std::nullopt;
    return values;
  }
  std::int64_t integer(std::string_view name, std::int64_t otherwise) const {
    return graph::get<std::int64_t>(op_.attributes, name, otherwise);
  }
  // An axis within `rank`, or nothing.
  static std::optional<std::size_t> place(std::int64_t axis, std::size_t rank) {
    const std::int64_t count = static_cast<std::int64_t>(rank);
    if (axis < 0) axis += count;
    return axis < 0 || axis >= count ? std::nullopt : std::optional(static_cast<std::size_t>(axis));
  }

  Inferred first() const {
    switch (shape_family(op_.kind)) {
      case ShapeFamily::Same:
        return same();
      case ShapeFamily::Broadcast:
        return all_broadcast();
      case ShapeFamily::Reduce:
        return reduce();
      case ShapeFamily::Own:
        break;
    }
    switch (op_.kind) {
      case Kind::Convolution:
      case Kind::DepthwiseConvolution:
      case Kind::GroupConvolution:
      case Kind::IntegerConvolution:
      case Kind::DeformableConvolution:
        return convolution(1);
      case Kind::QuantizedConvolution:
        return convolution(3);
      case Kind::TransposedConvolution:
        return transposed_convolution();
      case Kind::AveragePool:
      case Kind::MaxPool:
      case Kind::L2Pool:
        return pool();
      case Kind::FullyConnected:
        return gemm();
      case Kind::Matmul:
      case Kind::IntegerMatmul:
        return matmul(1);
      case Kind::QuantizedMatmul:
        return matmul(3);
      case Kind::Reshape:
        return reshape();
      case Kind::Flatten:
        return flatten();
      case Kind::Squeeze:
        return squeeze();
      case Kind::Unsqueeze:
        return unsqueeze();
      case Kind::Transpose:
        return transpose();
      case Kind::Concatenation:
        return concatenation();
      case Kind::Split:
        return split(0);
      case Kind::Slice:
        return slice();
      case Kind::Pad:
        return pad();
      case Kind::Gather:
        return gather();
      case Kind::Expand:
        return expand();
      case Kind::Tile:
        return tile();
      case Kind::ArgMax:
      case Kind::ArgMin:
        return arg_reduce();
      case Kind::DepthToSpace:
        return depth_to_space();
      case Kind::SpaceToDepth:
        return space_to_depth();
      case Kind::Shape:
        return rank();
      case Kind::Lstm:
      case Kind::Gru:
      case Kind::Rnn:
        return recurrent(0);
      case Kind::Attention:
        return attention();
      case Kind::GatherElements:
        return same(1);
      default:
        return std::nullopt;
    }
  }

  Inferred further(std::size_t output) const {
    switch (op_.kind) {
      case Kind::Split:
        return split(output);
      case Kind::Lstm:
      case Kind::Gru:
      case Kind::Rnn:
        return recurrent(output);
      case Kind::MaxPool:
        return pool();
      case Kind::Dropout:
        return same();
      case Kind::DynamicQuantize:
        return Dims{};
      default:
        return std::nullopt;
    }
  }

  Inferred convolution(std::size_t filter) const {
    return dims(0) && dims(filter) ? convolution_shape(op_, *dims(0), *dims(filter)) : std::nullopt;
  }
  Inferred transposed_convolution() const {
    return dims(0) && dims(1) ? transposed_convolution_shape(op_, *dims(0), *dims(1)) : std::nullopt;
  }
  Inferred pool() const { return dims(0) ? pool_shape(op_, *dims(0)) : std::nullopt; }

  Inferred gemm() const {
    if (!dims(0) || !dims(1) || dims(0)->size() != 2 || dims(1)->size() != 2) return std::nullopt;
    const bool a = graph::get(op_.attributes, attr::transpose_a, false),
               b = graph::get(op_.attributes, attr::transpose_b, false);
    return Dims{(*dims(0))[a ? 1 : 0], (*dims(1))[b ? 0 : 1]};
  }

  Inferred matmul(std::size_t second) const {
    if (!dims(0) || !dims(second) || dims(0)->empty() || dims(second)->empty()) return std::nullopt;
    Dims a = *dims(0), b = *dims(second);
    const bool vector_a = a.size() == 1, vector_b = b.size() == 1;
    if (vector_a) a.insert(a.begin(), 1);
    if (vector_b) b.push_back(1);
    auto result = broadcast(Dims(a.begin(), a.end() - 2), Dims(b.begin(), b.end() - 2));
    if (!result) return std::nullopt;
    if (!vector_a) result->push_back(a[a.size() - 2]);
    if (!vector_b) result->push_back(b.back());
    return result;
  }

  Inferred all_broadcast() const {
    Inferred result = Dims{};
    for (std::size_t i = 0; i < op_.inputs.size() && result; ++i)
      result = dims(i) ? broadcast(*result, *dims(i)) : std::nullopt;
    return result;
  }

  Inferred reshape() const {
    const auto target = list("shape", 1);
    if (!target) return std::nullopt;
    const Dims* data = dims(0);
    Dims result = *target;
    std::optional<std::size_t> open;
    std::int64_t known = 1;
    for (std::size_t i = 0; i < result.size(); ++i) {
      if (result[i] == 0 && integer("allowzero", 0) == 0) result[i] = data && i < data->size() ? (*data)[i] : kDynamic;
      if ((*target)[i] == -1)
        open = i;
      else
        known = times(known, result[i]);
    }
    if (!open) return result;
    const auto elements = data ? base::checked_product(*data) : std::nullopt;
    const bool exact = elements && known > 0 && *elements % static_cast<std::uint64_t>(known) == 0;
    result[*open] = exact ? static_cast<std::int64_t>(*elements / static_cast<std::uint64_t>(known)) : kDynamic;
    return result;
  }

  Inferred flatten() const {
    if (!dims(0)) return std::nullopt;
    std::int64_t axis = integer(attr::axis, 1);
    if (axis < 0) axis += static_cast<std::int64_t>(dims(0)->size());
    if (axis < 0 || axis > static_cast<std::int64_t>(dims(0)->size())) return std::nullopt;
    Dims result = {1, 1};
    for (std::size_t i = 0; i < dims(0)->size(); ++i) {
      std::int64_t& side = result[static_cast<std::int64_t>(i) < axis ? 0 : 1];
      side = times(side, (*dims(0))[i]);
    }
    return result;
  }

  // Marks the axes that a list names in a rank; nothing where one is outside.
  static std::optional<std::vector<bool>> marked(const Dims& axes, std::size_t rank) {
    std::vector<bool> result(rank, false);
    for (std::int64_t axis : axes) {
      const auto at = place(axis, rank);
      if (!at) return std::nullopt;
      result[*at] = true;
    }
    return result;
  }

  Inferred squeeze() const {
    if (!dims(0)) return std::nullopt;
    auto axes = list(attr::axes, 1);
    if (!axes) {
      if (input(1) || std::count(dims(0)->begin(), dims(0)->end(), kDynamic) > 0) return std::nullopt;
      axes.emplace();
      for (std::size_t i = 0; i < dims(0)->size(); ++i)
        if ((*dims(0))[i] == 1) axes->push_back(static_cast<std::int64_t>(i));
    }
    const auto gone = marked(*axes, dims(0)->size());
    if (!gone) return std::nullopt;
    Dims result;
    for (std::size_t i = 0; i < gone->size(); ++i)
      if (!(*gone)[i]) result.push_back((*dims(0))[i]);
    return result;
  }

  Inferred unsqueeze() const {
    const auto axes = list(attr::axes, 1);
    if (!dims(0) || !axes) return std::nullopt;
    const auto added = marked(*axes, dims(0)->size() + axes->size());
    if (!added || std::count(added->begin(), added->end(), true) != static_cast<std::ptrdiff_t>(axes->size()))
      return std::nullopt;
    Dims result;
    std::size_t from = 0;
    for (bool one : *added) result.push_back(one ? 1 : (*dims(0))[from++]);
    return result;
  }

  Inferred transpose() const {
    if (!dims(0)) return std::nullopt;
    Dims result(dims(0)->rbegin(), dims(0)->rend());
    const auto order = graph::get<Dims>(op_.attributes, attr::permutation);
    if (order.empty()) return result;
    if (order.size() != result.size()) return std::nullopt;
    for (std::size_t i = 0; i < order.size(); ++i) {
      const auto from = place(order[i], order.size());
      if (!from) return std::nullopt;
      result[i] = (*dims(0))[*from];
    }
    return result;
  }

  Inferred concatenation() const {
    if (!dims(0)) return std::nullopt;
    Dims result = *dims(0);
    const auto axis = place(integer(attr::axis, 0), result.size());
    for (std::size_t i = 1; i < op_.inputs.size(); ++i) {
      if (!axis || !dims(i) || dims(i)->size() != result.size()) return std::nullopt;
      for (std::size_t d = 0; d < result.size(); ++d)
        result[d] = d == *axis ? plus(result[d], (*dims(i))[d]) : std::max(result[d], (*dims(i))[d]);
    }
    return result;
  }

  Inferred split(std::size_t output) const {
    const auto axis = dims(0) ? place(integer(attr::axis, 0), dims(0)->size()) : std::nullopt;
    if (!axis) return std::nullopt;
    Dims result = *dims(0);
    std::int64_t& dim = result[*axis];
    if (const auto sizes = list("split", 1)) {
      if (output >= sizes->size()) return std::nullopt;
      dim = (*sizes)[output];
    } else if (input(1)) {
      dim = kDynamic;
    } else if (dim >= 0) {  // equal parts, the last one smaller
      const auto parts = static_cast<std::int64_t>(op_.outputs.size());
      const std::int64_t part = dim / parts + (dim % parts != 0);
      dim = std::clamp<std::int64_t>(dim - part * static_cast<std::int64_t>(output), 0, part);
    }
    return result;
  }

  Inferred slice() const {
    const auto starts = list("starts", 1), ends = list("ends", 2);
    if (!dims(0) || !starts || !ends || starts->size() != ends->size()) return std::nullopt;
    auto axes = list(attr::axes, 3);
    if (!axes) {
      if (input(3)) return std::nullopt;
      axes.emplace();
      for (std::size_t i = 0; i < starts->size(); ++i) axes->push_back(static_cast<std::int64_t>(i));
    }
    const auto steps = list("steps", 4);
    if ((!steps && input(4)) || axes->size() != starts->size() || (steps && steps->size() != starts->size()))
      return std::nullopt;
    Dims result = *dims(0);
    for (std::size_t i = 0; i < axes->size(); ++i) {
      const auto axis = place((*axes)[i], result.size());
      const std::int64_t step = steps ? (*steps)[i] : 1;
      if (!axis || step == 0 || step == INT64_MIN) return std::nullopt;
      std::int64_t& dim = result[*axis];
      if (dim <= 0) continue;
      const auto bound = [&](std::int64_t at, std::int64_t low, std::int64_t high) {
        return std::clamp(at < 0 ? at + dim : at, low, high);
      };
      const std::int64_t from = step > 0 ? bound((*starts)[i], 0, dim) : bound((*starts)[i], 0, dim - 1);
      const std::int64_t to = step > 0 ? bound((*ends)[i], 0, dim) : bound((*ends)[i], -1, dim - 1);
      const std::int64_t length = step > 0 ? to - from : from - to, stride = step > 0 ? step : -step;
      dim = length <= 0 ? 0 : (length - 1) / stride + 1;
    }
    return result;
  }

  Inferred pad() const {
    if (!dims(0) || input(3)) return std::nullopt;
    Dims begin = graph::get<Dims>(op_.attributes, attr::pads_begin),
         end = graph::get<Dims>(op_.attributes, attr::pads_end);
    if (begin.empty()) {
      const auto both = list("paddings", 1);
      if (!both || both->size() != 2 * dims(0)->size()) return std::nullopt;
      const auto middle = both->begin() + static_cast<std::ptrdiff_t>(dims(0)->size());
      begin.assign(both->begin(), middle);
      end.assign(middle, both->end());
    }
    if (begin.size() != dims(0)->size() || end.size() != begin.size()) return std::nullopt;
    Dims result = *dims(0);
    for (std::size_t i = 0; i < result.size(); ++i) {
      std::int64_t added = 0;
      if (result[i] < 0) continue;
      if (__builtin_add_overflow(begin[i], end[i], &added) || __builtin_add_overflow(result[i], added, &result[i]) ||
          result[i] < 0)
        return std::nullopt;
    }
    return result;
  }

  Inferred gather() const {
    const auto axis = dims(0) ? place(integer(attr::axis, 0), dims(0)->size()) : std::nullopt;
    if (!axis || !dims(1)) return std::nullopt;
    Dims result(dims(0)->begin(), dims(0)->begin() + static_cast<std::ptrdiff_t>(*axis));
    result.insert(result.end(), dims(1)->begin(), dims(1)->end());
    result.insert(result.end(), dims(0)->begin() + static_cast<std::ptrdiff_t>(*axis) + 1, dims(0)->end());
    return result;
  }

  Inferred expand() const {
    const auto target = list("shape", 1);
    return dims(0) && target ? broadcast(*dims(0), *target) : std::nullopt;
  }

  Inferred tile() const {
    const auto repeats = list("repeats", 1);
    if (!dims(0) || !repeats || repeats->size() != dims(0)->size()) return std::nullopt;
    Dims result = *dims(0);
    for (std::size_t i = 0; i < result.size(); ++i) result[i] = times(result[i], (*repeats)[i]);
    return result;
  }

  Inferred reduced(const std::vector<bool>& gone) const {
    const bool keep = graph::get(op_.attributes, attr::keep_dims, true);
    Dims result;
    for (std::size_t i = 0; i < gone.size(); ++i) {
      if (!gone[i])
        result.push_back((*dims(0))[i]);
      else if (keep)
        result.push_back(1);
    }
    return result;
  }

  Inferred reduce() const {
    if (!dims(0)) return std::nullopt;
    const auto axes = list(attr::axes, 1);
    if (!axes && input(1)) return std::nullopt;
    if (!axes || axes->empty())
      return integer("noop_with_empty_axes", 0) != 0 ? same() : reduced(std::vector<bool>(dims(0)->size(), true));
    const auto gone = marked(*axes, dims(0)->size());
    return gone ? reduced(*gone) : std::nullopt;
  }

  Inferred arg_reduce() const {
    if (!dims(0)) return std::nullopt;
    const auto gone = marked({integer(attr::axis, 0)}, dims(0)->size());
    return gone ? reduced(*gone) : std::nullopt;
  }

  Inferred depth_to_space() const {
    const std::int64_t block = integer(attr::block_size, 0);
    if (!dims(0) || dims(0)->size() != 4 || block <= 0 || block > (1 << 20)) return std::nullopt;
    const Dims& data = *dims(0);
    return Dims{data[0], data[1] < 0 ? kDynamic : data[1] / (block * block), times(data[2], block),
                times(data[3], block)};
  }

  Inferred space_to_depth() const {
    const std::int64_t block = integer(attr::block_size, 0);
    if (!dims(0) || dims(0)->size() != 4 || block <= 0 || block > (1 << 20)) return std::nullopt;
    const Dims& data = *dims(0);
    return Dims{data[0], times(data[1], block * block), data[2] < 0 ? kDynamic : data[2] / block,
                data[3] < 0 ? kDynamic : data[3] / block};
  }

  Inferred rank() const {
    if (!dims(0) || graph::find(op_.attributes, "start") || graph::find(op_.attributes, "end")) return std::nullopt;
    return Dims{static_cast<std::int64_t>(dims(0)->size())};
  }

  // Y, then the last states.
  Inferred recurrent(std::size_t output) const {
    if (!dims(0) || !dims(2) || dims(0)->size() != 3 || dims(2)->size() != 3 || integer("layout", 0) != 0)
      return std::nullopt;
    const std::int64_t directions = (*dims(2))[0], hidden = (*dims(2))[2], batch = (*dims(0))[1];
    if (output == 0) return Dims{(*dims(0))[0], directions, batch, hidden};
    return Dims{directions, batch, hidden};
  }

  Inferred attention() const {
    if (!dims(0) || !dims(2) || dims(0)->size() != dims(2)->size()) return std::nullopt;
    Dims result = *dims(0);
    if (result.size() == 4) {
      result[3] = (*dims(2))[3];
      return result;
    }
    const std::int64_t heads = integer("q_num_heads", 0), value_heads = integer("kv_num_heads", 0),
                       width = (*dims(2)).back();
    if (result.size() != 3 || heads <= 0 || value_heads <= 0) return std::nullopt;
    result[2] = width < 0 ? kDynamic : times(width / value_heads, heads);
    return result;
  }

  const graph::Subgraph& graph_;
  const graph::Operator& op_;
};

}  // namespace

void infer_shapes(graph::Model& model) {
  for (graph::Subgraph& graph : model.subgraphs) {
    const bool complete = std::all_of(graph.tensors.begin(), graph.tensors.end(), [](const Tensor& tensor) {
      return tensor.shape.known && tensor.type != ElementType::Unknown;
    });
    if (complete) continue;
    for (int index : graph::execution_order(graph)) {
      const graph::Operator& op = graph.operators[static_cast<std::size_t>(index)];
      const Inference inference(graph, op);
      for (std::size_t i = 0; i < op.outputs.size(); ++i) {
        if (op.outputs[i] < 0) continue;
        Tensor& tensor = graph.tensors[static_cast<std::size_t>(op.outputs[i])];
        if (tensor.type == ElementType::Unknown) tensor.type = result_type(graph, op, i);
        if (tensor.shape.known) continue;
        if (auto dims = inference.shape(i)) tensor.shape = {.known = true, .dims = std::move(*dims)};
      }
    }
  }
}

}  // namespace edgescope::format::onnx
