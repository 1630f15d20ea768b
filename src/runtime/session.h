// One model loaded by one runtime, inside a worker process: load, run, profile. So few methods that a
// null session can measure the harness itself (after MLPerf LoadGen's system under test).
//
// Adapters live in runtime/<name>/ and reach vendor code through dlopen only. They are linked into
// worker processes, never into the main program.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "graph/element_type.h"

namespace edgescope::runtime {

// An input or output as the runtime sees it after loading: the shape is concrete, bytes are what a
// buffer takes. Quantised: real = scale * (q - zero_point), per tensor.
struct Port {
  std::string name;
  graph::ElementType type = graph::ElementType::Unknown;
  std::vector<std::int64_t> shape;
  std::uint64_t bytes = 0;
  bool quantized = false;
  double scale = 0;
  std::int64_t zero_point = 0;
};

struct LoadRequest {
  std::string model;    // path
  std::string library;  // the runtime's shared library, see runtime/catalog.h
  std::string host;     // the library that runs the graph around it, for a runtime that is a delegate
  std::vector<std::string> alternate = {};  // further models of the same device: a run is then one inference of each
  int sticks = 1;                           // devices that the models go round
  int threads = 1;                          // 0: as the runtime itself does
  bool profile = false;                     // per-operator times are wanted; may slow the run
  std::map<std::string, std::string> properties;  // in the runtime's own vocabulary
  // Operators whose first result is wanted as an output too; those that the runtime does not know by this name, or has
  // no result of, are left out.
  std::vector<std::string> also_outputs = {};
  // OpenVINO 2021: what is 32-bit floats at the ends is given and taken as 16-bit ones, as a program does that sets the
  // precision of its inputs and outputs. It shows 16-bit ends as 32-bit ones unless it is told so.
  bool half_ends = false;
};

// What a reader needs to know to believe a figure.
struct Loaded {
  std::vector<Port> inputs, outputs;
  std::string version;
  std::string kernels;    // "builtin", "xnnpack", "onednn", ...
  std::string precision;  // "as in the model", "f32", "bf16 (chosen by the plugin)"
  int threads = 1;
  std::vector<std::string> notes;  // said fallbacks and the like, one sentence each
  std::string meaningless;         // why the outputs are no predictions; empty where they are
};

struct OperatorTime {
  std::string name;    // the runtime's own name for the node
  std::string kind;    // the runtime's own kind
  std::string kernel;  // implementation chosen, empty where it is not told
  double microseconds = 0;
};

class Session {
 public:
  virtual ~Session() = default;
  // Of the library, without a model.
  virtual base::Result<std::string> version(const std::string& library) = 0;
  virtual base::Result<Loaded> load(const LoadRequest& request) = 0;
  // Buffers that the next run reads and writes; valid until the session ends, in Loaded's order.
  virtual std::span<std::byte> input(std::size_t index) = 0;
  virtual std::span<const std::byte> output(std::size_t index) = 0;
  virtual base::Status run() = 0;
  // Times of the last run, in execution order; empty where the runtime offers none.
  virtual base::Result<std::vector<OperatorTime>> profile() { return std::vector<OperatorTime>{}; }
};

// "litert", "tflite", "tflite+xnnpack", "openvino:CPU", "edgetpu", "edgetpu:1", "edgetpu:virtual", "null"; nothing for
// a name it does not know. In runtime/worker/, so that only workers can call it.
std::unique_ptr<Session> make_session(std::string_view name);

}  // namespace edgescope::runtime
