// The caching plan: how to compile one or several models for the sticks at hand, so that the fewest
// microseconds go into parameters that are sent again.
//
// What can be chosen: which models are compiled together, in which order, and over how many sticks one
// model is cut. What each choice costs follows from the caching law (memory_model.h) and the link law
// (cost.h):
// - Models compiled by themselves drop each other's cache: every change of model sends all of the next
//   one's cached parameters again.
// - Models compiled together share one pool and one token, so nothing is sent again, but what no longer
//   fits is streamed at every inference. Compilers before 16 fill the pool model by model, in the order of
//   the command; 16 fills it layer by layer over all models, so that the order decides between layers of
//   equal size only. (google-coral/edgetpu #518 shows both.)
// - A model cut into segments has a whole pool for each, and pays a call and a transfer at each cut. The
//   compiler cuts where each segment gets about the same amount of parameters.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "graph/model.h"
#include "target/edgetpu/cost.h"
#include "target/edgetpu/memory_model.h"

namespace edgescope::target::edgetpu {

// A model as the plan sees it.
struct PlanModel {
  std::string file;
  std::vector<StoredLayer> layers;      // in execution order
  std::vector<std::uint64_t> crossing;  // a layer each: bytes of results that are needed behind it
  Cap cap;
  std::vector<std::string> not_predicted = {};  // what the caching law does not cover in it

  std::uint64_t stored_bytes() const;
};

// `mapped`: for each operator whether it runs on the Edge TPU; empty: all do.
PlanModel plan_model(std::string file, const graph::Subgraph& subgraph, const std::vector<bool>& mapped,
                     Compiler compiler);

// The pool of one stick shared by models that are compiled together, in the command's order; one Fill a
// model, whose `rows_used` are those of the whole pool when it was served.
std::vector<Fill> share_pool(std::span<const PlanModel* const> models, Compiler compiler, int cap);

// The layers of each of `count` segments: [begin, end) indices. The compiler is documented to give each about
// the same amount of parameters; that it cuts before a part would hold more than its share is what the one
// public pair of segments shows.
struct Segment {
  std::size_t begin = 0, end = 0;
};
std::vector<Segment> segments(const PlanModel& model, int count);

struct PlanRequest {
  Compiler compiler = Compiler::V16;
  Link link = Link::Usb3;
  int sticks = 1;
  int turn = 1;  // inferences of a model before the next one's turn
};

// What one model, or one segment of it, keeps and sends.
struct PlanShare {
  std::size_t model = 0;  // of the models given
  int segment = 0;
  std::uint64_t cached_bytes = 0, streamed_bytes = 0;  // at the central cap; streamed at every inference
  std::uint64_t resent_bytes = 0;                      // cached ones that every turn sends again
  std::uint64_t boundary_bytes = 0;                    // results that leave for the next segment
};

// What one run of the compiler makes, and the stick or sticks that run it.
struct PlanUnit {
  enum class Mode : std::uint8_t {
    Alone,       // one model on a stick of its own
    Separate,    // several models on one stick, each compiled by itself
    CoCompiled,  // several models on one stick, compiled together
    Segmented,   // one model over several sticks
  };
  Mode mode = Mode::Alone;
  std::vector<std::size_t> models;  // in the command's order
  int sticks = 1;
  std::vector<PlanShare> shares;
  std::vector<std::string> commands;
};
std::string_view mode_name(PlanUnit::Mode mode);

struct PlanChoice {
  std::vector<PlanUnit> units;
  std::uint64_t parameter_bytes =
      0;  // over the links in one round (`turn` inferences of each model), at the central cap
  std::uint64_t parameter_low = 0, parameter_high = 0;  // the same over the range of caps
  Interval microseconds;                                // of all of these, and of the calls and transfers that cuts add
  Interval saved;  // against all models compiled by themselves on one stick, at the central cap

  int sticks() const;
};

struct Plan {
  std::vector<PlanChoice> choices;  // best first, one for each way of grouping; each in its best order
  std::size_t considered = 0;       // ways that were looked at
  bool exhaustive = true;           // false where there are too many models to try every order
};

// Up to six models every grouping in every order is tried; with more, models are dealt to the sticks by size
// and neighbours in the order exchanged as long as it helps.
Plan plan(std::span<const PlanModel> models, const PlanRequest& request);

}  // namespace edgescope::target::edgetpu
