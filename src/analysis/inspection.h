// What is inside a model, counted: operators, parameters, multiply-accumulates, activations, bytes.
//
// Every figure is exact: read from the file or derived from its shapes. Rows add up to totals: a constant
// that several operators read is counted with the first of them (in the file's order), and every byte of
// the files has one owner. Nothing here reads the weights, so the cost does not grow with them.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "graph/extents.h"
#include "graph/model.h"

namespace edgescope::analysis {

using Count = std::optional<std::uint64_t>;  // nothing: the file does not say, see macs.h

struct OperatorCost {
  Count macs;
  Count read_bytes;                       // activations in, each tensor once
  Count written_bytes;                    // activations out
  std::uint64_t parameters = 0;           // elements of the constants that it is the first to read
  std::uint64_t weight_bytes = 0;         // their bytes in the files
  std::uint64_t shared_weight_bytes = 0;  // of constants that are counted with an earlier operator
  std::uint64_t file_bytes = 0;           // its own description
};

// Sums over operators; what is not known of an operator is left out and counted in the second line.
struct Sum {
  std::uint64_t operators = 0, parameters = 0, weight_bytes = 0, macs = 0, read_bytes = 0, written_bytes = 0;
  std::uint64_t without_macs = 0, without_bytes = 0;

  void add(const OperatorCost& cost);
};

struct KindSum {
  graph::Kind kind;
  Sum sum;
};

// Constants by element type: what says whether a model is quantised.
struct TypeSum {
  graph::ElementType type;
  std::uint64_t tensors = 0, parameters = 0, bytes = 0;
};

struct FileSum {
  std::string_view path;
  std::uint64_t bytes = 0;
  std::vector<graph::OwnerTotal> owners;  // add up to `bytes`
};

struct SubgraphCost {
  std::vector<OperatorCost> operators;      // as Subgraph::operators
  std::vector<std::uint64_t> tensor_bytes;  // bytes of the files, data and description, by tensor
  std::vector<int> constants;               // by tensor: tensors with the same number share their data; -1: no data
};

struct Inspection {
  std::vector<SubgraphCost> subgraphs;
  Sum total;  // operators of bodies and functions once, however often they run
  std::uint64_t tensors = 0;
  std::uint64_t constants = 0;           // tensors with data of their own or shared
  std::uint64_t distinct_constants = 0;  // SubgraphCost::constants numbers them
  std::uint64_t file_bytes = 0;
  std::vector<KindSum> kinds;  // most multiply-accumulates first, then most weight bytes, then most operators
  std::vector<TypeSum> types;  // most bytes first
  std::vector<FileSum> files;
};

// `model` must outlive the result.
Inspection inspect(const graph::Model& model);

// What to call an operator: its name, else that of its first output, as TFLite's own tools do.
std::string_view operator_name(const graph::Subgraph& subgraph, const graph::Operator& op);

}  // namespace edgescope::analysis
