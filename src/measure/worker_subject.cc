#include "measure/worker_subject.h"

#include <algorithm>
#include <numeric>

namespace edgescope::measure {
namespace {

class WorkerSubject final : public Subject {
 public:
  WorkerSubject(Worker worker, runtime::LoadRequest request)
      : worker_(std::move(worker)), request_(std::move(request)) {}

  base::Result<Started> load() override {
    EDGESCOPE_TRY(answer, worker_.load(request_));
    return Started{std::move(answer.loaded), static_cast<double>(answer.load_ns) * 1e-3};
  }

  base::Result<Batch> sample(std::uint64_t count, double max_seconds, std::uint64_t seed) override {
    EDGESCOPE_TRY(answer, worker_.sample({.count = count, .max_seconds = max_seconds, .seed = seed}));
    Batch batch;
    batch.us.reserve(answer.durations_ns.size());
    for (std::uint64_t ns : answer.durations_ns) batch.us.push_back(static_cast<double>(ns) * 1e-3);
    if (answer.first_ns) batch.first_us = static_cast<double>(*answer.first_ns) * 1e-3;
    const double sum = std::accumulate(batch.us.begin(), batch.us.end(), 0.0);
    if (sum > 0) batch.per_second = static_cast<double>(batch.us.size()) / sum * 1e6;
    return batch;
  }

 private:
  Worker worker_;
  runtime::LoadRequest request_;
};

}  // namespace

Contender worker_contender(const runtime::Found& runtime, const runtime::LoadRequest& request) {
  return {runtime.name, [runtime, request]() -> base::Result<std::unique_ptr<Subject>> {
            EDGESCOPE_TRY(worker, Worker::start({.runtime = runtime}));
            return std::make_unique<WorkerSubject>(std::move(worker), request);
          }};
}

}  // namespace edgescope::measure
