// One GraphProto or FunctionProto as a subgraph.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/error.h"
#include "format/onnx/attributes.h"
#include "format/onnx/context.h"

namespace edgescope::format::onnx {

class GraphReader {
 public:
  // `opsets` are the function's own, looked at before the model's; `index` is the place in model.subgraphs
  // that the graph takes; `outer` the graph around a body.
  GraphReader(Context& context, const Opsets& opsets, int index, GraphReader* outer = nullptr)
      : context_(context),
        opsets_(opsets),
        index_(index),
        outer_(outer),
        depth_(outer == nullptr ? 0 : outer->depth_ + 1),
        names_(0, Hash{&graph_}, Equal{&graph_}) {}
  GraphReader(const GraphReader&) = delete;
  GraphReader& operator=(const GraphReader&) = delete;

  base::Status graph(Bytes message, std::string name);
  base::Status function(Bytes message, std::string name);

  // Tensors of the outer graph that the body reads and that are not constant, each once.
  const std::vector<int>& captured() const { return captured_; }

 private:
  struct Node {
    Field field;
    int op = -1;  // -1: a constant, which is a tensor now
  };
  struct Header {  // what a node says of itself, but for inputs and attributes
    std::string_view type, domain, name, overload;
    std::vector<std::string_view> outputs;
    std::vector<Bytes> attributes;
  };
  // Tensors by their name, which only the tensor holds.
  struct Hash {
    using is_transparent = void;
    const graph::Subgraph* graph;
    std::size_t operator()(std::string_view name) const { return std::hash<std::string_view>()(name); }
    std::size_t operator()(int tensor) const { return (*this)(graph->tensors[static_cast<std::size_t>(tensor)].name); }
  };
  struct Equal {
    using is_transparent = void;
    const graph::Subgraph* graph;
    std::string_view name(int tensor) const { return graph->tensors[static_cast<std::size_t>(tensor)].name; }
    bool operator()(int a, int b) const { return a == b; }
    bool operator()(std::string_view a, int b) const { return a == name(b); }
    bool operator()(int a, std::string_view b) const { return name(a) == b; }
  };

  base::Status sort_parts(Bytes message);
  base::Status initializer(const Field& field, bool sparse);
  base::Status inputs();
  base::Status declare_nodes();
  base::Status declare(Node& node);
  base::Result<bool> fold(const Header& header, const Field& field);
  base::Result<Header> header(const Field& field) const;
  base::Status types(const std::vector<Field>& infos);
  base::Status connect_nodes();
  base::Status connect(const Node& node);
  base::Status attribute(graph::Operator& op, NodeAttribute attribute, const Node& node, std::vector<int>& captured);
  base::Status bodies(graph::Operator& op, const NodeAttribute& attribute, std::vector<int>& captured);
  base::Status outputs();
  base::Status annotations();
  base::Status annotate(const Field& field);
  void finish();

  int find(std::string_view name) const;
  base::Result<int> add(graph::Tensor tensor, const std::byte* at);
  base::Result<int> resolve(std::string_view name, const std::byte* at);
  base::Result<std::string_view> value_name(Bytes value_info, Bytes* type = nullptr) const;
  std::string place(const graph::Operator& op) const;
  std::int64_t version(std::string_view domain) const;
  graph::Extent owner(graph::Extent::Owner owner, int tensor, int op = -1) const {
    return {.owner = owner, .subgraph = index_, .tensor = tensor, .op = op};
  }

  Context& context_;
  const Opsets& opsets_;
  int index_;
  GraphReader* outer_;
  int depth_;
  graph::Subgraph graph_;
  std::unordered_set<int, Hash, Equal> names_;
  std::vector<int> captured_;
  std::vector<Node> nodes_;
  std::vector<Field> inputs_, outputs_, infos_, annotations_;
};

}  // namespace edgescope::format::onnx
