#include "measure/crowd.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <thread>

namespace edgescope::measure {

base::Result<Started> Crowd::load() {
  Started result;
  for (std::size_t i = 0; i < members_.size(); ++i) {
    EDGESCOPE_TRY(started, members_[i]->load());
    result.load_us = std::max(result.load_us, started.load_us);
    if (i == 0) result.loaded = std::move(started.loaded);
  }
  return result;
}

base::Result<Batch> Crowd::sample(std::uint64_t count, double max_seconds, std::uint64_t seed) {
  const std::uint64_t each = std::max<std::uint64_t>(1, count / members_.size());
  std::vector<base::Result<Batch>> answers(members_.size());
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < members_.size(); ++i)
      threads.emplace_back([&, i] { answers[i] = members_[i]->sample(each, max_seconds, seed + i); });
  }
  double busy = std::numeric_limits<double>::infinity();  // microseconds in which all were at it
  for (const auto& answer : answers) {
    if (!answer) return base::fail(answer.error());
    busy = std::min(busy, std::accumulate(answer->us.begin(), answer->us.end(), 0.0));
  }
  Batch result;
  for (const auto& answer : answers) {
    result.first_us = std::max(result.first_us, answer->first_us);
    double elapsed = 0, counted = 0;
    for (double us : answer->us) {
      if (elapsed + us > busy * (1 + 1e-9) && counted > 0) break;
      elapsed += us;
      ++counted;
      result.us.push_back(us);
    }
    if (elapsed > 0) result.per_second += counted / elapsed * 1e6;
  }
  return result;
}

Contender crowd_of(const Contender& contender, int workers) {
  const auto start_all = [start = contender.start, workers]() -> base::Result<std::unique_ptr<Subject>> {
    std::vector<std::unique_ptr<Subject>> members;
    for (int i = 0; i < workers; ++i) {
      EDGESCOPE_TRY(member, start());
      members.push_back(std::move(member));
    }
    return std::make_unique<Crowd>(std::move(members));
  };
  return {contender.on, start_all, workers};
}

}  // namespace edgescope::measure
