// What every reader of trees does last: the nodes in the order of the file become a forest::Tree.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "base/error.h"
#include "format/forest/ensemble.h"

namespace edgescope::forest {

// `nodes` name their children by their places in the file; the tree is what can be reached from `root`. `add_values`
// appends the values of the leaf that stands at a place of the file, one for each of `outputs`. The error says
// which node is not a node of a tree: a child outside, or one that is reached twice. `seen` is for trees that share
// one list of nodes: no node may belong to two of them.
using AddValues = std::function<void(int place, std::vector<double>& values)>;
base::Result<Tree> arrange(const std::vector<Node>& nodes, int root, std::vector<int> outputs,
                           const AddValues& add_values);
base::Result<Tree> arrange(const std::vector<Node>& nodes, int root, std::vector<int> outputs,
                           const AddValues& add_values, std::vector<bool>& seen);

// The set of a library that truncates what it looks up: [c, c + 1) for each category c. Numbers from `end` on are
// never found.
Set categories(std::vector<std::uint32_t> members, double end);

// What a file says and these types cannot: "... is not supported", with the file's own name for it.
base::Error unsupported(std::string what, const std::string& path);

}  // namespace edgescope::forest
