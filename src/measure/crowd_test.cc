#include "measure/crowd.h"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

namespace edgescope::measure {
namespace {

// Answers what it is told; waits until all members are in sample() at the same time.
class Member : public Subject {
 public:
  Member(std::atomic<int>& inside, int wanted, std::vector<double> us)
      : inside_(inside), wanted_(wanted), us_(std::move(us)) {}

  base::Result<Started> load() override { return Started{{.version = "1"}, us_.front()}; }
  base::Result<Batch> sample(std::uint64_t, double, std::uint64_t) override {
    if (us_.size() == 1) return base::fail({.fault = base::Fault::runtime, .what = "SIGABRT"});
    ++inside_;
    for (int i = 0; i < 5000 && inside_ < wanted_; ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return Batch{us_, us_.front(), 0};
  }

 private:
  std::atomic<int>& inside_;
  int wanted_;
  std::vector<double> us_;
};

TEST(Crowd, AddsTheRatesOfTheTimeInWhichAllWereBusy) {
  std::atomic<int> inside = 0;
  std::vector<std::unique_ptr<Subject>> members;
  members.push_back(std::make_unique<Member>(inside, 2, std::vector<double>(10, 100.0)));
  members.push_back(std::make_unique<Member>(inside, 2, std::vector<double>(10, 200.0)));
  Crowd crowd(std::move(members));
  EXPECT_EQ(crowd.load()->load_us, 200);
  const auto batch = crowd.sample(20, 0, 1);
  ASSERT_TRUE(batch);
  EXPECT_EQ(inside, 2) << "both ran at the same time";
  EXPECT_NEAR(batch->per_second, 10000 + 5000, 1e-6);
  EXPECT_EQ(batch->us.size(), 15u) << "the slower one ran on alone for its last five";
  EXPECT_EQ(batch->first_us, 200);
}

TEST(Crowd, OneThatFailsFailsAll) {
  std::atomic<int> inside = 0;
  std::vector<std::unique_ptr<Subject>> members;
  members.push_back(std::make_unique<Member>(inside, 1, std::vector<double>(10, 100.0)));
  members.push_back(std::make_unique<Member>(inside, 1, std::vector<double>(1, 1.0)));
  Crowd crowd(std::move(members));
  EXPECT_FALSE(crowd.sample(20, 0, 1));
}

}  // namespace
}  // namespace edgescope::measure
