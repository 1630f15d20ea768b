// What the MYRIAD plugin's compiler makes of one operator: the checks that its front end and its stages make,
// in our words. They follow OpenVINO's public sources (Apache-2.0) and are held against the plugin 2021.4.2 on
// some hundred one-operator networks.
//
// The device knows two types: every float is computed in 16 bits, every integer and truth value in 32.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "graph/model.h"

namespace edgescope::target::ncs2 {

enum class DataType : std::uint8_t { Fp16, S32 };
std::string_view data_type_name(DataType type);

// An operator with what its surroundings make of it.
struct Site {
  const graph::Model& model;
  const graph::Subgraph& subgraph;
  const graph::Operator& op;
  const std::vector<bool>& folded;  // per tensor: known when the network is compiled
  bool output_is_result = false;    // the first output leaves the network and no operator reads it

  const graph::Tensor* input(std::size_t index) const;
  DataType input_type(std::size_t index) const;
  DataType output_type() const;
  std::size_t rank(std::size_t input) const;
  bool constant(std::size_t input) const;
};

struct Refusal {
  std::string reason;  // "the plugin has no stage for it"
  std::string remedy;
  bool only_by_its_stage =
      false;  // the front end takes it and a stage's check fails later, which QueryNetwork does not see
};

// Why the compile fails at this operator; nothing where it goes through.
std::optional<Refusal> refusal(const Site& site);

// Whether QueryNetwork knows an operator that compiles. It does not where OpenVINO takes the operator apart before
// the plugin sees it: the parts have other names.
bool query_knows(const Site& site);

// The stages that the compiler makes of a fully connected layer, one a row; 1 of any other operator.
std::uint64_t row_stages(const graph::Subgraph& graph, const graph::Operator& op);

}  // namespace edgescope::target::ncs2
