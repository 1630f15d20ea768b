// The ONNX file that a model was read from, asked by its writer for what a graph::Model does not hold.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "format/onnx/wire.h"
#include "graph/model.h"

namespace edgescope::format::onnx {

class Donor {
 public:
  // Nothing is found where the model was not read from an ONNX file.
  explicit Donor(const graph::Model& model);

  bool known() const { return known_; }
  // Fields of the model other than its graphs and operator sets, whole.
  const std::vector<Bytes>& model_fields() const { return model_fields_; }
  // Fields of a function other than its values and nodes, whole; null where the subgraph is none.
  const std::vector<Bytes>* function(const std::string& name) const;

  // What is said of a value's type, as a message; empty where nothing is.
  Bytes type(const std::string& value) const;
  // Whether the file describes a value that is neither input nor output.
  bool describes(const std::string& value) const { return described_.contains(value); }
  // A sparse constant, as a message.
  Bytes sparse(const std::string& name) const;

 private:
  void function(Bytes message);
  void graph(Bytes message);
  void node(Bytes message);
  void value(Bytes message, bool inner);

  bool known_ = false;
  std::vector<Bytes> model_fields_;
  std::map<std::string, std::vector<Bytes>> functions_;
  std::map<std::string, Bytes> types_, sparse_;
  std::set<std::string> described_;
};

}  // namespace edgescope::format::onnx
