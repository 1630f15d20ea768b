#include "runtime/stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace edgescope::runtime {
namespace {

using std::chrono::microseconds;
using testing::ElementsAre;

TEST(Shares, AreOfGroupsThatFinishTogether) {
  const std::chrono::steady_clock::time_point zero{};
  Stream stream{.requests = 2, .start = zero};
  for (int us : {9, 10, 20, 20, 31, 32, 40}) stream.completed.push_back(zero + microseconds(us));
  EXPECT_THAT(shares(stream), ElementsAre(5'000, 5'000, 6'000)) << "the last is no whole group";
  stream.requests = 1;
  EXPECT_EQ(shares(stream).size(), 7u);
}

// A runtime of threads: each request is done by one that calls back.
struct Threads {
  explicit Threads(int requests) : flight(requests) {}
  ~Threads() {
    for (std::thread& thread : all) thread.join();
  }
  base::Status start(int index) {
    most = std::max(most.load(), ++flying);
    ++started;
    all.emplace_back([this, index] {
      std::this_thread::sleep_for(microseconds(index == 0 ? 2000 : 200));
      --flying;
      flight.done(index);
    });
    return {};
  }
  Flight flight;
  std::vector<std::thread> all;
  std::atomic<int> flying = 0, most = 0;
  int started = 0;
};

TEST(Flight, KeepsRequestsBusyWhicheverIsDoneFirst) {
  Threads threads(3);
  std::vector<int> waited(3);
  const auto stream = threads.flight.run(
      {.count = 30}, [&](int i) { return threads.start(i); },
      [&](int i) {
        ++waited[static_cast<std::size_t>(i)];
        return base::Status{};
      });
  ASSERT_TRUE(stream);
  EXPECT_EQ(stream->completed.size(), 30u);
  EXPECT_EQ(stream->requests, 3);
  EXPECT_LE(threads.most, 3);
  EXPECT_EQ(waited[0] + waited[1] + waited[2], 30);
  EXPECT_LT(waited[0], waited[1] + waited[2]) << "the slow one holds nobody up";
}

TEST(Flight, EndsInTimeAndRunsEachRequestOnce) {
  Threads threads(2);
  const auto stream = threads.flight.run(
      {.count = 1'000'000, .max_seconds = 1e-9}, [&](int i) { return threads.start(i); },
      [](int) { return base::Status{}; });
  ASSERT_TRUE(stream);
  EXPECT_EQ(stream->completed.size(), 2u);
}

TEST(Flight, AFailureComesAfterAllHaveLanded) {
  Threads threads(2);
  const auto stream = threads.flight.run(
      {.count = 100}, [&](int i) { return threads.start(i); },
      [&](int) -> base::Status {
        if (threads.started > 5) return base::fail({.what = "it broke"});
        return {};
      });
  ASSERT_FALSE(stream);
  EXPECT_EQ(stream.error().what, "it broke");
  EXPECT_EQ(threads.flying, 0);
}

}  // namespace
}  // namespace edgescope::runtime
