#include "measure/child.h"

#include <gtest/gtest.h>
#include <signal.h>

namespace edgescope::measure {
namespace {

using std::chrono::seconds;

TEST(Child, LinesGoThereAndBack) {
  auto child = Child::start({.program = "/bin/cat"});
  ASSERT_TRUE(child) << child.error().message();
  for (const std::string& line : {std::string("hello"), std::string(), std::string(3 << 20, 'x')}) {
    const Child::Reply reply = child->ask(line, seconds(20));
    ASSERT_EQ(reply.end, Child::End::Answer);
    EXPECT_EQ(reply.line, line);
  }
  EXPECT_EQ(child->said(100), "");
  EXPECT_TRUE(child->alive());
  child->kill();
  EXPECT_FALSE(child->alive());
  EXPECT_EQ(child->how_it_ended(), "crashed with SIGKILL (Killed)");
  EXPECT_EQ(child->ask("more", seconds(1)).end, Child::End::Gone);
}

TEST(Child, MovesAndEndsWithItsLastOwner) {
  int pid = 0;
  {
    auto first = Child::start({.program = "/bin/cat"});
    ASSERT_TRUE(first);
    Child second = std::move(*first);
    EXPECT_FALSE(first->alive());
    pid = second.pid();
    EXPECT_EQ(second.ask("still here", seconds(20)).line, "still here");
  }
  EXPECT_EQ(kill(pid, 0), -1);
}

TEST(Child, ProgramsThatAreNone) {
  EXPECT_FALSE(Child::start({.program = "/nonexistent"}));
  auto text = Child::start({.program = "/proc/self/exe/.."});
  EXPECT_FALSE(text);
}

}  // namespace
}  // namespace edgescope::measure
