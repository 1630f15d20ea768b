#include "measure/worker_subject.h"

#include <algorithm>
#include <numeric>

namespace edgescope::measure {
namespace {

Batch batch_of(const std::vector<std::uint64_t>& durations_ns) {
  Batch batch;
  batch.us.reserve(durations_ns.size());
  for (std::uint64_t ns : durations_ns) batch.us.push_back(static_cast<double>(ns) * 1e-3);
  const double sum = std::accumulate(batch.us.begin(), batch.us.end(), 0.0);
  if (sum > 0) batch.per_second = static_cast<double>(batch.us.size()) / sum * 1e6;
  return batch;
}

class WorkerSubject : public Subject {
 public:
  WorkerSubject(Worker worker, runtime::LoadRequest request)
      : worker_(std::move(worker)), request_(std::move(request)) {}

  base::Result<Started> load() override {
    EDGESCOPE_TRY(answer, worker_.load(request_));
    return Started{std::move(answer.loaded), static_cast<double>(answer.load_ns) * 1e-3};
  }

  base::Result<Batch> sample(std::uint64_t count, double max_seconds, std::uint64_t seed) override {
    EDGESCOPE_TRY(answer, worker_.sample({.count = count, .max_seconds = max_seconds, .seed = seed}));
    Batch batch = batch_of(answer.durations_ns);
    if (answer.first_ns) batch.first_us = static_cast<double>(*answer.first_ns) * 1e-3;
    return batch;
  }

 protected:
  Worker& worker() { return worker_; }

 private:
  Worker worker_;
  runtime::LoadRequest request_;
};

class StreamSubject final : public WorkerSubject {
 public:
  using WorkerSubject::WorkerSubject;

  base::Result<Batch> sample(std::uint64_t count, double max_seconds, std::uint64_t seed) override {
    // A share is of as many inferences as are in flight, which the first answer tells.
    EDGESCOPE_TRY(answer, worker().stream({.count = count * static_cast<std::uint64_t>(in_flight_),
                                           .max_seconds = max_seconds,
                                           .seed = seed}));
    in_flight_ = answer.requests;
    return batch_of(answer.durations_ns);
  }

 private:
  int in_flight_ = 1;
};

template <typename One>
Contender contender(const runtime::Found& runtime, const runtime::LoadRequest& request) {
  return {runtime.name, [runtime, request]() -> base::Result<std::unique_ptr<Subject>> {
            EDGESCOPE_TRY(worker, Worker::start({.runtime = runtime}));
            return std::make_unique<One>(std::move(worker), request);
          }};
}

}  // namespace

Contender worker_contender(const runtime::Found& runtime, const runtime::LoadRequest& request) {
  return contender<WorkerSubject>(runtime, request);
}

Contender stream_contender(const runtime::Found& runtime, const runtime::LoadRequest& request) {
  return contender<StreamSubject>(runtime, request);
}

}  // namespace edgescope::measure
