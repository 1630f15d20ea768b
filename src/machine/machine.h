// The computer as a program finds it: what is plugged in and may be opened, what is installed, what the environment
// says. Everything that `doctor` judges and `env` mends is read from here, below a root folder and with an environment
// that the caller gives, so that tests look at machines that were written down.
//
// Only files are read; nothing is opened, woken or started.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "machine/openvino.h"
#include "machine/udev.h"
#include "measure/environment.h"
#include "runtime/usb_devices.h"

namespace edgescope::machine {

using Environment = std::map<std::string, std::string>;

struct User {
  std::string name;
  bool root = false;
  std::vector<std::string> groups;
};

enum class Accelerator { EdgeTpu, Ncs2, Ncs1 };
std::string_view name_of(Accelerator kind);  // "edgetpu", "ncs2", "ncs1", as in JSON

// A stick that is plugged in.
struct Stick {
  Accelerator kind = Accelerator::EdgeTpu;
  bool started = false;  // its firmware runs, so that its id and speed are the last ones
  bool accessible = false;
  runtime::UsbDevice usb;
};

// A package that one of the Python interpreters in reach would import.
struct PythonPackage {
  std::string name;     // "tflite_runtime"
  std::string version;  // "2.14.0"
  std::string folder;   // that holds it
};

struct Sight {
  std::string root;  // stands before every path
  Environment environment;
  User user;
  std::function<bool(const std::string& path)> may_open;  // for reading and writing; the path is without the root
  std::vector<std::string> own_wheels = {};  // folders of unpacked OpenVINO wheels that only edgescope itself uses
};

// This computer, this user, this environment.
Sight here();

class Machine {
 public:
  explicit Machine(Sight sight);

  // Of a path as the machine itself would name it.
  std::string text(const std::string& path) const;  // a file's, without spaces around it; empty where there is none
  bool exists(const std::string& path) const;
  std::vector<std::string> folder(const std::string& path) const;  // names in it, sorted
  bool may_open(const std::string& path) const { return sight_.may_open(path); }
  std::string real(const std::string& path) const { return sight_.root + path; }

  std::string variable(const std::string& name) const;              // empty where it is not set
  std::vector<std::string> folders(const std::string& name) const;  // of a variable like PATH, empty ones left out
  const Environment& environment() const { return sight_.environment; }

  const std::vector<std::string>& own_wheels() const { return sight_.own_wheels; }

  const User& user() const { return sight_.user; }
  bool container() const { return host.container != "none"; }
  std::vector<const Stick*> plugged(Accelerator kind) const;

  measure::Environment host;
  bool usb_listed = false;
  std::vector<runtime::UsbDevice> usb;
  std::vector<Stick> sticks;
  std::vector<std::string> pci_corals;  // "0000:03:00.0"
  std::vector<std::string> apex_nodes;  // "/dev/apex_0": the driver of PCIe Corals works
  std::vector<UdevRule> udev_rules;
  std::vector<OpenVino> openvinos;
  std::vector<PythonPackage> packages;  // those that a check asks for

 private:
  void find_sticks();
  void find_pci_corals();

  Sight sight_;
};

}  // namespace edgescope::machine
