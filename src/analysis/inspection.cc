#include "analysis/inspection.h"

#include <algorithm>
#include <functional>
#include <map>
#include <tuple>

#include "analysis/macs.h"
#include "base/checked.h"

namespace edgescope::analysis {
namespace {

using graph::Extent;
using graph::Tensor;

// Numbers constants by their place in memory, so that tensors which share their bytes are one constant.
void number_constants(const graph::Model& model, Inspection& result) {
  struct Place {
    const std::byte* data;
    int* number;
  };
  std::vector<Place> places;
  for (std::size_t s = 0; s < model.subgraphs.size(); ++s) {
    const auto& tensors = model.subgraphs[s].tensors;
    auto& numbers = result.subgraphs[s].constants;
    numbers.assign(tensors.size(), -1);
    for (std::size_t t = 0; t < tensors.size(); ++t)
      if (tensors[t].constant && !tensors[t].data.empty()) places.push_back({tensors[t].data.data(), &numbers[t]});
  }
  std::sort(places.begin(), places.end(),
            [](const Place& a, const Place& b) { return std::less<const std::byte*>()(a.data, b.data); });
  int number = -1;
  const std::byte* last = nullptr;
  for (const Place& place : places) {
    if (place.data != last) ++number;
    last = place.data;
    *place.number = number;
  }
  result.distinct_constants = static_cast<std::uint64_t>(number + 1);
}

// Which constants have been counted.
class Counted {
 public:
  explicit Counted(const Inspection& inspection) : counted_(inspection.distinct_constants, false) {}
  bool first(int number) {
    if (number < 0 || counted_[static_cast<std::size_t>(number)]) return false;
    counted_[static_cast<std::size_t>(number)] = true;
    return true;
  }

 private:
  std::vector<bool> counted_;
};

// Bytes of the files; data that was made from attributes has none of its own.
std::uint64_t stored_bytes(const graph::Model& model, const Tensor& tensor) {
  const std::less_equal<const std::byte*> order;
  for (const base::MappedFile& file : model.files)
    if (order(file.bytes().data(), tensor.data.data()) &&
        order(tensor.data.data() + tensor.data.size(), file.bytes().data() + file.size()))
      return tensor.data.size();
  return 0;
}

Count bytes_of(const Tensor& tensor) {
  const Count elements = tensor.shape.elements();
  if (!elements || graph::element_bits(tensor.type) == 0) return std::nullopt;
  return graph::packed_bytes(tensor.type, *elements);
}

Count plus(Count a, Count b) { return a && b ? base::checked_add(*a, *b) : std::nullopt; }

bool listed_before(const std::vector<int>& list, std::size_t at) {
  return std::find(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(at), list[at]) !=
         list.begin() + static_cast<std::ptrdiff_t>(at);
}

OperatorCost cost_of(const graph::Model& model, const graph::Subgraph& subgraph, const graph::Operator& op,
                     const std::vector<int>& constants, Counted& counted) {
  OperatorCost cost{.macs = macs(model, subgraph, op), .read_bytes = 0, .written_bytes = 0};
  for (std::size_t i = 0; i < op.inputs.size(); ++i) {
    if (op.inputs[i] < 0 || listed_before(op.inputs, i)) continue;
    const auto index = static_cast<std::size_t>(op.inputs[i]);
    const Tensor& tensor = subgraph.tensors[index];
    if (!tensor.constant) {
      cost.read_bytes = plus(cost.read_bytes, bytes_of(tensor));
    } else if (counted.first(constants[index])) {
      cost.parameters += tensor.shape.elements().value_or(0);
      cost.weight_bytes += stored_bytes(model, tensor);
    } else {
      cost.shared_weight_bytes += stored_bytes(model, tensor);
    }
  }
  for (int output : op.outputs)
    if (output >= 0)
      cost.written_bytes = plus(cost.written_bytes, bytes_of(subgraph.tensors[static_cast<std::size_t>(output)]));
  return cost;
}

void add_extents(const graph::Model& model, Inspection& result) {
  for (const base::MappedFile& file : model.files) {
    FileSum& sum = result.files.emplace_back(FileSum{.path = file.path(), .bytes = file.size()});
    sum.owners = graph::totals({});
    result.file_bytes += file.size();
  }
  for (const Extent& extent : model.extents) {
    result.files[static_cast<std::size_t>(extent.file)].owners[static_cast<std::size_t>(extent.owner)].bytes +=
        extent.size;
    if (extent.subgraph < 0) continue;
    SubgraphCost& subgraph = result.subgraphs[static_cast<std::size_t>(extent.subgraph)];
    if (extent.op >= 0)
      subgraph.operators[static_cast<std::size_t>(extent.op)].file_bytes += extent.size;
    else if (extent.tensor >= 0)
      subgraph.tensor_bytes[static_cast<std::size_t>(extent.tensor)] += extent.size;
  }
}

std::vector<TypeSum> types_of(const graph::Model& model, const Inspection& inspection) {
  std::map<graph::ElementType, TypeSum> sums;
  Counted counted(inspection);
  for (std::size_t s = 0; s < model.subgraphs.size(); ++s)
    for (std::size_t t = 0; t < model.subgraphs[s].tensors.size(); ++t) {
      const Tensor& tensor = model.subgraphs[s].tensors[t];
      if (!counted.first(inspection.subgraphs[s].constants[t])) continue;
      TypeSum& sum = sums.try_emplace(tensor.type, TypeSum{.type = tensor.type}).first->second;
      ++sum.tensors;
      sum.parameters += tensor.shape.elements().value_or(0);
      sum.bytes += stored_bytes(model, tensor);
    }
  std::vector<TypeSum> types;
  for (const auto& [type, sum] : sums) types.push_back(sum);
  std::stable_sort(types.begin(), types.end(), [](const TypeSum& a, const TypeSum& b) { return a.bytes > b.bytes; });
  return types;
}

}  // namespace

void Sum::add(const OperatorCost& cost) {
  // What would leave 64 bits (only absurd shapes do) counts as not known.
  const auto add_to = [](std::uint64_t& sum, Count part) {
    const Count next = plus(sum, part);
    sum = next.value_or(sum);
    return next.has_value();
  };
  ++operators;
  parameters += cost.parameters;
  weight_bytes += cost.weight_bytes;
  without_macs += !add_to(macs, cost.macs);
  const bool read = add_to(read_bytes, cost.read_bytes), written = add_to(written_bytes, cost.written_bytes);
  without_bytes += !(read && written);
}

Inspection inspect(const graph::Model& model) {
  Inspection result;
  result.subgraphs.resize(model.subgraphs.size());
  number_constants(model, result);
  Counted counted(result);
  std::map<graph::Kind, Sum> kinds;
  for (std::size_t s = 0; s < model.subgraphs.size(); ++s) {
    const graph::Subgraph& subgraph = model.subgraphs[s];
    SubgraphCost& costs = result.subgraphs[s];
    costs.tensor_bytes.resize(subgraph.tensors.size());
    costs.operators.reserve(subgraph.operators.size());
    for (const graph::Operator& op : subgraph.operators) {
      const OperatorCost& cost = costs.operators.emplace_back(cost_of(model, subgraph, op, costs.constants, counted));
      result.total.add(cost);
      kinds[op.kind].add(cost);
    }
    result.tensors += subgraph.tensors.size();
    for (const Tensor& tensor : subgraph.tensors) result.constants += tensor.constant;
  }
  add_extents(model, result);
  for (const auto& [kind, sum] : kinds) result.kinds.push_back({kind, sum});
  std::stable_sort(result.kinds.begin(), result.kinds.end(), [](const KindSum& a, const KindSum& b) {
    return std::tie(a.sum.macs, a.sum.weight_bytes, a.sum.operators) >
           std::tie(b.sum.macs, b.sum.weight_bytes, b.sum.operators);
  });
  result.types = types_of(model, result);
  return result;
}

std::string_view operator_name(const graph::Subgraph& subgraph, const graph::Operator& op) {
  if (!op.name.empty()) return op.name;
  for (int output : op.outputs)
    if (output >= 0) return subgraph.tensors[static_cast<std::size_t>(output)].name;
  return {};
}

}  // namespace edgescope::analysis
