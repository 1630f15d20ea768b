// Whether two models say the same, whatever their files look like.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "graph/model.h"

namespace edgescope::testing_support {

// The first difference, empty where there is none.
inline std::string difference(const graph::Model& a, const graph::Model& b) {
  const auto join = [](const std::vector<int>& list) { return fmt::format("[{}]", fmt::join(list, ",")); };
  if (a.format != b.format || a.format_version != b.format_version) return "format or its version";
  if (a.producer != b.producer) return fmt::format("producer `{}`, `{}`", a.producer, b.producer);
  if (a.name != b.name) return fmt::format("name `{}`, `{}`", a.name, b.name);
  if (a.opsets.size() != b.opsets.size()) return "number of operator sets";
  for (std::size_t i = 0; i < a.opsets.size(); ++i)
    if (a.opsets[i].domain != b.opsets[i].domain || a.opsets[i].version != b.opsets[i].version) return "operator sets";
  if (a.subgraphs.size() != b.subgraphs.size()) return "number of subgraphs";
  for (std::size_t g = 0; g < a.subgraphs.size(); ++g) {
    const graph::Subgraph &x = a.subgraphs[g], &y = b.subgraphs[g];
    const auto at = [&](std::string_view what, std::size_t i) {
      return fmt::format("subgraph {}, {} {}: ", g, what, i);
    };
    if (x.name != y.name) return fmt::format("subgraph {}: name `{}`, `{}`", g, x.name, y.name);
    if (x.inputs != y.inputs) return fmt::format("subgraph {}: inputs {}, {}", g, join(x.inputs), join(y.inputs));
    if (x.outputs != y.outputs) return fmt::format("subgraph {}: outputs {}, {}", g, join(x.outputs), join(y.outputs));
    if (x.tensors.size() != y.tensors.size())
      return fmt::format("subgraph {}: {} tensors, {}", g, x.tensors.size(), y.tensors.size());
    for (std::size_t i = 0; i < x.tensors.size(); ++i) {
      const graph::Tensor &s = x.tensors[i], &t = y.tensors[i];
      const std::string where = at("tensor", i) + s.name + ": ";
      if (s.name != t.name) return where + "name " + t.name;
      if (s.type != t.type)
        return where + fmt::format("type {}, {}", element_type_name(s.type), element_type_name(t.type));
      if (s.shape.known != t.shape.known || s.shape.dims != t.shape.dims || s.shape.resizable != t.shape.resizable ||
          s.shape.symbols != t.shape.symbols)
        return where + fmt::format("shape {}, {}", s.shape.text(), t.shape.text());
      if (s.constant != t.constant || s.variable != t.variable || s.sparse != t.sparse || s.encoding != t.encoding)
        return where + fmt::format("constant {} {}, variable {} {}, sparse {} {}, encoding {} {}", s.constant,
                                   t.constant, s.variable, t.variable, s.sparse, t.sparse, static_cast<int>(s.encoding),
                                   static_cast<int>(t.encoding));
      if (!std::equal(s.data.begin(), s.data.end(), t.data.begin(), t.data.end()))
        return where + fmt::format("data of {} bytes, {}", s.data.size(), t.data.size());
      if ((s.quantization == nullptr) != (t.quantization == nullptr)) return where + "quantisation";
      if (s.quantization) {
        const graph::Quantization &p = *s.quantization, &q = *t.quantization;
        if (p.scales != q.scales || p.zero_points != q.zero_points || p.axis != q.axis || p.block != q.block ||
            p.scales_tensor != q.scales_tensor || p.zero_points_tensor != q.zero_points_tensor)
          return where + "quantisation's values";
      }
    }
    if (x.operators.size() != y.operators.size())
      return fmt::format("subgraph {}: {} operators, {}", g, x.operators.size(), y.operators.size());
    for (std::size_t i = 0; i < x.operators.size(); ++i) {
      const graph::Operator &s = x.operators[i], &t = y.operators[i];
      const std::string where = at("operator", i) + s.source_kind + " " + s.name + ": ";
      if (s.kind != t.kind || s.source_kind != t.source_kind || s.custom != t.custom)
        return where + "kind " + t.source_kind;
      if (s.name != t.name) return where + "name " + t.name;
      if (s.version != t.version) return where + fmt::format("version {}, {}", s.version, t.version);
      if (s.inputs != t.inputs) return where + fmt::format("inputs {}, {}", join(s.inputs), join(t.inputs));
      if (s.outputs != t.outputs) return where + fmt::format("outputs {}, {}", join(s.outputs), join(t.outputs));
      if (!std::equal(s.options.begin(), s.options.end(), t.options.begin(), t.options.end())) return where + "options";
      for (const auto& [name, value] : s.attributes)
        if (const graph::Attribute* other = graph::find(t.attributes, name); other == nullptr || *other != value)
          return where + "attribute " + name;
      if (s.attributes.size() != t.attributes.size()) return where + "number of attributes";
    }
  }
  const auto same_bindings = [](const auto& p, const auto& q) {
    return std::equal(p.begin(), p.end(), q.begin(), q.end(),
                      [](const auto& s, const auto& t) { return s.name == t.name && s.tensor == t.tensor; });
  };
  if (a.signatures.size() != b.signatures.size()) return "number of signatures";
  for (std::size_t i = 0; i < a.signatures.size(); ++i) {
    const graph::Signature &s = a.signatures[i], &t = b.signatures[i];
    if (s.key != t.key || s.subgraph != t.subgraph || !same_bindings(s.inputs, t.inputs) ||
        !same_bindings(s.outputs, t.outputs))
      return "signature " + s.key;
  }
  if (a.metadata.size() != b.metadata.size()) return "number of metadata entries";
  for (std::size_t i = 0; i < a.metadata.size(); ++i)
    if (a.metadata[i].key != b.metadata[i].key || a.metadata[i].value != b.metadata[i].value ||
        a.metadata[i].bytes != b.metadata[i].bytes)
      return "metadata " + a.metadata[i].key;
  return {};
}

}  // namespace edgescope::testing_support
