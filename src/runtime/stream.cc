#include "runtime/stream.h"

#include <algorithm>
#include <utility>

namespace edgescope::runtime {

using Clock = std::chrono::steady_clock;

std::vector<std::uint64_t> shares(const Stream& stream) {
  const auto group = static_cast<std::size_t>(std::max(1, stream.requests));
  std::vector<std::uint64_t> result;
  Clock::time_point before = stream.start;
  for (std::size_t at = group; at <= stream.completed.size(); at += group) {
    const Clock::time_point now = stream.completed[at - 1];
    result.push_back(
        static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(now - before).count()) / group);
    before = now;
  }
  return result;
}

void Flight::done(int index) {
  const std::lock_guard lock(mutex_);
  idle_.push_back({index, Clock::now()});
  any_.notify_one();
}

base::Result<Stream> Flight::run(const StreamRequest& limits, const std::function<base::Status(int)>& start,
                                 const std::function<base::Status(int)>& wait) {
  Stream stream{.requests = requests_, .start = Clock::now()};
  const std::uint64_t count = std::max(limits.count, static_cast<std::uint64_t>(requests_));
  stream.completed.reserve(count);
  std::uint64_t started = 0;
  int flying = 0;
  base::Status failure;
  const auto begin = [&](int index) {
    if (base::Status status = start(index); !status) {
      failure = std::move(status);
      return;
    }
    ++started;
    ++flying;
  };
  for (int i = 0; i < requests_ && failure; ++i) begin(i);
  // Those in flight are always waited for: their buffers must not go before them.
  while (flying > 0) {
    std::vector<Done> landed;
    {
      std::unique_lock lock(mutex_);
      any_.wait(lock, [this] { return !idle_.empty(); });
      landed = std::exchange(idle_, {});
    }
    for (const Done& one : landed) {
      --flying;
      stream.completed.push_back(one.when);
      if (base::Status status = wait(one.index); !status && failure) failure = std::move(status);
      const bool late = limits.max_seconds > 0 &&
                        std::chrono::duration<double>(Clock::now() - stream.start).count() >= limits.max_seconds;
      if (failure && started < count && !late) begin(one.index);
    }
  }
  if (!failure) return base::fail(std::move(failure).error());
  return stream;
}

}  // namespace edgescope::runtime
