#include "graph/infer.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "base/checked.h"
#include "graph/canonical.h"

namespace edgescope::graph {
namespace {

using Dims = std::vector<std::int64_t>;
using Results = base::Result<std::vector<Made>>;

class Inference {
 public:
  Inference(const Operator& op, std::span<const Tensor* const> inputs, Layout layout)
      : op_(op), inputs_(inputs), channels_last_(layout == Layout::ChannelsLast) {}

  Results run() const {
    for (const Tensor* each : inputs_)
      if (each != nullptr && !each->shape.is_static())
        return refuse(fmt::format("`{}` has no static shape", each->name));
    if (inputs_.empty() || inputs_[0] == nullptr) return refuse("has no input");
    switch (op_.kind) {
      case Kind::Add:
      case Kind::Subtract:
      case Kind::Multiply:
      case Kind::Divide:
      case Kind::Power:
      case Kind::Maximum:
      case Kind::Minimum:
      case Kind::FloorDivide:
      case Kind::FloorMod:
      case Kind::Modulo:
      case Kind::SquaredDifference:
      case Kind::Prelu:
        return element_wise(type(0));
      case Kind::LogicalAnd:
      case Kind::LogicalOr:
      case Kind::LogicalXor:
      case Kind::Equal:
      case Kind::NotEqual:
      case Kind::Less:
      case Kind::LessEqual:
      case Kind::Greater:
      case Kind::GreaterEqual:
        return element_wise(ElementType::Bool);
      case Kind::Relu:
      case Kind::Relu6:
      case Kind::ReluN1To1:
      case Kind::Relu0To1:
      case Kind::Clamp:
      case Kind::LeakyRelu:
      case Kind::Elu:
      case Kind::Selu:
      case Kind::HardSigmoid:
      case Kind::HSigmoid:
      case Kind::Softplus:
      case Kind::Softsign:
      case Kind::Mish:
      case Kind::Erf:
      case Kind::Reciprocal:
      case Kind::Tan:
      case Kind::Asin:
      case Kind::Acos:
      case Kind::Atan:
      case Kind::Sinh:
      case Kind::Cosh:
      case Kind::Asinh:
      case Kind::Acosh:
      case Kind::Atanh:
      case Kind::FakeQuantize:
      case Kind::LocalResponseNormalization:
      case Kind::Cumsum:
      case Kind::Swish:
      case Kind::BatchNormalization:
      case Kind::Logistic:
      case Kind::Tanh:
      case Kind::HardSwish:
      case Kind::Gelu:
      case Kind::Softmax:
      case Kind::LogSoftmax:
      case Kind::Exp:
      case Kind::Log:
      case Kind::Sqrt:
      case Kind::Rsqrt:
      case Kind::Square:
      case Kind::Abs:
      case Kind::Negate:
      case Kind::Sign:
      case Kind::Floor:
      case Kind::Ceil:
      case Kind::Round:
      case Kind::Sin:
      case Kind::Cos:
      case Kind::LogicalNot:
      case Kind::Identity:
        return one(type(0), dims(0));
      case Kind::IsNan:
        return one(ElementType::Bool, dims(0));
      case Kind::Cast:
      case Kind::Quantize:
        return one(to(ElementType::Unknown), dims(0));
      case Kind::Dequantize:
        return one(ElementType::Float32, dims(0));
      case Kind::Select:
        return select();
      case Kind::FullyConnected:
        return fully_connected();
      case Kind::Matmul:
        return matmul();
      case Kind::Convolution:
      case Kind::DepthwiseConvolution:
        return convolution();
      case Kind::TransposedConvolution:
        return transposed_convolution();
      case Kind::AveragePool:
      case Kind::MaxPool:
        return slide(ints(attr::kernel), channels_last_ ? dims(0).back() : at(dims(0), 1));
      case Kind::Reshape:
        return reshape();
      case Kind::Squeeze:
        return squeeze();
      case Kind::Unsqueeze:
        return unsqueeze();
      case Kind::Transpose:
        return transpose();
      case Kind::Concatenation:
        return concatenation();
      case Kind::Split:
        return split();
      case Kind::Slice:
        return same_rank(attr::sizes, [](std::int64_t, std::int64_t size) { return size; });
      case Kind::StridedSlice:
        return strided_slice();
      case Kind::Pad:
      case Kind::MirrorPad:
        return pad();
      case Kind::Pack:
        return pack();
      case Kind::Unpack:
        return unpack();
      case Kind::DepthToSpace:
        return blocks(true);
      case Kind::SpaceToDepth:
        return blocks(false);
      case Kind::ResizeNearest:
      case Kind::ResizeBilinear:
        return resize();
      case Kind::Tile:
        return same_rank(attr::repeats, [](std::int64_t dim, std::int64_t times) { return dim * times; });
      case Kind::Expand:
        return expand();
      case Kind::Gather:
        return gather();
      case Kind::GatherElements:
        return inputs_.size() == 2 ? one(type(0), dims(1)) : refuse("takes data and indices");
      case Kind::ReduceMean:
      case Kind::ReduceSum:
      case Kind::ReduceMax:
      case Kind::ReduceMin:
      case Kind::ReduceProd:
      case Kind::ReduceAny:
      case Kind::ReduceAll:
      case Kind::ReduceL1:
      case Kind::ReduceL2:
        return reduce(ints(attr::axes), type(0));
      case Kind::ArgMax:
      case Kind::ArgMin:
        return reduce({get<std::int64_t>(op_.attributes, attr::axis)}, to(ElementType::Int32));
      case Kind::TopK:
        return top_k();
      default:
        return refuse("is of a kind whose results have to be given");
    }
  }

 private:
  Results refuse(std::string what) const {
    return base::fail({.what = std::move(what), .node = std::string(kind_name(op_.kind))});
  }
  static Results one(ElementType type, Dims dims) { return std::vector<Made>{{type, std::move(dims)}}; }

  const Dims& dims(std::size_t i) const {
    static const Dims none;
    return i < inputs_.size() && inputs_[i] != nullptr ? inputs_[i]->shape.dims : none;
  }
  ElementType type(std::size_t i) const {
    return i < inputs_.size() && inputs_[i] != nullptr ? inputs_[i]->type : ElementType::Unknown;
  }
  static std::int64_t at(const Dims& dims, std::size_t i) { return i < dims.size() ? dims[i] : 0; }
  Dims ints(std::string_view name) const { return get<Dims>(op_.attributes, name); }

  ElementType to(ElementType otherwise) const {
    const auto name = get<std::string>(op_.attributes, attr::to);
    return name.empty() ? otherwise : element_type_from_name(name);
  }

  Results element_wise(ElementType result) const {
    if (inputs_.size() != 2) return refuse("takes two inputs");
    if (type(0) != type(1))
      return refuse(fmt::format("its inputs are of {} and {}", element_type_name(type(0)), element_type_name(type(1))));
    auto dims_of = broadcast(dims(0), dims(1));
    if (!dims_of) return misfit();
    return one(result, *std::move(dims_of));
  }

  Results misfit() const {
    return refuse(
        fmt::format("its inputs of {} and {} do not fit", inputs_[0]->shape.text(), inputs_[1]->shape.text()));
  }

  Results select() const {
    if (inputs_.size() != 3 || type(0) != ElementType::Bool || type(1) != type(2))
      return refuse("takes a condition and two of one type");
    const auto values = broadcast(dims(1), dims(2));
    auto all = values ? broadcast(dims(0), *values) : std::nullopt;
    if (!all) return refuse("its inputs do not fit");
    return one(type(1), *std::move(all));
  }

  Results fully_connected() const {
    if (inputs_.size() < 2 || dims(0).empty() || dims(1).size() != 2)
      return refuse("takes data and a matrix of weights");
    if (!get<bool>(op_.attributes, attr::keep_dims, true)) {
      const auto whole = base::checked_product(dims(0));
      const std::int64_t in = dims(1)[1];
      if (!whole || in < 1 || static_cast<std::int64_t>(*whole) % in != 0) return misfit();
      return one(type(0), {static_cast<std::int64_t>(*whole) / in, dims(1)[0]});
    }
    if (dims(0).back() != dims(1)[1]) return misfit();
    Dims result = dims(0);
    result.back() = dims(1)[0];
    return one(type(0), std::move(result));
  }

  Results matmul() const {
    if (inputs_.size() < 2 || dims(0).size() < 2 || dims(1).size() < 2) return refuse("takes two matrices");
    Dims a = dims(0), b = dims(1);
    if (get<bool>(op_.attributes, attr::transpose_a)) std::swap(a[a.size() - 1], a[a.size() - 2]);
    if (get<bool>(op_.attributes, attr::transpose_b)) std::swap(b[b.size() - 1], b[b.size() - 2]);
    if (a.back() != b[b.size() - 2]) return misfit();
    const std::int64_t rows = a[a.size() - 2], columns = b.back();
    auto result = broadcast(std::span(a).first(a.size() - 2), std::span(b).first(b.size() - 2));
    if (!result) return misfit();
    result->insert(result->end(), {rows, columns});
    if (inputs_.size() > 2 && broadcast(*result, dims(2)) != result) return refuse("its bias does not fit");
    return one(type(0), *std::move(result));
  }

  Results convolution() const {
    const Dims& data = dims(0);
    Dims weights = dims(1);
    if (!channels_last_ && weights.size() == data.size() + 1) {  // the groups before
      weights[1] *= weights[0];
      weights.erase(weights.begin());
    }
    if (data.size() < 3 || weights.size() != data.size()) return refuse("takes data and weights of one rank");
    const bool depthwise = op_.kind == Kind::DepthwiseConvolution;
    const auto first = weights.begin() + (channels_last_ ? 1 : 2);
    const Dims kernel(first, first + static_cast<std::ptrdiff_t>(data.size() - 2));
    const std::int64_t in = channels_last_ ? data.back() : data[1];
    const std::int64_t of_group = depthwise ? 1 : channels_last_ ? weights.back() : weights[1];
    const std::int64_t groups = depthwise ? in : get<std::int64_t>(op_.attributes, attr::groups, 1);
    if (of_group * groups != in) return misfit();
    return slide(kernel, depthwise && channels_last_ ? weights.back() : weights[0]);
  }

  // The other way round: each element of the data is spread over a window of the result.
  Results transposed_convolution() const {
    const Dims& data = dims(0);
    Dims weights = dims(1);
    std::int64_t groups = get<std::int64_t>(op_.attributes, attr::groups, 1);
    if (!channels_last_ && weights.size() == data.size() + 1) {  // the groups before
      groups = weights[0];
      weights[1] *= groups;
      weights.erase(weights.begin());
    }
    if (data.size() < 3 || weights.size() != data.size()) return refuse("takes data and weights of one rank");
    const std::size_t first = channels_last_ ? 1 : 2;
    if ((channels_last_ ? weights.back() : weights[0]) != (channels_last_ ? data.back() : data[1]) || groups < 1)
      return misfit();
    const std::int64_t channels = channels_last_ ? weights[0] : weights[1] * groups;
    const auto each = [this](std::string_view name, std::size_t i, std::int64_t otherwise) {
      const Dims list = ints(name);
      return i < list.size() ? list[i] : otherwise;
    };
    Dims result = {data[0]};
    if (!channels_last_) result.push_back(channels);
    for (std::size_t i = 0; i + 2 < data.size(); ++i) {
      const std::int64_t reach = (weights[i + first] - 1) * each(attr::dilations, i, 1) + 1;
      const std::int64_t whole = (data[i + first] - 1) * each(attr::strides, i, 1) + reach;
      const std::int64_t made =
          whole + each(attr::output_padding, i, 0) - each(attr::pads_begin, i, 0) - each(attr::pads_end, i, 0);
      if (made < 1) return refuse("nothing is left of its result");
      result.push_back(made);
    }
    if (channels_last_) result.push_back(channels);
    return one(type(0), std::move(result));
  }

  // A window that moves over the spatial dimensions.
  Results slide(const Dims& kernel, std::int64_t channels) const {
    const Dims &data = dims(0), strides = ints(attr::strides), dilations = ints(attr::dilations);
    const Dims begin = ints(attr::pads_begin), end = ints(attr::pads_end);
    if (data.size() < 3 || kernel.size() != data.size() - 2) return refuse("its window does not have the data's rank");
    const auto padding = get<std::string>(op_.attributes, attr::padding, "valid");
    const auto each = [](const Dims& list, std::size_t i, std::int64_t otherwise) {
      return i < list.size() ? list[i] : otherwise;
    };
    Dims result = {data[0]};
    if (!channels_last_) result.push_back(channels);
    for (std::size_t i = 0; i < kernel.size(); ++i) {
      const std::int64_t size = data[i + (channels_last_ ? 1 : 2)], stride = each(strides, i, 1);
      if (stride < 1 || kernel[i] < 1) return refuse("its window or stride is smaller than 1");
      if (padding == "same" || padding == "same_lower") {
        result.push_back((size + stride - 1) / stride);
        continue;
      }
      const std::int64_t room =
          size + each(begin, i, 0) + each(end, i, 0) - (kernel[i] - 1) * each(dilations, i, 1) - 1;
      if (room < 0) return refuse("its window is larger than the data");
      result.push_back(room / stride + 1);
    }
    if (channels_last_) result.push_back(channels);
    return one(type(0), std::move(result));
  }

  Results reshape() const {
    Dims shape = ints(attr::shape);
    const auto whole = base::checked_product(dims(0));
    std::int64_t known = 1;
    for (std::int64_t dim : shape) known *= dim < 0 ? 1 : dim;
    for (std::int64_t& dim : shape)
      if (dim < 0) dim = known == 0 ? 0 : static_cast<std::int64_t>(whole.value_or(0)) / std::exchange(known, 0);
    if (base::checked_product(shape) != whole)
      return refuse(
          fmt::format("{} does not have the elements of {}", inputs_[0]->shape.text(), Shape{.dims = shape}.text()));
    return one(type(0), std::move(shape));
  }

  Results squeeze() const {
    std::vector<bool> gone(dims(0).size(), false);
    for (std::int64_t each : ints(attr::axes)) {
      const auto axis = axis_of(each, gone.size());
      if (!axis || dims(0)[*axis] != 1)
        return refuse(fmt::format("dimension {} of {} is not 1", each, inputs_[0]->shape.text()));
      gone[*axis] = true;
    }
    Dims result;
    for (std::size_t i = 0; i < gone.size(); ++i)
      if (!gone[i]) result.push_back(dims(0)[i]);
    return one(type(0), std::move(result));
  }

  Results unsqueeze() const {
    const Dims axes = ints(attr::axes);
    std::vector<bool> added(dims(0).size() + axes.size(), false);
    for (std::int64_t each : axes) {
      const auto axis = axis_of(each, added.size());
      if (!axis || added[*axis]) return refuse(fmt::format("cannot add dimension {}", each));
      added[*axis] = true;
    }
    Dims result;
    auto next = dims(0).begin();
    for (bool is_new : added) result.push_back(is_new ? 1 : *next++);
    return one(type(0), std::move(result));
  }

  Results transpose() const {
    const Dims order = ints(attr::permutation);
    Dims sorted = order, all(dims(0).size()), result;
    std::sort(sorted.begin(), sorted.end());
    std::iota(all.begin(), all.end(), 0);
    if (sorted != all) return refuse(fmt::format("its order is none of {}", inputs_[0]->shape.text()));
    for (std::int64_t each : order) result.push_back(dims(0)[static_cast<std::size_t>(each)]);
    return one(type(0), std::move(result));
  }

  Results concatenation() const {
    Dims result = dims(0);
    const auto axis = axis_of(get<std::int64_t>(op_.attributes, attr::axis), result.size());
    if (!axis) return refuse("has no such axis");
    for (std::size_t i = 1; i < inputs_.size(); ++i) {
      Dims other = dims(i);
      if (other.size() != result.size() || type(i) != type(0)) return refuse("its inputs do not fit");
      result[*axis] += std::exchange(other[*axis], result[*axis]);
      other[*axis] = result[*axis];
      if (other != result) return refuse("its inputs do not fit");
    }
    return one(type(0), std::move(result));
  }

  Results split() const {
    const Dims sizes = ints(attr::sizes);
    const auto axis = axis_of(get<std::int64_t>(op_.attributes, attr::axis), dims(0).size());
    if (!axis || std::accumulate(sizes.begin(), sizes.end(), std::int64_t{0}) != dims(0)[*axis])
      return refuse(fmt::format("its parts are not those of {}", inputs_[0]->shape.text()));
    std::vector<Made> results;
    for (std::int64_t size : sizes) {
      results.push_back({type(0), dims(0)});
      results.back().dims[*axis] = size;
    }
    return results;
  }

  template <typename Combine>
  Results same_rank(std::string_view name, Combine combine) const {
    const Dims values = ints(name);
    if (values.size() != dims(0).size()) return refuse(fmt::format("`{}` is not of the data's rank", name));
    Dims result;
    for (std::size_t i = 0; i < values.size(); ++i) result.push_back(combine(dims(0)[i], values[i]));
    return one(type(0), std::move(result));
  }

  Results strided_slice() const {
    const Dims begin = ints(attr::begin), end = ints(attr::end), strides = ints(attr::strides);
    const std::size_t rank = dims(0).size();
    if (begin.size() != rank || end.size() != rank || strides.size() != rank)
      return refuse("is not of the data's rank");
    Dims result;
    for (std::size_t i = 0; i < rank; ++i) {
      const std::int64_t size = dims(0)[i];
      if (strides[i] <= 0) return refuse("has a stride that is not positive");
      const auto place = [&](std::int64_t at) { return std::clamp(at < 0 ? at + size : at, std::int64_t{0}, size); };
      result.push_back(std::max<std::int64_t>(0, (place(end[i]) - place(begin[i]) + strides[i] - 1) / strides[i]));
    }
    for (std::int64_t each : ints(attr::squeeze)) {
      if (each < 0 || static_cast<std::size_t>(each) >= rank || result[static_cast<std::size_t>(each)] != 1)
        return refuse(fmt::format("dimension {} of its result is not 1", each));
      result[static_cast<std::size_t>(each)] = kDynamic;
    }
    std::erase(result, kDynamic);
    return one(type(0), std::move(result));
  }

  Results pack() const {
    const auto axis = axis_of(get<std::int64_t>(op_.attributes, attr::axis), dims(0).size() + 1);
    if (!axis) return refuse("has no such axis");
    for (std::size_t i = 1; i < inputs_.size(); ++i)
      if (dims(i) != dims(0) || type(i) != type(0)) return refuse("its inputs do not fit");
    Dims result = dims(0);
    result.insert(result.begin() + static_cast<std::ptrdiff_t>(*axis), static_cast<std::int64_t>(inputs_.size()));
    return one(type(0), std::move(result));
  }

  Results unpack() const {
    const auto axis = axis_of(get<std::int64_t>(op_.attributes, attr::axis), dims(0).size());
    if (!axis) return refuse("has no such axis");
    Dims result = dims(0);
    result.erase(result.begin() + static_cast<std::ptrdiff_t>(*axis));
    return std::vector<Made>(static_cast<std::size_t>(dims(0)[*axis]), Made{type(0), result});
  }

  // Where the spatial dimensions begin.
  std::size_t spatial() const { return channels_last_ ? 1 : 2; }

  Results blocks(bool to_space) const {
    const std::int64_t size = get<std::int64_t>(op_.attributes, attr::block_size);
    if (size < 1 || dims(0).size() < 3) return refuse("takes spatial data and a block");
    Dims result = dims(0);
    std::int64_t& channels = channels_last_ ? result.back() : result[1];
    for (std::size_t i = 0; i + 2 < result.size(); ++i) {
      std::int64_t& dim = result[i + spatial()];
      std::int64_t &less = to_space ? channels : dim, &more = to_space ? dim : channels;
      if (less % size != 0) return refuse(fmt::format("blocks of {} do not fit {}", size, inputs_[0]->shape.text()));
      less /= size;
      more *= size;
    }
    return one(type(0), std::move(result));
  }

  Results resize() const {
    const Dims sizes = ints(attr::sizes);
    Dims result = dims(0);
    if (result.size() < 3 || sizes.size() != result.size() - 2) return refuse("its sizes are not those of the data");
    std::copy(sizes.begin(), sizes.end(), result.begin() + static_cast<std::ptrdiff_t>(spatial()));
    return one(type(0), std::move(result));
  }

  Results pad() const {
    const Dims begin = ints(attr::pads_begin), end = ints(attr::pads_end);
    if (begin.size() != dims(0).size() || end.size() != begin.size()) return refuse("is not of the data's rank");
    Dims result;
    for (std::size_t i = 0; i < begin.size(); ++i) result.push_back(dims(0)[i] + begin[i] + end[i]);
    return one(type(0), std::move(result));
  }

  Results expand() const {
    auto result = broadcast(dims(0), ints(attr::shape));
    if (!result) return refuse("its data do not fit the shape");
    return one(type(0), *std::move(result));
  }

  Results gather() const {
    const std::int64_t batch = get<std::int64_t>(op_.attributes, attr::batch_dims);
    const auto axis = axis_of(get<std::int64_t>(op_.attributes, attr::axis), dims(0).size());
    if (inputs_.size() != 2 || !axis) return refuse("takes data with the axis, and indices");
    if (batch < 0 || static_cast<std::size_t>(batch) > std::min(*axis, dims(1).size()))
      return refuse("has no such batch");
    const auto place = static_cast<std::ptrdiff_t>(*axis);
    Dims result(dims(0).begin(), dims(0).begin() + place);
    result.insert(result.end(), dims(1).begin() + batch, dims(1).end());
    result.insert(result.end(), dims(0).begin() + place + 1, dims(0).end());
    return one(type(0), std::move(result));
  }

  Results reduce(const Dims& axes, ElementType result_type) const {
    Dims result = dims(0);
    for (std::int64_t each : axes) {
      const auto axis = axis_of(each, result.size());
      if (!axis) return refuse(fmt::format("has no dimension {}", each));
      result[*axis] = kDynamic;
    }
    if (get<bool>(op_.attributes, attr::keep_dims))
      std::replace(result.begin(), result.end(), kDynamic, std::int64_t{1});
    else
      std::erase(result, kDynamic);
    return one(result_type, std::move(result));
  }

  Results top_k() const {
    Dims result = dims(0);
    const auto axis = axis_of(get<std::int64_t>(op_.attributes, attr::axis), result.size());
    const std::int64_t k = get<std::int64_t>(op_.attributes, attr::k);
    if (!axis || k < 1 || k > result[*axis]) return refuse("its k is not within the axis");
    result[*axis] = k;
    return std::vector<Made>{{type(0), result}, {to(ElementType::Int32), result}};
  }

  const Operator& op_;
  std::span<const Tensor* const> inputs_;
  bool channels_last_;
};

}  // namespace

base::Result<std::vector<Made>> infer(const Operator& op, std::span<const Tensor* const> inputs, Layout layout) {
  return Inference(op, inputs, layout).run();
}

std::optional<std::vector<std::int64_t>> broadcast(std::span<const std::int64_t> a, std::span<const std::int64_t> b) {
  if (a.size() < b.size()) std::swap(a, b);
  Dims result(a.begin(), a.end());
  for (std::size_t i = 0; i < b.size(); ++i) {
    std::int64_t& dim = result[a.size() - b.size() + i];
    if (dim == 1)
      dim = b[i];
    else if (b[i] != 1 && b[i] != dim)
      return std::nullopt;
  }
  return result;
}

std::optional<std::size_t> axis_of(std::int64_t axis, std::size_t rank) {
  const auto size = static_cast<std::int64_t>(rank);
  if (axis < -size || axis >= size) return std::nullopt;
  return static_cast<std::size_t>(axis < 0 ? axis + size : axis);
}

}  // namespace edgescope::graph
