// The classical tensor programs of a forest: GEMM, tree traversal (TT) and perfect tree traversal (PTT), after
// Nakandala et al., "A Tensor Compiler for Unified Machine Learning Prediction Serving", OSDI 2020, in the forms
// that each device takes.
//
// They read a row's features as floats and answer its scores (what Ensemble's post-transform takes), or the leaves
// that it reaches. A row whose numbers the device's float holds reaches the leaves that the ensemble says, NaN
// included; others are rounded before they are compared, which forest/exact.h avoids. What the classical programs
// cannot say is refused by name.
#pragma once

#include <optional>
#include <string_view>

#include "base/error.h"
#include "forest/uniform.h"
#include "graph/model.h"

namespace edgescope::forest {

enum class Strategy : std::uint8_t {
  Gemm,  // matrix products: every node is tested, every path counted
  Tt,    // goes down all trees at once, level by level, looking nodes up
  Ptt    // the same in trees filled up to perfect ones, where places are computed and not looked up
};

std::string_view strategy_name(Strategy strategy);  // "gemm", ...

enum class Answer : std::uint8_t {
  Scores,  // [batch, outputs]: leaf values aggregated, averaged, base values added
  Leaves   // [batch, trees]: numbers of leaves
};

struct ProgramPlan {
  Strategy strategy = Strategy::Ptt;
  graph::Format format = graph::Format::OpenVinoIr;
  // The NCS2 computes in 16-bit floats, and its plugin has neither <= nor a logical or that compiles.
  bool ncs2 = false;
  // ONNX's operator set that the program will be written in; before 12 there is no <=.
  int opset = 18;
  int batch = 1;
  Answer answer = Answer::Scores;
  // TT: work out the steps of all nodes before the first is taken. Nothing: where that is predicted to be faster.
  std::optional<bool> ahead;

  Number number() const { return ncs2 ? Number::Float16 : Number::Float32; }
};

struct Program {
  graph::Model model;  // one input, [batch, features] of plan.number(); one output
  ProgramPlan plan;
  int depth = 0;                // levels that TT and PTT go down
  std::uint64_t constants = 0;  // bytes
};

// A valid ensemble. Scores of Aggregate::Min and Max, too.
base::Result<Program> program(const Ensemble& ensemble, const ProgramPlan& plan);

}  // namespace edgescope::forest
