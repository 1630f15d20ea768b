#include "format/forest/arrange.h"

#include <fmt/format.h>

#include <algorithm>

namespace edgescope::forest {

base::Result<Tree> arrange(const std::vector<Node>& nodes, int root, std::vector<int> outputs,
                           const AddValues& add_values) {
  std::vector<bool> seen(nodes.size());
  return arrange(nodes, root, std::move(outputs), add_values, seen);
}

base::Result<Tree> arrange(const std::vector<Node>& nodes, int root, std::vector<int> outputs,
                           const AddValues& add_values, std::vector<bool>& seen) {
  struct Pending {
    int place;
    int parent;
    bool on_true;
  };
  Tree tree;
  tree.outputs = std::move(outputs);
  std::vector<Pending> pending = {{root, -1, false}};
  int leaves = 0;
  while (!pending.empty()) {
    const Pending next = pending.back();
    pending.pop_back();
    if (next.place < 0 || static_cast<std::size_t>(next.place) >= nodes.size())
      return base::fail(
          {.what = fmt::format("a node has the child {}, and there are {} nodes", next.place, nodes.size())});
    const auto place = static_cast<std::size_t>(next.place);
    if (seen[place]) return base::fail({.what = fmt::format("node {} is reached in two ways", next.place)});
    seen[place] = true;
    const int index = static_cast<int>(tree.nodes.size());
    if (next.parent >= 0) {
      Node& parent = tree.nodes[static_cast<std::size_t>(next.parent)];
      (next.on_true ? parent.on_true : parent.on_false) = index;
    }
    Node node = nodes[place];
    if (node.is_leaf()) {
      node.leaf = leaves++;
      add_values(next.place, tree.values);
    } else {
      pending.push_back({node.on_false, index, false});
      pending.push_back({node.on_true, index, true});
    }
    tree.nodes.push_back(node);
  }
  return tree;
}

Set categories(std::vector<std::uint32_t> members, double end) {
  std::sort(members.begin(), members.end());
  members.erase(std::unique(members.begin(), members.end()), members.end());
  Set set;
  for (const std::uint32_t member : members) {
    const double low = member;
    if (low >= end) break;
    if (!set.empty() && set.back() == low)
      set.back() = low + 1;
    else
      set.insert(set.end(), {low, low + 1});
  }
  if (!set.empty()) set.back() = std::min(set.back(), end);
  return set;
}

base::Error unsupported(std::string what, const std::string& path) {
  return {.fault = base::Fault::input, .what = std::move(what) + ", which edgescope does not support", .file = path};
}

}  // namespace edgescope::forest
