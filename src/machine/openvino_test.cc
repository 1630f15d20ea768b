#include "machine/openvino.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "machine/test_machine.h"

namespace edgescope::machine {
namespace {

using testing::ElementsAre;
using testing_support::WrittenMachine;

TEST(OpenVinos, AnArchiveTellsWhatItHas) {
  const WrittenMachine written("archive /opt/intel/openvino_2022 2022.3.1-9227-cf2c7da5689 myriad\n");
  const auto found = archive_at(written.machine(), "/opt/intel/openvino_2022");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->version, "2022.3.1");
  EXPECT_TRUE(found->myriad);
  EXPECT_THAT(found->libraries, ElementsAre("/opt/intel/openvino_2022/runtime/lib/intel64"));
  EXPECT_THAT(found->python, ElementsAre("/opt/intel/openvino_2022/python/python3.9"));
  EXPECT_FALSE(archive_at(written.machine(), "/opt/intel"));
}

TEST(OpenVinos, AnArchiveWithoutAVersionFileIsNamedByItsFolder) {
  const WrittenMachine written("file /opt/intel/openvino_2020.3.194/bin/setupvars.sh\n");
  const auto found = archive_at(written.machine(), "/opt/intel/openvino_2020.3.194");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->version, "2020.3.194");
  EXPECT_FALSE(found->myriad);
}

TEST(OpenVinos, AWheelTellsItsVersionAndPlugins) {
  const WrittenMachine written("wheel /w 2021.4.2 myriad\nwheel /mo 2024.6.0 mo\nfile /w/openvino_dev-1.dist-info/x\n");
  const auto old = wheel_at(written.machine(), "/w"), dev = wheel_at(written.machine(), "/mo");
  ASSERT_TRUE(old && dev);
  EXPECT_EQ(old->version, "2021.4.2");
  EXPECT_TRUE(old->myriad);
  EXPECT_FALSE(old->converter);
  EXPECT_TRUE(dev->converter);
  EXPECT_FALSE(dev->myriad);
}

TEST(OpenVinos, EachIsFoundOnce) {
  WrittenMachine written(
      "python /home/ann/venv\nwheel /home/ann/venv/lib/python3.11/site-packages 2024.6.0\n"
      "archive /opt/intel/openvino_2022 2022.3.1\narchive2021 /home/ann/intel/openvino_2021 2021.4.2\n"
      "archive /srv/openvino 2022.1.0\nwheel /own 2021.4.2 myriad\n"
      "setupvars /srv/openvino\nsetupvars /opt/intel/openvino_2022\n");
  written.sight().environment["VIRTUAL_ENV"] = "/home/ann/venv";
  written.sight().own_wheels = {"/own"};
  std::vector<std::string> folders;
  for (const OpenVino& one : written.machine().openvinos) folders.push_back(one.folder);
  EXPECT_THAT(folders,
              testing::UnorderedElementsAre("/opt/intel/openvino_2022", "/home/ann/intel/openvino_2021",
                                            "/srv/openvino", "/home/ann/venv/lib/python3.11/site-packages", "/own"));
  EXPECT_TRUE(written.machine().openvinos.back().own);
}

TEST(Interpreters, LookWhereTheyWouldImportFrom) {
  const WrittenMachine written(
      "python /venv\nfile /usr/bin/python3.11\nfile /usr/lib/python3/dist-packages/x\nfile "
      "/usr/lib/python3.9/site-packages/x\n"
      "file /usr/local/lib/python3.11/dist-packages/x\nfile /home/ann/.local/lib/python3.11/site-packages/x\n"
      "file /opt/conda/bin/python3\nfile /opt/conda/lib/python3.10/site-packages/x\n");
  const Machine machine = written.machine();
  EXPECT_THAT(interpreters(machine), ElementsAre("/venv/bin/python3"));
  EXPECT_THAT(site_folders(machine, "/venv/bin/python3"), ElementsAre("/venv/lib/python3.11/site-packages"));
  EXPECT_THAT(site_folders(machine, "/usr/bin/python3.11"),
              ElementsAre("/home/ann/.local/lib/python3.11/site-packages", "/usr/local/lib/python3.11/dist-packages",
                          "/usr/lib/python3/dist-packages"));
  EXPECT_THAT(site_folders(machine, "/opt/conda/bin/python3"),
              testing::Contains("/opt/conda/lib/python3.10/site-packages"));
}

TEST(Versions, AreComparedAsNumbers) {
  EXPECT_THAT(version_numbers("2022.3.1-9227"), ElementsAre(2022, 3, 1));
  EXPECT_THAT(version_numbers("6.11.0-9-generic"), ElementsAre(6, 11, 0));
  EXPECT_GT(version_numbers("6.11"), version_numbers("6.8"));
  EXPECT_TRUE(version_numbers("unknown").empty());
}

}  // namespace
}  // namespace edgescope::machine
