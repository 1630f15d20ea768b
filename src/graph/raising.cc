#include "graph/raising.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "graph/elements.h"

namespace edgescope::graph {

tl::unexpected<base::Error> Raising::refuse(std::string why) const {
  return base::fail(
      {.what = fmt::format("{} has no canonical form: {}", source_.source_kind, why), .node = source_.name});
}

Operator Raising::make(Kind kind) const {
  return {.kind = kind, .name = source_.name, .inputs = source_.inputs, .outputs = source_.outputs};
}

Operator Raising::make(Kind kind, std::size_t inputs) const {
  Operator op = make(kind);
  op.inputs.resize(std::min(inputs, op.inputs.size()));
  return op;
}

Raising::Raised Raising::finish(Operator op) const {
  while (!op.inputs.empty() && op.inputs.back() < 0) op.inputs.pop_back();
  std::vector<const Tensor*> tensors;
  for (int each : op.inputs) tensors.push_back(each < 0 ? nullptr : &graph_.tensors[static_cast<std::size_t>(each)]);
  auto made = infer(op, tensors, layout_);
  if (!made) return refuse(made.error().what);
  if (made->size() != op.outputs.size())
    return refuse(fmt::format("it has {} results instead of {}", op.outputs.size(), made->size()));
  for (std::size_t i = 0; i < made->size(); ++i) {
    if (op.outputs[i] < 0) return refuse("a result is left out");
    const Tensor& result = graph_.tensors[static_cast<std::size_t>(op.outputs[i])];
    if (!result.shape.is_static()) return refuse(fmt::format("`{}` has no static shape", result.name));
    if (result.shape.dims != (*made)[i].dims || result.type != (*made)[i].type)
      return refuse(fmt::format("its result is {} {} instead of {} {}", element_type_name(result.type),
                                result.shape.text(), element_type_name((*made)[i].type),
                                Shape{.dims = (*made)[i].dims}.text()));
  }
  return op;
}

const Tensor* Raising::input(std::size_t index) const {
  if (index >= source_.inputs.size() || source_.inputs[index] < 0) return nullptr;
  return &graph_.tensors[static_cast<std::size_t>(source_.inputs[index])];
}

const Tensor* Raising::output(std::size_t index) const {
  if (index >= source_.outputs.size() || source_.outputs[index] < 0) return nullptr;
  return &graph_.tensors[static_cast<std::size_t>(source_.outputs[index])];
}

const Raising::Ints& Raising::dims(std::size_t index) const {
  static const Ints none;
  const Tensor* tensor = input(index);
  return tensor == nullptr ? none : tensor->shape.dims;
}

std::size_t Raising::rank(std::size_t index) const { return dims(index).size(); }

void Raising::keep(Operator& op, std::string_view name) const {
  if (const Attribute* value = find(source_.attributes, name)) op.attributes.emplace_back(name, *value);
}

base::Result<Raising::Ints> Raising::integers(std::size_t index, std::string_view what) const {
  const Tensor* tensor = input(index);
  if (tensor == nullptr) return refuse(fmt::format("its {} is not given", what));
  auto values = integer_elements(*tensor);
  if (!values) return refuse(fmt::format("its {} is no constant", what));
  return *std::move(values);
}

base::Result<std::int64_t> Raising::integer(std::size_t index, std::string_view what) const {
  EDGESCOPE_TRY(values, integers(index, what));
  if (values.size() != 1) return refuse(fmt::format("its {} is not one number", what));
  return values[0];
}

base::Result<double> Raising::real(std::size_t index, std::string_view what) const {
  const Tensor* tensor = input(index);
  if (tensor == nullptr) return refuse(fmt::format("its {} is not given", what));
  const auto values = real_elements(*tensor, 1);
  if (!values || values->size() != 1) return refuse(fmt::format("its {} is not one constant number", what));
  return values->front();
}

bool Raising::used(std::size_t result) const {
  const int tensor = source_.outputs[result];
  const auto has_it = [&](const std::vector<int>& list) {
    return std::find(list.begin(), list.end(), tensor) != list.end();
  };
  return tensor >= 0 && (has_it(graph_.outputs) || std::any_of(graph_.operators.begin(), graph_.operators.end(),
                                                               [&](const Operator& op) { return has_it(op.inputs); }));
}

Raising::Raised Raising::reshape(Kind kind) const {
  if (output() == nullptr || !output()->shape.is_static()) return refuse("its result has no static shape");
  Operator op = make(kind, 1);
  set(op, attr::shape, output()->shape.dims);
  return finish(std::move(op));
}

Raising::Raised Raising::unsqueeze(Ints axes) const {
  Operator op = make(Kind::Unsqueeze, 1);
  set(op, attr::axes, std::move(axes));
  return finish(std::move(op));
}

Raising::Raised Raising::squeeze(Ints axes) const {
  if (axes.empty())
    for (std::size_t i = 0; i < rank(); ++i)
      if (dims()[i] == 1) axes.push_back(static_cast<std::int64_t>(i));
  Operator op = make(Kind::Squeeze, 1);
  set(op, attr::axes, std::move(axes));
  return finish(std::move(op));
}

Raising::Raised Raising::transpose(Ints order) const {
  if (order.empty()) {
    order.resize(rank());
    std::iota(order.rbegin(), order.rend(), 0);
  }
  for (std::int64_t& each : order)
    if (each < 0) each += static_cast<std::int64_t>(rank());
  Operator op = make(Kind::Transpose, 1);
  set(op, attr::permutation, std::move(order));
  return finish(std::move(op));
}

Raising::Raised Raising::reduce(Kind kind, Ints axes, bool keep_dims) const {
  Operator op = make(kind, 1);
  set(op, attr::axes, std::move(axes));
  set(op, attr::keep_dims, keep_dims);
  return finish(std::move(op));
}

Raising::Range Raising::bounded(std::int64_t begin, std::int64_t end, std::int64_t stride, std::int64_t size) {
  const auto place = [&](std::int64_t at) { return std::clamp(at < 0 ? at + size : at, std::int64_t{0}, size); };
  return {.begin = place(begin), .end = std::max(place(begin), place(end)), .stride = stride};
}

Raising::Raised Raising::strided(std::vector<Range> ranges) const {
  Ints begin, end, strides, squeezed;
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    if (ranges[i].stride < 1) return refuse("it goes backwards");
    begin.push_back(ranges[i].begin);
    end.push_back(ranges[i].end);
    strides.push_back(ranges[i].stride);
    if (ranges[i].squeeze) squeezed.push_back(static_cast<std::int64_t>(i));
  }
  Operator op = make(Kind::StridedSlice, 1);
  set(op, attr::begin, std::move(begin));
  set(op, attr::end, std::move(end));
  set(op, attr::strides, std::move(strides));
  if (!squeezed.empty()) set(op, attr::squeeze, std::move(squeezed));
  return finish(std::move(op));
}

}  // namespace edgescope::graph
