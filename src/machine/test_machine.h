// Machines for tests, written down in a few lines each (testdata/machines.txt) and laid out as files below a scratch
// folder. A line is one of
//   usb PLACE ID MEGABITS [closed] [gone]   a device; closed: this user may not open its node; gone: it has no node
//   hub PLACE [weak]                        a hub; weak: without a power supply of its own
//   pci PLACE VENDOR DEVICE
//   rule TEXT                               of udev
//   file PATH [TEXT]                        \n in the text starts a line
//   open-not PATH                           this user may not open it
//   locked PATH PROCESS                     the kernel's list of locks names it
//   env NAME=VALUE
//   group NAME                              of this user, who is no root
//   root                                    the user is root
//   kernel RELEASE
//   python PREFIX                           an environment made by venv, first on PATH
//   wheel FOLDER VERSION [myriad] [mo]      what pip leaves of openvino in a folder
//   package FOLDER NAME VERSION             what it leaves of another one
//   archive FOLDER VERSION [myriad]         the vendor's, of 2022 or later
//   archive2021 FOLDER VERSION [myriad]     the same of 2021 or earlier
//   setupvars FOLDER                        that archive's setupvars.sh was sourced
#pragma once

#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "machine/machine.h"
#include "support/scratch.h"

namespace edgescope::machine::testing_support {

class WrittenMachine {
 public:
  explicit WrittenMachine(const std::string& description) {
    sight_.root = scratch_.path();
    sight_.user.name = "ann";
    sight_.environment = {{"HOME", "/home/ann"}, {"PATH", "/usr/bin"}};
    std::filesystem::create_directories(scratch_ / "sys/bus/usb/devices");
    kernel("6.1.0-18-amd64");
    std::istringstream lines(description);
    for (std::string line; std::getline(lines, line);)
      if (!line.empty() && line[0] != '#') add(line);
    sight_.may_open = [this](const std::string& path) {
      return !closed_.contains(path) && std::filesystem::exists(sight_.root + path);
    };
  }

  Machine machine() const { return Machine(sight_); }
  Sight& sight() { return sight_; }

  void file(const std::string& path, std::string text = {}) {
    const std::filesystem::path place = sight_.root + path;
    std::filesystem::create_directories(place.parent_path());
    for (std::size_t at; (at = text.find("\\n")) != std::string::npos;) text.replace(at, 2, "\n");
    std::ofstream(place) << text << "\n";
  }

 private:
  void add(const std::string& line) {
    std::istringstream in(line);
    std::string word, first, second, third;
    in >> word;
    const auto rest = [&] {
      std::string text;
      std::getline(in >> std::ws, text);
      return text;
    };
    if (word == "rule") return file("/etc/udev/rules.d/" + std::to_string(++rules_) + ".rules", rest());
    in >> first;
    if (word == "env") {
      sight_.environment[first.substr(0, first.find('='))] = first.substr(first.find('=') + 1) + rest();
    } else if (word == "file") {
      file(first, rest());
    } else if (word == "usb") {
      in >> second >> third;
      usb(first, second, third, rest());
    } else if (word == "hub") {
      hub(first, rest());
    } else if (word == "pci") {
      in >> second >> third;
      file("/sys/bus/pci/devices/" + first + "/vendor", second);
      file("/sys/bus/pci/devices/" + first + "/device", third);
    } else if (word == "open-not") {
      closed_.insert(first);
    } else if (word == "locked") {
      lock(first, rest());
    } else if (word == "group") {
      sight_.user.groups.push_back(first);
    } else if (word == "root") {
      sight_.user.root = true;
    } else if (word == "kernel") {
      kernel(first);
    } else if (word == "python") {
      python(first);
    } else if (word == "wheel") {
      in >> second;
      wheel(first, second, rest());
    } else if (word == "package") {
      in >> second >> third;
      file(first + "/" + second + "-" + third + ".dist-info/METADATA");
    } else if (word == "archive" || word == "archive2021") {
      in >> second;
      archive(first, second, rest(), word == "archive2021");
    } else if (word == "setupvars") {
      setupvars(first);
    } else {
      throw std::runtime_error("no such line of a machine: " + line);
    }
  }

  void kernel(const std::string& release) { file("/proc/sys/kernel/osrelease", release); }

  void usb(const std::string& place, const std::string& id, const std::string& megabits, const std::string& access) {
    const std::string folder = "/sys/bus/usb/devices/" + place;
    ++devices_;
    file(folder + "/idVendor", id.substr(0, 4));
    file(folder + "/idProduct", id.substr(5));
    file(folder + "/busnum", place.substr(0, 1));
    file(folder + "/devnum", std::to_string(devices_));
    file(folder + "/speed", megabits);
    file(folder + "/bDeviceClass", "00");
    const std::string node = fmt::format("/dev/bus/usb/{:03}/{:03}", std::stoi(place.substr(0, 1)), devices_);
    if (access != "gone") file(node);
    if (access == "closed") closed_.insert(node);
  }

  void hub(const std::string& place, const std::string& power) {
    usb(place, "0bda:0411", "5000", "");
    file("/sys/bus/usb/devices/" + place + "/bDeviceClass", "09");
    file("/sys/bus/usb/devices/" + place + "/bmAttributes", power == "weak" ? "a0" : "e0");
  }

  void lock(const std::string& path, const std::string& process) {
    struct stat status {};
    file(path);
    ::stat((sight_.root + path).c_str(), &status);
    file("/proc/locks", fmt::format("1: FLOCK  ADVISORY  WRITE {} {:02x}:{:02x}:{} 0 EOF", process,
                                    major(status.st_dev), minor(status.st_dev), status.st_ino));
  }

  void python(const std::string& prefix) {
    file(prefix + "/pyvenv.cfg", "include-system-site-packages = false");
    file(prefix + "/bin/python3");
    std::filesystem::create_directories(sight_.root + prefix + "/lib/python3.11/site-packages");
    sight_.environment["PATH"] = prefix + "/bin:" + sight_.environment["PATH"];
  }

  void wheel(const std::string& folder, const std::string& version, const std::string& with) {
    file(folder + "/openvino-" + version + ".dist-info/METADATA");
    file(folder + "/openvino/__init__.py");
    file(folder + "/openvino/libs/libopenvino.so");
    if (with.find("myriad") != std::string::npos) file(folder + "/openvino/libs/libmyriadPlugin.so");
    if (with.find("mo") != std::string::npos) file(folder + "/openvino/tools/mo/__init__.py");
  }

  void archive(const std::string& folder, const std::string& version, const std::string& with, bool old) {
    const std::string libraries =
        folder + (old ? "/deployment_tools/inference_engine/lib/intel64" : "/runtime/lib/intel64");
    file(folder + (old ? "/bin/setupvars.sh" : "/setupvars.sh"));
    file(folder + (old ? "/deployment_tools/inference_engine/version.txt" : "/runtime/version.txt"), version);
    file(libraries + (old ? "/libinference_engine.so" : "/libopenvino.so"));
    if (!with.empty()) file(libraries + (old ? "/libmyriadPlugin.so" : "/libopenvino_intel_myriad_plugin.so"));
    file(folder + (old ? "/python/python3.8/openvino/__init__.py" : "/python/python3.9/openvino/__init__.py"));
  }

  // As the vendor's script sets them, from what it is known to set; no script of theirs is run.
  void setupvars(const std::string& folder) {
    const auto prepend = [&](const std::string& name, const std::string& value) {
      std::string& list = sight_.environment[name];
      list = list.empty() ? value : value + ":" + list;
    };
    Environment& environment = sight_.environment;
    const bool old = std::filesystem::exists(sight_.root + folder + "/deployment_tools");
    environment["INTEL_OPENVINO_DIR"] = folder;
    environment["InferenceEngine_DIR"] = folder + (old ? "/deployment_tools/inference_engine/share" : "/runtime/cmake");
    environment["ngraph_DIR"] = folder + (old ? "/deployment_tools/ngraph/cmake" : "/runtime/cmake");
    if (!old) environment["OpenVINO_DIR"] = folder + "/runtime/cmake";
    prepend("LD_LIBRARY_PATH",
            folder + (old ? "/deployment_tools/inference_engine/lib/intel64" : "/runtime/lib/intel64"));
    prepend("PYTHONPATH", folder + (old ? "/python/python3.8" : "/python/python3.9"));
    prepend("PATH", folder + (old ? "/deployment_tools/model_optimizer" : "/tools/compile_tool"));
  }

  const edgescope::testing_support::Scratch scratch_;
  Sight sight_;
  std::set<std::string> closed_;
  int devices_ = 0, rules_ = 0;
};

}  // namespace edgescope::machine::testing_support
