// One model's predictions by one runtime, for comparing runtimes with each other: a worker started,
// the model loaded, rows of inputs run, the outputs brought back.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "measure/worker.h"

namespace edgescope::measure {

struct InferenceRequest {
  runtime::Found runtime;
  std::string model;
  int threads = 1;
  std::map<std::string, std::string> properties;
  std::uint64_t rows = 1;
  std::uint64_t seed = 1;                      // of the inputs, where `inputs` is empty
  std::vector<std::vector<std::byte>> inputs;  // a port each: rows * Port::bytes, row after row
};

struct Inference {
  runtime::Loaded loaded;                       // ports, kernels, precision, notes
  std::vector<std::vector<std::byte>> outputs;  // a port each: rows * Port::bytes
};

base::Result<Inference> infer(const InferenceRequest& request);

}  // namespace edgescope::measure
