// What moves elements and computes nothing: on bytes, so that it is the same for all types.
#include <algorithm>

#include "graph/elements.h"
#include "graph/evaluation.h"

namespace edgescope::graph::evaluation {
namespace {

std::size_t width(ElementType type) { return static_cast<std::size_t>(element_bits(type)) / 8; }

// Every element of a result of these dimensions is the one of `from` that `place(index)` says, nothing where it
// is `filling`.
template <typename Place>
Value gathered(const Value& from, Ints dims, Place place, std::span<const std::byte> filling = {}) {
  const std::size_t size = width(from.type);
  Value value{from.type, std::move(dims), {}, from.quantization};
  value.data.reserve(count(value.dims) * size);
  each_index(value.dims, [&](const Ints& index) {
    const std::optional<std::int64_t> at = place(index);
    const auto source = at ? std::span(from.data).subspan(static_cast<std::size_t>(*at) * size, size) : filling;
    value.data.insert(value.data.end(), source.begin(), source.end());
  });
  return value;
}

class Arrangement {
 public:
  explicit Arrangement(const Case& c) : c_(c), x_(c.in(0)), step_(steps(x_.dims)), made_(c.made[0].dims) {}

  Outcome run() const {
    const auto axis = axis_of(c_.get<std::int64_t>(attr::axis), std::max<std::size_t>(x_.dims.size(), 1)).value_or(0);
    switch (c_.op.kind) {
      case Kind::Identity:
      case Kind::Reshape:
      case Kind::Squeeze:
      case Kind::Unsqueeze:
        return one({x_.type, made_, x_.data, x_.quantization});
      case Kind::Transpose: {
        const Ints order = c_.ints(attr::permutation);
        return one(gathered(x_, made_, [&](const Ints& index) {
          std::int64_t at = 0;
          for (std::size_t i = 0; i < order.size(); ++i) at += index[i] * step_[static_cast<std::size_t>(order[i])];
          return at;
        }));
      }
      case Kind::Expand:
        return one(gathered(x_, made_, [&](const Ints& index) {
          return static_cast<std::int64_t>(broadcast_place(x_.dims, step_, index));
        }));
      case Kind::Tile:
        return one(gathered(x_, made_, [&](const Ints& index) {
          std::int64_t at = 0;
          for (std::size_t i = 0; i < index.size(); ++i) at += index[i] % x_.dims[i] * step_[i];
          return at;
        }));
      case Kind::Slice:
        return one(part(c_.ints(attr::begin), Ints(x_.dims.size(), 1), made_));
      case Kind::StridedSlice:
        return strided_slice();
      case Kind::Split:
        return split(axis, false);
      case Kind::Unpack:
        return split(axis, true);
      case Kind::Concatenation:
        return concatenation(axis);
      case Kind::Pack:
        return pack();
      case Kind::Pad:
        return pad();
      case Kind::Gather:
        return gather(axis);
      case Kind::GatherElements:
        return gather_elements(axis);
      case Kind::DepthToSpace:
      case Kind::SpaceToDepth:
        return blocks();
      default:
        return std::nullopt;
    }
  }

 private:
  static Outcome one(Value value) {
    Values values;
    values.push_back(std::move(value));
    return values;
  }

  Value part(const Ints& begin, const Ints& strides, Ints dims) const {
    return gathered(x_, std::move(dims), [&](const Ints& index) {
      std::int64_t at = 0;
      for (std::size_t i = 0; i < index.size(); ++i) at += (begin[i] + index[i] * strides[i]) * step_[i];
      return at;
    });
  }

  Outcome strided_slice() const {
    Ints begin = c_.ints(attr::begin), dims = made_;
    for (std::size_t i = 0; i < begin.size(); ++i)
      begin[i] = std::clamp(begin[i] < 0 ? begin[i] + x_.dims[i] : begin[i], std::int64_t{0}, x_.dims[i]);
    for (std::int64_t each : c_.ints(attr::squeeze)) dims.insert(dims.begin() + static_cast<std::ptrdiff_t>(each), 1);
    Value value = part(begin, c_.ints(attr::strides), std::move(dims));
    value.dims = made_;
    return one(std::move(value));
  }

  Outcome split(std::size_t axis, bool gone) const {
    Values values;
    Ints begin(x_.dims.size(), 0);
    for (const Made& each : c_.made) {
      Ints dims = each.dims;
      if (gone) dims.insert(dims.begin() + static_cast<std::ptrdiff_t>(axis), 1);
      values.push_back(part(begin, Ints(x_.dims.size(), 1), dims));
      begin[axis] += dims[axis];
      values.back().dims = each.dims;
    }
    return values;
  }

  Outcome concatenation(std::size_t axis) const {
    Value value{x_.type, made_, {}, nullptr};
    const std::size_t rows = count(Ints(made_.begin(), made_.begin() + static_cast<std::ptrdiff_t>(axis)));
    for (std::size_t row = 0; row < rows; ++row)
      for (const Value* each : c_.inputs) {
        const std::size_t run = each->data.size() / rows;
        const auto from = each->data.begin() + static_cast<std::ptrdiff_t>(row * run);
        value.data.insert(value.data.end(), from, from + static_cast<std::ptrdiff_t>(run));
      }
    return one(std::move(value));
  }

  Outcome pack() const {
    const std::size_t axis = *axis_of(c_.get<std::int64_t>(attr::axis), made_.size());
    return one(gathered(joined(), made_, [&](const Ints& index) {
      std::int64_t at = index[axis] * static_cast<std::int64_t>(count(x_.dims));
      for (std::size_t i = 0, from = 0; i < index.size(); ++i)
        if (i != axis) at += index[i] * step_[from++];
      return at;
    }));
  }

  // All inputs one behind the other.
  Value joined() const {
    Value all{x_.type, {}, {}, nullptr};
    for (const Value* each : c_.inputs) all.data.insert(all.data.end(), each->data.begin(), each->data.end());
    all.dims = {static_cast<std::int64_t>(all.data.size() / width(x_.type))};
    return all;
  }

  Outcome pad() const {
    const Ints begin = c_.ints(attr::pads_begin);
    const double value = c_.get<double>(attr::value);
    const auto filled = with_type(x_.type, [&](auto zero) -> base::Result<Value> {
      using T = decltype(zero);
      return store<T>(x_.type, {1}, {static_cast<T>(value)});
    });
    if (!filled) return base::fail(filled.error());
    return one(gathered(
        x_, made_,
        [&](const Ints& index) -> std::optional<std::int64_t> {
          std::int64_t at = 0;
          for (std::size_t i = 0; i < index.size(); ++i) {
            const std::int64_t from = index[i] - begin[i];
            if (from < 0 || from >= x_.dims[i]) return std::nullopt;
            at += from * step_[i];
          }
          return at;
        },
        filled->data));
  }

  // Indices that lie within a dimension of this size, counted from the front.
  base::Result<Ints> indices(std::int64_t size, bool may_be_negative) const {
    const Value& value = c_.in(1);
    auto all = integer_elements(
        {.type = value.type, .shape = {.dims = value.dims}, .constant = true, .data = value.data}, ~std::size_t{0});
    if (!all) return c_.refuse("its indices are no integers");
    for (std::int64_t& each : *all) {
      if (each < 0 && may_be_negative) each += size;
      if (each < 0 || each >= size) return c_.refuse("an index lies outside the data");
    }
    return *std::move(all);
  }

  Outcome gather(std::size_t axis) const {
    EDGESCOPE_TRY(chosen, indices(x_.dims[axis], c_.get<bool>(attr::negative_indices)));
    const Ints& shape = c_.in(1).dims;
    const Ints step = steps(shape);
    const auto batch = static_cast<std::size_t>(c_.get<std::int64_t>(attr::batch_dims));
    return one(gathered(x_, made_, [&](const Ints& index) {
      std::int64_t at = 0, which = 0;
      for (std::size_t i = 0; i < axis; ++i) at += index[i] * step_[i];
      for (std::size_t i = 0; i < shape.size(); ++i) which += index[i < batch ? i : axis + i - batch] * step[i];
      at += chosen[static_cast<std::size_t>(which)] * step_[axis];
      const std::size_t behind = axis + shape.size() - batch;
      for (std::size_t i = axis + 1; i < x_.dims.size(); ++i) at += index[behind + i - axis - 1] * step_[i];
      return at;
    }));
  }

  Outcome gather_elements(std::size_t axis) const {
    EDGESCOPE_TRY(chosen, indices(x_.dims[axis], false));
    std::size_t next = 0;
    return one(gathered(x_, made_, [&](const Ints& index) {
      std::int64_t at = chosen[next++] * step_[axis];
      for (std::size_t i = 0; i < index.size(); ++i)
        if (i != axis) at += index[i] * step_[i];
      return at;
    }));
  }

  // One element of the deep tensor for each of the wide one: [batch, channels, spatial...] in both layouts.
  Outcome blocks() const {
    const bool to_space = c_.op.kind == Kind::DepthToSpace;
    const bool depth_first = c_.get<std::string>(attr::mode) == "depth_first";
    const std::int64_t block = c_.get<std::int64_t>(attr::block_size);
    const Ints &deep = to_space ? x_.dims : made_, &wide = to_space ? made_ : x_.dims;
    const std::size_t channel = c_.channels_last() ? deep.size() - 1 : 1, first = c_.channels_last() ? 1 : 2;
    const std::int64_t blocks = deep[channel] / wide[channel];
    // Where an element of the deep tensor is in the wide one.
    const auto widened = [&](const Ints& index) {
      const std::int64_t whole = index[channel];
      Ints place = index;
      place[channel] = depth_first ? whole / blocks : whole % wide[channel];
      std::int64_t within = depth_first ? whole % blocks : whole / wide[channel];
      for (std::size_t i = deep.size() - 2; i-- > 0;) {
        place[first + i] = index[first + i] * block + within % block;
        within /= block;
      }
      return place;
    };
    const Ints deep_step = steps(deep), wide_step = steps(wide);
    std::vector<std::int64_t> source(count(made_));
    each_index(deep, [&](const Ints& index) {
      const Ints place = widened(index);
      std::int64_t at = 0, to = 0;
      for (std::size_t i = 0; i < index.size(); ++i) {
        at += index[i] * deep_step[i];
        to += place[i] * wide_step[i];
      }
      source[static_cast<std::size_t>(to_space ? to : at)] = to_space ? at : to;
    });
    std::size_t next = 0;
    return one(gathered(x_, made_, [&](const Ints&) { return source[next++]; }));
  }

  const Case& c_;
  const Value& x_;
  Ints step_;
  const Ints& made_;
};

}  // namespace

Outcome arrange(const Case& c) { return Arrangement(c).run(); }

}  // namespace edgescope::graph::evaluation
