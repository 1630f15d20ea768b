// Everything that was measured by experiments on this machine: one SQLite file, by default in the XDG state
// folder, which survives a kill at any moment. A visit is written in one transaction when it is over, so that
// nothing is lost but the visit that was under way, and none is measured twice.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "experiment/plan.h"

struct sqlite3;

namespace edgescope::experiment {

// One fresh process at one point: what it timed, or why it could not.
struct Visit {
  std::size_t round = 0;
  std::vector<double> samples_us;
  double load_us = 0, first_us = 0;
  bool stationary = true;
  base::Json facts = base::Json::object();  // what is not a time: runtime and version, bytes, stages, outputs' digest
  std::string failure;                      // empty where it ran
};

struct Point {
  std::int64_t id = 0;
  base::Json spec;
};

struct Run {
  std::int64_t id = 0;
  std::string name;
  base::Json plan, environment;
  std::string program;            // edgescope's version
  std::string started, finished;  // UTC, ISO 8601; `finished` is empty while points are left
  std::int64_t points = 0, visits = 0;
};

class Store {
 public:
  // Makes the file, and its folder, where it is absent. A file that is something else is an error and stays as
  // it is.
  static base::Result<Store> open(const std::string& path);
  static std::string default_path();  // XDG_STATE_HOME/edgescope/experiments.sqlite

  // The newest run of exactly this plan that is not finished.
  base::Result<std::optional<std::int64_t>> unfinished(const base::Json& plan);
  base::Result<std::int64_t> begin(const Plan& plan, const std::vector<base::Json>& specs,
                                   const base::Json& environment, const std::string& program);
  base::Status add(std::int64_t point, const Visit& visit);  // one transaction
  base::Status finish(std::int64_t run);

  base::Result<std::vector<Run>> runs();   // the newest first
  base::Result<Run> run(std::int64_t id);  // Fault::usage where there is none
  base::Result<std::vector<Point>> points(std::int64_t run);
  base::Result<std::vector<Visit>> visits(std::int64_t point);        // by round
  base::Result<std::vector<std::size_t>> rounds(std::int64_t point);  // visited ones, without reading samples

 private:
  struct Close {
    void operator()(sqlite3* connection) const;
  };
  explicit Store(sqlite3* connection, std::string path) : connection_(connection), path_(std::move(path)) {}

  std::unique_ptr<sqlite3, Close> connection_;
  std::string path_;
};

}  // namespace edgescope::experiment
