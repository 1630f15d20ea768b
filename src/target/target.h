// A device as every command sees it: what it makes of each operator of a model, before any vendor tool
// has seen the model. One implementation a device, in its own folder.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "graph/model.h"
#include "target/partition.h"
#include "target/verdict.h"

namespace edgescope::target {

struct Check {
  bool compiles = true;  // false where the vendor's compiler would fail: `failure` says why
  std::string failure, remedy;
  std::vector<Verdict> operators;  // one for each operator of the main subgraph, in its order
  int stop = -1;                   // the operator at which the device's part ends, where it ends before the model does

  std::vector<bool> mapped() const {
    std::vector<bool> result;
    for (const Verdict& verdict : operators) result.push_back(verdict.mapping == Mapping::Mapped);
    return result;
  }
};

class Target {
 public:
  virtual ~Target() = default;

  virtual std::string_view name() const = 0;  // as `--target` names it
  virtual std::string software() const = 0;   // whose answer is predicted: "edgetpu_compiler 16"

  // One operator, regardless of its neighbours.
  virtual Verdict check(const graph::Subgraph& subgraph, int op) const = 0;
  // The whole model, with the rules that look at more than one operator.
  virtual Check check(const graph::Model& model) const = 0;
};

}  // namespace edgescope::target
