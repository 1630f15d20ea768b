#include "machine/machine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "machine/test_machine.h"

namespace edgescope::machine {
namespace {

using testing::ElementsAre;
using testing_support::WrittenMachine;

TEST(Machine, SticksUnderBothIds) {
  const WrittenMachine written("usb 1-1 03e7:2485 480\nusb 2-2 18d1:9302 5000 closed\nusb 2-3 046d:c52b 12\n");
  const Machine machine = written.machine();
  ASSERT_EQ(machine.sticks.size(), 2u);
  EXPECT_EQ(machine.usb.size(), 3u);
  EXPECT_EQ(machine.sticks[0].kind, Accelerator::Ncs2);
  EXPECT_FALSE(machine.sticks[0].started);
  EXPECT_TRUE(machine.sticks[0].accessible);
  EXPECT_EQ(machine.sticks[1].kind, Accelerator::EdgeTpu);
  EXPECT_TRUE(machine.sticks[1].started);
  EXPECT_FALSE(machine.sticks[1].accessible);
  EXPECT_EQ(machine.plugged(Accelerator::Ncs1).size(), 0u);
}

TEST(Machine, ListsOfFoldersAreDivided) {
  const WrittenMachine written("env PYTHONPATH=/a::/b/:\n");
  EXPECT_THAT(written.machine().folders("PYTHONPATH"), ElementsAre("/a", "/b/"));
  EXPECT_TRUE(written.machine().folders("LD_LIBRARY_PATH").empty());
}

TEST(Machine, PackagesOfTheInterpretersInReach) {
  const WrittenMachine written(
      "python /venv\npackage /venv/lib/python3.11/site-packages tflite_runtime 2.14.0\n"
      "package /venv/lib/python3.11/site-packages numpy 1.26\npackage /elsewhere tflite_runtime 2.5.0\n");
  const Machine machine = written.machine();
  ASSERT_EQ(machine.packages.size(), 1u);
  EXPECT_EQ(machine.packages[0].version, "2.14.0");
}

TEST(Machine, ThisOneHasAUserAndAnEnvironment) {
  const Machine machine(here());
  EXPECT_FALSE(machine.variable("PATH").empty());
  EXPECT_TRUE(machine.user().root || !machine.user().groups.empty());
  EXPECT_TRUE(machine.exists("/proc/self"));
}

}  // namespace
}  // namespace edgescope::machine
