// A runtime that is asked what models answer to given inputs: how one comes to compare answers of several runtimes, and
// of several models, to the same question.
//
// It lives in a worker that serves many questions, and is started again after a crash or a time-out, which is an
// answer about that one model.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "measure/worker.h"
#include "runtime/session.h"

namespace edgescope::analysis {

using Buffers = std::vector<std::vector<std::byte>>;  // a port each: rows * Port::bytes

// What is asked.
struct Inputs {
  std::vector<runtime::Port> ports;
  Buffers given;
  std::uint64_t rows = 0;
  std::vector<std::string> notes = {};  // what was done to what was given, in words
};

// Seeded inputs for these ports (runtime/inputs.h); fewer rows where the outputs of so many would take over 64 MiB.
Inputs seeded_inputs(const runtime::Loaded& loaded, std::uint64_t rows, std::uint64_t seed);

// One input's values for a port that holds the same numbers in another type: quantised or not, in single, half or
// double precision. Nothing where one of the two is neither a float nor quantised.
std::optional<std::vector<std::byte>> converted(const runtime::Port& from, std::span<const std::byte> values,
                                                const runtime::Port& to);

class Respondent {
 public:
  Respondent(measure::WorkerSpec spec, int threads, std::map<std::string, std::string> properties)
      : spec_(std::move(spec)), threads_(threads), properties_(std::move(properties)) {}

  const std::string& name() const { return spec_.runtime.name; }

  // Fault::runtime where the outputs are no predictions.
  base::Result<runtime::Loaded> load(const std::string& model);

  // Of the model that was loaded last. Ports find their inputs by name, else by place; a port of another type gets
  // the same numbers in its own.
  base::Result<Buffers> answer(const Inputs& inputs);

 private:
  measure::WorkerSpec spec_;
  int threads_;
  std::map<std::string, std::string> properties_;
  std::optional<measure::Worker> worker_;
  std::vector<runtime::Port> ports_;
};

}  // namespace edgescope::analysis
