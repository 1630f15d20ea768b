#include "measure/environment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace edgescope::measure {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Environment recorded(const std::string& name) {
  return read_environment(EDGESCOPE_SOURCE_DIR "/src/measure/testdata/machines/" + name);
}

TEST(Environment, VirtualMachineInAContainer) {
  const Environment e = recorded("microvm");
  EXPECT_EQ(e.cpu, "Intel(R) Xeon(R) Processor");
  EXPECT_EQ(e.logical_cores, 2);
  EXPECT_EQ(e.physical_cores, 2);
  EXPECT_EQ(e.virtualisation, "hypervisor (unnamed)");
  EXPECT_EQ(e.container, "docker");
  EXPECT_EQ(e.kernel, "6.18.44");
  EXPECT_EQ(e.memory_bytes, 24684084ull * 1024);
  EXPECT_FALSE(e.governor);
  EXPECT_FALSE(e.turbo);
  EXPECT_FALSE(e.cpu_limit);
  EXPECT_THAT(e.features, testing::IsSupersetOf({"avx2", "avx512_vnni", "amx_int8", "avx512_bf16"}));
}

TEST(Environment, LaptopWithTurboAndThreads) {
  const Environment e = recorded("laptop");
  EXPECT_EQ(e.cpu, "11th Gen Intel(R) Core(TM) i7-1165G7 @ 2.80GHz");
  EXPECT_EQ(e.machine, "LENOVO 20XW0026GE");
  EXPECT_EQ(e.logical_cores, 8);
  EXPECT_EQ(e.physical_cores, 4);
  EXPECT_EQ(e.governor, "powersave");
  EXPECT_EQ(e.turbo, true);
  EXPECT_EQ(e.smt, true);
  EXPECT_EQ(e.virtualisation, "none");
  EXPECT_EQ(e.container, "none");
  EXPECT_DOUBLE_EQ(*e.load, 2.75);
}

TEST(Environment, BoardWithoutACpuName) {
  const Environment e = recorded("raspberry");
  EXPECT_EQ(e.cpu, "ARM part 0xd08");
  EXPECT_EQ(e.machine, "Raspberry Pi 4 Model B Rev 1.2");
  EXPECT_EQ(e.logical_cores, 4);
  EXPECT_EQ(e.physical_cores, 0) << "not told";
  EXPECT_EQ(e.turbo, true);
  EXPECT_EQ(e.container, "docker");
  EXPECT_DOUBLE_EQ(*e.cpu_limit, 1.5);
  EXPECT_THAT(e.features, ElementsAre("asimd"));
}

TEST(Environment, AMachineThatTellsNothing) {
  const Environment e = recorded("absent");
  EXPECT_EQ(e.logical_cores, 0);
  EXPECT_FALSE(e.load);
  EXPECT_EQ(e.container, "none");
  EXPECT_EQ(to_json(e, {})["physical_cores"], nullptr);
}

TEST(Environment, ThisMachineTellsSomething) {
  EXPECT_GT(read_environment().logical_cores, 0);
  EXPECT_GT(read_cpu_time().busy, 0);
  EXPECT_GT(read_cpu_time().own, 0);
}

TEST(Environment, TicksBecomeSeconds) {
  const CpuTime time = read_cpu_time(EDGESCOPE_SOURCE_DIR "/src/measure/testdata/machines/laptop");
  EXPECT_DOUBLE_EQ(time.busy, 15.3) << "user + nice + system + irq + softirq";
  EXPECT_DOUBLE_EQ(time.steal, 0);
}

TEST(Disturbance, OthersAreWhatIsNotOurs) {
  const Environment e = recorded("microvm");
  const Disturbance d = disturbance(e, e, {.busy = 100, .steal = 1, .own = 5, .wall = 10},
                                    {.busy = 130, .steal = 2, .own = 25, .wall = 30});
  EXPECT_DOUBLE_EQ(d.other_cpus, 0.5);
  EXPECT_DOUBLE_EQ(d.stolen_cpus, 0.05);
  EXPECT_THAT(warnings(e, d, 1), ElementsAre(HasSubstr("kept 0.5 CPUs busy"), HasSubstr("took 0.05 CPUs away")));
}

TEST(Disturbance, QuietMachinesGetNoWarning) {
  const Environment e = recorded("microvm");
  EXPECT_THAT(warnings(e, {.load_before = 0.31, .load_after = 1.2}, 1), IsEmpty());
}

TEST(Disturbance, LoadThatIsHighOrRises) {
  const Environment e = recorded("microvm");
  EXPECT_THAT(warnings(e, {.load_before = 1.4, .load_after = 2.0}, 1),
              ElementsAre(HasSubstr("load was 1.40 on 2 cores")));
  EXPECT_THAT(warnings(e, {.load_before = 0.1, .load_after = 2.0}, 1),
              ElementsAre(HasSubstr("rose from 0.10 to 2.00")));
  EXPECT_THAT(warnings(e, {.load_before = 0.1, .load_after = 2.0}, 2), IsEmpty()) << "two threads of ours";
}

TEST(Disturbance, ClockAndLimits) {
  EXPECT_THAT(warnings(recorded("laptop"), {}, 1), ElementsAre(HasSubstr("powersave")));
  EXPECT_THAT(warnings(recorded("raspberry"), {}, 4),
              ElementsAre(HasSubstr("ondemand"), HasSubstr("allows 1.50 CPUs")));
}

}  // namespace
}  // namespace edgescope::measure
