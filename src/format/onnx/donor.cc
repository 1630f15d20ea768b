#include "format/onnx/donor.h"

#include "format/onnx/context.h"
#include "format/onnx/fields.h"
#include "format/onnx/reader.h"

namespace edgescope::format::onnx {

// The file has been read without an error, so the walks below come to their ends.
Donor::Donor(const graph::Model& model) {
  if (model.format != graph::Format::Onnx || model.files.empty() || !recognised(model.files.front().bytes())) return;
  known_ = true;
  Walk walk(model.files.front().bytes());
  for (Field field; walk.next(field);) {
    if (field.is(fields::model::graph, Wire::Length))
      graph(field.payload);
    else if (field.is(fields::model::functions, Wire::Length))
      function(field.payload);
    else if (field.number != fields::model::opset_import)
      model_fields_.push_back(field.whole);
  }
}

void Donor::function(Bytes message) {
  namespace number = fields::function;
  std::string_view name, domain, overload;
  std::vector<Bytes> kept;
  Walk walk(message);
  for (Field field; walk.next(field);) {
    switch (field.number) {
      case number::name:
        name = field.text();
        break;
      case number::domain:
        domain = field.text();
        break;
      case number::overload:
        overload = field.text();
        break;
      case number::node:
        node(field.payload);
        continue;
      case number::value_info:
        value(field.payload, true);
        continue;
      case number::input:
      case number::output:
        continue;
      default:
        break;
    }
    kept.push_back(field.whole);
  }
  std::string full = qualified(domain, name);
  if (!overload.empty()) full += ":" + std::string(overload);
  functions_.emplace(std::move(full), std::move(kept));
}

void Donor::graph(Bytes message) {
  namespace number = fields::graph;
  Walk walk(message);
  for (Field field; walk.next(field);) {
    if (field.wire != Wire::Length) continue;
    if (field.number == number::node) node(field.payload);
    if (field.number == number::input || field.number == number::output) value(field.payload, false);
    if (field.number == number::value_info) value(field.payload, true);
    if (field.number == number::sparse_initializer) {
      Walk inside(field.payload);
      for (Field part; inside.next(part);) {
        if (!part.is(fields::sparse_tensor::values, Wire::Length)) continue;
        Walk values(part.payload);
        for (Field of; values.next(of);)
          if (of.is(fields::tensor::name, Wire::Length)) sparse_.emplace(of.text(), field.payload);
      }
    }
  }
}

// Graphs and sparse constants in its attributes.
void Donor::node(Bytes message) {
  std::string_view output;
  Walk walk(message);
  for (Field field; walk.next(field);) {
    if (field.is(fields::node::output, Wire::Length) && output.empty()) output = field.text();
    if (!field.is(fields::node::attribute, Wire::Length)) continue;
    Walk inside(field.payload);
    for (Field part; inside.next(part);) {
      if (part.is(fields::attribute::g, Wire::Length) || part.is(fields::attribute::graphs, Wire::Length))
        graph(part.payload);
      if (part.is(fields::attribute::sparse_tensor, Wire::Length)) sparse_.emplace(output, part.payload);
    }
  }
}

void Donor::value(Bytes message, bool inner) {
  std::string_view name;
  Bytes type;
  Walk walk(message);
  for (Field field; walk.next(field);) {
    if (field.is(fields::value_info::name, Wire::Length)) name = field.text();
    if (field.is(fields::value_info::type, Wire::Length)) type = field.payload;
  }
  if (!type.empty()) types_.emplace(name, type);
  if (inner) described_.emplace(name);
}

namespace {
Bytes look_up(const std::map<std::string, Bytes>& map, const std::string& key) {
  const auto it = map.find(key);
  return it == map.end() ? Bytes{} : it->second;
}
}  // namespace

const std::vector<Bytes>* Donor::function(const std::string& name) const {
  const auto it = functions_.find(name);
  return it == functions_.end() ? nullptr : &it->second;
}

Bytes Donor::type(const std::string& value) const { return look_up(types_, value); }

Bytes Donor::sparse(const std::string& name) const { return look_up(sparse_, name); }

}  // namespace edgescope::format::onnx
