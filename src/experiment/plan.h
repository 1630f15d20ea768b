// What an experiment measures and asks: grids of points, how often each is visited, and the questions that its
// timings are to answer. Read from TOML (docs/sweep.md); the notebook's own plans are built in.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"

namespace edgescope::experiment {

// Every combination of the axes' values is a point. An axis is a member of the point's spec: `on` (a runtime),
// `predict` (a device that is predicted instead), `threads`, `model` (a file), `property.NAME`, or a parameter of the
// family of models that `family` names.
struct Grid {
  std::vector<std::pair<std::string, std::vector<base::Json>>> axes;
};

struct Question {
  std::string kind;   // "scaling", "variance", "ladder", "size", "parity", "strategies"
  std::string along;  // the axis that is followed, where the question follows one
};

// Timings that somebody else took: they become points whose visits are there already.
struct Import {
  std::string file;    // see timings.h
  std::string series;  // in it
  base::Json spec;
};

// Figures that somebody published without the calls behind them: each becomes a point that is told its time.
struct Published {
  base::Json spec;  // with `published`: by whom
  double us = 0;
  std::string source;  // where it stands, and what is to be known of it
};

struct Plan {
  std::string name;   // "notebook/batch", or the file's
  std::string about;  // a sentence
  std::vector<Grid> grids;
  std::vector<Import> imports;
  std::vector<Published> published;
  std::vector<std::string> predict;  // devices that every grid which names no runtime is predicted for, too
  std::vector<Question> questions;
  std::size_t rounds = 5;  // visits of each point, a fresh process each
  double seconds = 0.5;    // of samples in each
  std::uint64_t seed = 1;
};

base::Result<Plan> read_plan(const std::string& path);
base::Result<Plan> parse_plan(std::string_view toml, const std::string& name);

// The specs of all points, each once however many grids hold it, in the order of the plan. `parse_plan` has made
// sure that they are no more than kMostPoints.
std::vector<base::Json> points(const Plan& plan);

inline constexpr std::size_t kMostPoints = 100'000;

// The whole plan as it is stored: two plans are the same when this is.
base::Json to_json(const Plan& plan);

}  // namespace edgescope::experiment
