// The IR that a model was read from, asked by its writer for what a graph::Model does not hold.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "graph/model.h"

namespace edgescope::format::openvino {

class Donor {
 public:
  struct Result {
    std::uint64_t id;
    std::string name;
    std::string output_names;
  };
  struct Graph {
    std::vector<std::uint64_t> parameters;  // their ids, in order
    std::vector<Result> results;
    std::map<std::string, std::string> notes;  // by "type name" of a layer: its <rt_info>, as XML
  };

  // Nothing is found where the model was not read from an IR.
  explicit Donor(const graph::Model& model);

  const Graph& graph(std::size_t subgraph) const;
  const std::string& tail() const { return tail_; }  // the elements of the net behind <edges>, as XML

 private:
  std::vector<Graph> graphs_;  // by subgraph
  std::string tail_;
};

}  // namespace edgescope::format::openvino
