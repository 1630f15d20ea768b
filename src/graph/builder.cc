#include "graph/builder.h"

#include <fmt/format.h>

#include "graph/validate.h"

namespace edgescope::graph {

Builder::Builder(Format format, std::string name) {
  model_.format = format;
  model_.layout = format == Format::TfLite ? Layout::ChannelsLast : Layout::ChannelsFirst;
  model_.name = name;
  model_.producer = "edgescope";
  model_.subgraphs.resize(1);
  graph().name = std::move(name);
}

const Tensor& Builder::at(int tensor) const {
  static const Tensor none;
  const auto& tensors = model_.subgraphs.front().tensors;
  return tensor >= 0 && static_cast<std::size_t>(tensor) < tensors.size() ? tensors[static_cast<std::size_t>(tensor)]
                                                                          : none;
}

int Builder::add_tensor(std::string name, ElementType type, Dims dims) {
  graph().tensors.push_back({.name = std::move(name), .type = type, .shape = {.dims = std::move(dims)}});
  return static_cast<int>(graph().tensors.size()) - 1;
}

std::vector<int> Builder::failed(base::Error error, std::size_t results) {
  if (!mistake_) mistake_ = std::move(error);
  return std::vector<int>(results, -1);
}

int Builder::input(std::string name, ElementType type, Dims dims) {
  const int tensor = add_tensor(std::move(name), type, std::move(dims));
  graph().inputs.push_back(tensor);
  return tensor;
}

int Builder::constant(std::string name, ElementType type, Dims dims, std::vector<std::byte> data) {
  const int tensor = add_tensor(std::move(name), type, std::move(dims));
  model_.owned.push_back(std::make_shared<const std::vector<std::byte>>(std::move(data)));
  graph().tensors.back().constant = true;
  graph().tensors.back().data = *model_.owned.back();
  return tensor;
}

int Builder::add(Kind kind, std::vector<int> inputs, std::initializer_list<Named> attributes, std::string name) {
  return add_all(kind, std::move(inputs), attributes, std::move(name)).front();
}

std::vector<int> Builder::add_all(Kind kind, std::vector<int> inputs, std::initializer_list<Named> attributes,
                                  std::string name) {
  Operator op{.kind = kind, .inputs = std::move(inputs)};
  for (const Named& each : attributes) op.attributes.emplace_back(each.first, each.second);
  std::vector<const Tensor*> tensors;
  for (int tensor : op.inputs) tensors.push_back(tensor < 0 ? nullptr : &at(tensor));
  auto results = infer(op, tensors, model_.layout);
  if (results) return add_given(std::move(op), *std::move(results), std::move(name));
  if (!name.empty()) results.error().node += fmt::format(" {}", name);
  return failed(std::move(results).error(),
                kind == Kind::TopK ? 2 : std::max<std::size_t>(1, get<Dims>(op.attributes, attr::sizes).size()));
}

std::vector<int> Builder::add_given(Operator op, std::vector<Made> results, std::string name) {
  if (name.empty()) name = fmt::format("{}_{}", kind_name(op.kind), graph().operators.size());
  for (std::size_t i = 0; i < results.size(); ++i)
    op.outputs.push_back(add_tensor(results.size() == 1 ? name : fmt::format("{}:{}", name, i), results[i].type,
                                    std::move(results[i].dims)));
  op.name = std::move(name);
  graph().operators.push_back(std::move(op));
  return graph().operators.back().outputs;
}

void Builder::quantize(int tensor, float scale, std::int64_t zero_point) {
  quantize(tensor, Quantization{.scales = {scale}, .zero_points = {zero_point}});
}

void Builder::quantize(int tensor, Quantization quantization) {
  if (&at(tensor) == &at(-1)) return;
  graph().tensors[static_cast<std::size_t>(tensor)].quantization =
      std::make_shared<const Quantization>(std::move(quantization));
}

void Builder::output(int tensor, std::string name) {
  if (&at(tensor) != &at(-1) && !name.empty()) graph().tensors[static_cast<std::size_t>(tensor)].name = std::move(name);
  graph().outputs.push_back(tensor);
}

base::Result<Model> Builder::finish() && {
  if (mistake_) return base::fail(*std::move(mistake_));
  EDGESCOPE_CHECK(validate(model_));
  return std::move(model_);
}

}  // namespace edgescope::graph
