// Matrix products, convolutions, pools and normalisation: sums of products in the order of the elements.
#include <algorithm>
#include <cmath>
#include <limits>

#include "graph/evaluation.h"

namespace edgescope::graph::evaluation {
namespace {

template <typename T>
class Products {
 public:
  explicit Products(const Case& c) : c_(c), made_(c.made[0].dims), x_(load<T>(c.in(0))) {}

  Outcome run() const {
    switch (c_.op.kind) {
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
        return pool();
      case Kind::BatchNormalization:
        return normalization();
      default:
        return std::nullopt;
    }
  }

 private:
  Outcome done(std::vector<T> all) const { return Values{store(c_.made[0].type, made_, all)}; }

  Outcome fully_connected() const {
    const Ints& shape = c_.in(1).dims;
    const std::vector<T> weights = load<T>(c_.in(1)), bias = c_.has(2) ? load<T>(c_.in(2)) : std::vector<T>{};
    const auto outs = static_cast<std::size_t>(shape[0]), ins = static_cast<std::size_t>(shape[1]);
    std::vector<T> result;
    Sum<T> sum(c_);
    for (std::size_t row = 0; ins > 0 && row < x_.size() / ins; ++row)
      for (std::size_t o = 0; o < outs; ++o) {
        for (std::size_t i = 0; i < ins; ++i) sum.add(x_[row * ins + i], weights[o * ins + i]);
        if (!bias.empty()) sum.add(bias[o]);
        result.push_back(sum.total());
      }
    return done(std::move(result));
  }

  Outcome matmul() const {
    const Value &a = c_.in(0), &b = c_.in(1);
    const std::vector<T> right = load<T>(b), bias = c_.has(2) ? load<T>(c_.in(2)) : std::vector<T>{};
    const bool turn_a = c_.get<bool>(attr::transpose_a), turn_b = c_.get<bool>(attr::transpose_b);
    const Ints a_step = steps(a.dims), b_step = steps(b.dims);
    const Ints bias_dims = c_.has(2) ? c_.in(2).dims : Ints{}, bias_step = steps(bias_dims);
    const std::size_t n = a.dims.size(), m = b.dims.size(), r = made_.size();
    const std::int64_t inner = a.dims[turn_a ? n - 2 : n - 1];
    const auto batches = [](const Ints& dims) { return Ints(dims.begin(), dims.end() - 2); };
    const Ints a_batch = batches(a.dims), b_batch = batches(b.dims);
    std::vector<T> result;
    Sum<T> sum(c_);
    each_index(made_, [&](const Ints& index) {
      const Ints batch(index.begin(), index.end() - 2);
      const std::size_t from = broadcast_place(a_batch, a_step, batch), to = broadcast_place(b_batch, b_step, batch);
      for (std::int64_t i = 0; i < inner; ++i) {
        const std::int64_t row = index[r - 2], column = index[r - 1];
        const std::int64_t s = turn_a ? i * a_step[n - 2] + row : row * a_step[n - 2] + i;
        const std::int64_t t = turn_b ? column * b_step[m - 2] + i : i * b_step[m - 2] + column;
        sum.add(x_[from + static_cast<std::size_t>(s)], right[to + static_cast<std::size_t>(t)]);
      }
      if (!bias.empty()) sum.add(bias[broadcast_place(bias_dims, bias_step, index)]);
      result.push_back(sum.total());
    });
    return done(std::move(result));
  }

  // A window over the spatial dimensions: where the data's window begins for a place of the result.
  struct Window {
    Ints kernel, strides, dilations, before;
    std::size_t first, channel;  // dimensions of the data
  };

  Window window(Ints kernel) const {
    const std::size_t spatial = kernel.size();
    Window w{.kernel = std::move(kernel),
             .strides = c_.ints(attr::strides),
             .dilations = c_.ints(attr::dilations),
             .before = Ints(spatial, 0),
             .first = c_.channels_last() ? 1u : 2u,
             .channel = c_.channels_last() ? spatial + 1 : 1};
    w.strides.resize(spatial, 1);
    w.dilations.resize(spatial, 1);
    const auto padding = c_.get<std::string>(attr::padding, "valid");
    const Ints begin = c_.ints(attr::pads_begin);
    for (std::size_t i = 0; i < spatial; ++i) {
      if (padding == "explicit" && i < begin.size()) w.before[i] = begin[i];
      if (padding != "same" && padding != "same_lower") continue;
      const std::int64_t reach = (w.kernel[i] - 1) * w.dilations[i] + 1;
      const std::int64_t missing =
          std::max<std::int64_t>(0, (made_[w.first + i] - 1) * w.strides[i] + reach - c_.in(0).dims[w.first + i]);
      w.before[i] = padding == "same" ? missing / 2 : missing - missing / 2;
    }
    return w;
  }

  // Calls `each(index within the kernel, element of the data)` for those places of a window that lie within the
  // data; the channel's part of the element's place is left out.
  template <typename Each>
  void each_place(const Window& w, const Ints& index, const Ints& step, Each each) const {
    each_index(w.kernel, [&](const Ints& within) {
      std::int64_t at = index[0] * step[0];
      for (std::size_t i = 0; i < within.size(); ++i) {
        const std::int64_t place = index[w.first + i] * w.strides[i] - w.before[i] + within[i] * w.dilations[i];
        if (place < 0 || place >= c_.in(0).dims[w.first + i]) return;
        at += place * step[w.first + i];
      }
      each(within, at);
    });
  }

  Outcome convolution() const {
    Ints shape = c_.in(1).dims;
    if (!c_.channels_last() && shape.size() == made_.size() + 1) {  // the groups before
      shape[1] *= shape[0];
      shape.erase(shape.begin());
    }
    const bool last = c_.channels_last(), depthwise = c_.op.kind == Kind::DepthwiseConvolution;
    const auto from = shape.begin() + (last ? 1 : 2);
    const Window w = window(Ints(from, from + static_cast<std::ptrdiff_t>(made_.size() - 2)));
    const std::vector<T> weights = load<T>(c_.in(1)), bias = c_.has(2) ? load<T>(c_.in(2)) : std::vector<T>{};
    const Ints step = steps(c_.in(0).dims), weight_step = steps(shape);
    const std::int64_t channels = c_.in(0).dims[w.channel], outs = made_[w.channel];
    const std::int64_t groups =
        depthwise ? channels : c_.get<std::int64_t>(attr::groups, channels / (last ? shape.back() : shape[1]));
    const std::int64_t of_group = channels / groups, outs_of_group = outs / groups;
    // Which dimension of the weights counts results, and which the channels of a group.
    const std::size_t out_at = depthwise && last ? shape.size() - 1 : 0, in_at = last ? shape.size() - 1 : 1;
    std::vector<T> result;
    Sum<T> sum(c_);
    each_index(made_, [&](const Ints& index) {
      const std::int64_t out = index[w.channel], group = out / outs_of_group;
      each_place(w, index, step, [&](const Ints& within, std::int64_t at) {
        std::int64_t weight = out * weight_step[out_at];
        for (std::size_t i = 0; i < within.size(); ++i) weight += within[i] * weight_step[(last ? 1 : 2) + i];
        for (std::int64_t i = 0; i < of_group; ++i)
          sum.add(x_[static_cast<std::size_t>(at + (group * of_group + i) * step[w.channel])],
                  weights[static_cast<std::size_t>(weight + (depthwise ? 0 : i * weight_step[in_at]))]);
      });
      if (!bias.empty()) sum.add(bias[static_cast<std::size_t>(out)]);
      result.push_back(sum.total());
    });
    return done(std::move(result));
  }

  // Of each element of the result those of the data that are spread over it.
  Outcome transposed_convolution() const {
    Ints shape = c_.in(1).dims;
    std::int64_t groups = c_.get<std::int64_t>(attr::groups, 1);
    if (!c_.channels_last() && shape.size() == made_.size() + 1) {  // the groups before
      groups = shape[0];
      shape[1] *= groups;
      shape.erase(shape.begin());
    }
    const bool last = c_.channels_last();
    const auto from = shape.begin() + (last ? 1 : 2);
    Window w = window(Ints(from, from + static_cast<std::ptrdiff_t>(made_.size() - 2)));
    w.before = c_.ints(attr::pads_begin);
    w.before.resize(w.kernel.size(), 0);
    const std::vector<T> weights = load<T>(c_.in(1)), bias = c_.has(2) ? load<T>(c_.in(2)) : std::vector<T>{};
    const Ints step = steps(c_.in(0).dims), weight_step = steps(shape);
    const std::int64_t of_group = c_.in(0).dims[w.channel] / groups, outs_of_group = made_[w.channel] / groups;
    const std::size_t out_at = last ? 0 : 1, in_at = last ? shape.size() - 1 : 0;
    std::vector<T> result;
    Sum<T> sum(c_);
    each_index(made_, [&](const Ints& index) {
      const std::int64_t out = index[w.channel], group = out / outs_of_group;
      each_index(w.kernel, [&](const Ints& within) {
        std::int64_t at = index[0] * step[0], weight = (out - group * outs_of_group) * weight_step[out_at];
        for (std::size_t i = 0; i < within.size(); ++i) {
          const std::int64_t place = index[w.first + i] + w.before[i] - within[i] * w.dilations[i];
          if (place < 0 || place % w.strides[i] != 0 || place / w.strides[i] >= c_.in(0).dims[w.first + i]) return;
          at += place / w.strides[i] * step[w.first + i];
          weight += within[i] * weight_step[w.first + i];
        }
        for (std::int64_t i = group * of_group; i < (group + 1) * of_group; ++i)
          sum.add(x_[static_cast<std::size_t>(at + i * step[w.channel])],
                  weights[static_cast<std::size_t>(weight + i * weight_step[in_at])]);
      });
      if (!bias.empty()) sum.add(bias[static_cast<std::size_t>(out)]);
      result.push_back(sum.total());
    });
    return done(std::move(result));
  }

  Outcome pool() const {
    const bool max = c_.op.kind == Kind::MaxPool, include = c_.get<bool>(attr::include_pad);
    const Window w = window(c_.ints(attr::kernel));
    const Ints step = steps(c_.in(0).dims);
    std::vector<T> result;
    Sum<T> sum(c_);
    each_index(made_, [&](const Ints& index) {
      T best = std::numeric_limits<T>::lowest();
      if constexpr (std::is_floating_point_v<T>) best = -std::numeric_limits<T>::infinity();
      std::size_t places = 0;
      each_place(w, index, step, [&](const Ints&, std::int64_t at) {
        const T each = x_[static_cast<std::size_t>(at + index[w.channel] * step[w.channel])];
        best = best != best || best > each ? best : each;
        sum.add(each);
        ++places;
      });
      if (include) places = count(w.kernel);
      const T total = sum.total();
      result.push_back(max ? best : static_cast<T>(total / static_cast<T>(places)));
    });
    return done(std::move(result));
  }

  Outcome normalization() const {
    if constexpr (!std::is_floating_point_v<T>) {
      return c_.refuse("its data are whole numbers");
    } else {
      const auto list = [&](std::size_t i) { return load<T>(c_.in(i)); };
      const std::vector<T> scale = list(1), bias = list(2), mean = list(3), variance = list(4);
      const T epsilon = static_cast<T>(c_.get<double>(attr::epsilon));
      const std::size_t channel = c_.channels_last() ? made_.size() - 1 : std::min<std::size_t>(1, made_.size() - 1);
      std::vector<T> result = x_;
      std::size_t at = 0;
      each_index(made_, [&](const Ints& index) {
        const auto i = static_cast<std::size_t>(index[channel]);
        T& each = result[at++];
        each = (each - mean[i]) / std::sqrt(variance[i] + epsilon) * scale[i] + bias[i];
      });
      return done(std::move(result));
    }
  }

  const Case& c_;
  const Ints& made_;
  std::vector<T> x_;
};

}  // namespace

Outcome products(const Case& c) {
  return with_type(c.in(0).type, [&](auto zero) -> Outcome { return Products<decltype(zero)>(c).run(); });
}

}  // namespace edgescope::graph::evaluation
