#include "machine/machine_json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "machine/test_machine.h"

namespace edgescope::machine {
namespace {

using testing::HasSubstr;
using testing_support::WrittenMachine;

TEST(MachineJson, ADeviceThatIsClosedSaysWhatToDo) {
  const WrittenMachine written(
      "usb 1-1 03e7:2485 480 closed\nusb 2-1 18d1:9302 5000\nrule ATTRS{idVendor}==\"18d1\", MODE=\"0666\"\n");
  const Machine machine = written.machine();
  const base::Json devices = devices_json(machine, judge(machine));
  ASSERT_EQ(devices.size(), 2u);
  EXPECT_EQ(devices[0]["kind"], "ncs2");
  EXPECT_EQ(devices[0]["accessible"], false);
  EXPECT_THAT(devices[0]["remedy"].get<std::string>(), HasSubstr("/etc/udev/rules.d/"));
  EXPECT_EQ(devices[1]["kind"], "edgetpu");
  EXPECT_EQ(devices[1]["link_megabits"], 5000);
  EXPECT_TRUE(devices[1]["remedy"].is_null());
}

TEST(MachineJson, AChecksOwnCureGivesWayToTheMachines) {
  const WrittenMachine written("locked /tmp/mvnc.mutex 4711\n");
  for (const base::Json& check : checks_json(judge(written.machine()))) {
    if (check["id"] == "ncs2-lock") {
      EXPECT_EQ(check["state"], "problem");
      EXPECT_THAT(check["cure"].get<std::string>(), HasSubstr("kill 4711"));
    }
    if (check["id"] == "ncs2-plugin") {
      EXPECT_THAT(check["cure"].get<std::string>(), HasSubstr("2022.3.1 LTS"));
    }
  }
}

TEST(MachineJson, AnOpenVinoThatDoesNotTellItsVersion) {
  const WrittenMachine written("file /opt/intel/openvino/setupvars.sh\n");
  const base::Json list = openvinos_json(written.machine());
  ASSERT_EQ(list.size(), 1u);
  EXPECT_TRUE(list[0]["version"].is_null());
  EXPECT_EQ(list[0]["kind"], "archive");
}

}  // namespace
}  // namespace edgescope::machine
