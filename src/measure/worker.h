// The parent's side of a worker: one `edgescope-worker` process that holds one model in one vendor
// runtime. Vendor code may crash, hang, print or eat the machine; here that becomes an Error
// (Fault::runtime) that names the runtime, the model and the signal, with the last lines it wrote.
//
// Requests, in the order in which they make sense; each is one line of JSON each way:
//   load     model, threads, properties  -> ports, version, kernels, precision, notes; time
//   sample   n inferences, each timed    -> durations (the first inference after a load apart)
//   stream   inferences with several in flight -> each one's share of the time
//   infer    rows of inputs or a seed    -> rows of outputs (through files in a folder of ours)
//   profile  n inferences                -> time per operator (load with profile = true)
//   query, compile, properties           -> what the runtime's compiler says of a model; needs no load
//   exit
// After an error of the model (a named operator that is missing, say) the worker still lives and may
// load again; after a crash, a time-out or nonsense it is gone, alive() says so, and a new one is due.
//
// The worker gets an environment composed here and nothing of ours: PATH, HOME, LANG and TMPDIR, the
// library path that its runtime needs, and WorkerSpec::environment. It is killed with its process
// group when the object ends, and by the kernel when the *thread* that started it ends (PR_SET_PDEATHSIG).
// The memory limit is on what is resident, polled while a request runs: RLIMIT_AS and RLIMIT_DATA count
// address space, of which the runtimes reserve far more than they use.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "runtime/catalog.h"
#include "runtime/oracle.h"
#include "runtime/session.h"
#include "runtime/stream.h"

namespace edgescope::measure {

struct WorkerSpec {
  runtime::Found runtime;                          // of runtime::find()
  std::chrono::milliseconds time_limit{120'000};   // of one request; `sample` adds its max_seconds
  std::uint64_t memory_limit = 4ull << 30;         // resident bytes; 0: none
  std::map<std::string, std::string> environment;  // added to the composed one
  std::string program;                             // empty: the runtime's own worker beside this program
};

struct LoadAnswer {
  runtime::Loaded loaded;
  std::uint64_t load_ns = 0;  // Session::load: opening the library, reading and compiling the model, buffers
};

// Ends at the first limit that is reached, after at least one inference.
struct SampleRequest {
  std::uint64_t count = 100;
  double max_seconds = 0;    // of wall time, filling included; 0: no limit
  std::uint64_t seed = 1;    // of the inputs (runtime/inputs.h); the same seed gives the same inputs everywhere
  bool fresh_inputs = true;  // new inputs for every inference; else one set for all
};

struct SampleAnswer {
  // Session::run alone, filling outside; steady_clock; in the order taken. The very first inference
  // after a load is not among them.
  std::vector<std::uint64_t> durations_ns;
  std::optional<std::uint64_t> first_ns;  // present in the first answer after a load
};

// Durations are here shares of the time, several inferences being in flight (runtime/stream.h).
struct StreamAnswer {
  std::vector<std::uint64_t> durations_ns;
  int requests = 1;  // that were in flight
};

struct InferRequest {
  std::uint64_t rows = 1;
  std::uint64_t seed = 1;                      // used where `inputs` is empty
  std::vector<std::vector<std::byte>> inputs;  // a port each: rows * Port::bytes, row after row
};

struct InferAnswer {
  std::vector<std::vector<std::byte>> outputs;  // a port each: rows * Port::bytes
};

struct ProfileRequest {
  std::uint64_t count = 20;
  std::uint64_t seed = 1;
};

struct CompileAnswer {
  std::uint64_t compile_ns = 0;  // reading the model included
};

class Worker {
 public:
  static base::Result<Worker> start(const WorkerSpec& spec);
  Worker(Worker&&) noexcept;
  Worker& operator=(Worker&&) noexcept;
  ~Worker();

  base::Result<LoadAnswer> load(const runtime::LoadRequest& request);  // `library` is filled in from the spec
  base::Result<SampleAnswer> sample(const SampleRequest& request);
  base::Result<StreamAnswer> stream(const runtime::StreamRequest& request);  // usage errors of runtimes without
  base::Result<InferAnswer> infer(const InferRequest& request);
  // Each operator's median over `count` inferences; empty where the runtime offers none.
  base::Result<std::vector<runtime::OperatorTime>> profile(const ProfileRequest& request);
  base::Result<std::string> version();  // of the library, without a model

  // Of runtimes that are a runtime::Oracle; usage errors of others.
  base::Result<std::vector<std::string>> query(const runtime::LoadRequest& request);
  base::Result<CompileAnswer> compile(const runtime::LoadRequest& request, const runtime::CompileOutputs& outputs);
  base::Result<runtime::Properties> properties();

  bool alive() const;
  int pid() const;
  const runtime::Found& runtime() const;
  std::string said() const;  // the last lines that the runtime wrote (its stdout and stderr), at most 4 KiB

 private:
  struct Process;
  explicit Worker(std::unique_ptr<Process> process);
  std::unique_ptr<Process> process_;
};

}  // namespace edgescope::measure
