// Several inferences of one session in flight at the same time: how many a second it does when it is kept busy.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

#include "base/error.h"

namespace edgescope::runtime {

// Ends at the first limit that is reached, after at least one inference for each request.
struct StreamRequest {
  int requests = 0;  // in flight; 0: as many as the runtime holds best for the loaded model
  std::uint64_t count = 1;
  double max_seconds = 0;  // 0: no limit
  std::uint64_t seed = 1;  // of the inputs, filled once before it starts
};

struct Stream {
  int requests = 1;
  std::chrono::steady_clock::time_point start;
  std::vector<std::chrono::steady_clock::time_point> completed;  // in their order
};

// A session whose runtime runs inferences while others wait.
class Streaming {
 public:
  virtual ~Streaming() = default;
  virtual base::Result<Stream> stream(const StreamRequest& request) = 0;
};

// Nanoseconds of each group of `requests` completions, divided by their number. Neighbours finish together where they
// run side by side, so single gaps say nothing.
std::vector<std::uint64_t> shares(const Stream& stream);

// Keeps requests in flight: each is started again as soon as it is done, whichever that is. `start` begins the request
// of that index, `wait` gives back its outcome; a callback of the runtime's calls done().
class Flight {
 public:
  explicit Flight(int requests) : requests_(requests) {}

  void done(int index);  // from any thread
  base::Result<Stream> run(const StreamRequest& limits, const std::function<base::Status(int)>& start,
                           const std::function<base::Status(int)>& wait);

 private:
  struct Done {
    int index;
    std::chrono::steady_clock::time_point when;
  };

  int requests_;
  std::mutex mutex_;
  std::condition_variable any_;
  std::vector<Done> idle_;
};

}  // namespace edgescope::runtime
