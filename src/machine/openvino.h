// OpenVINO installations: the vendor's archives (set up for a shell by their setupvars.sh) and pip's packages, which
// get in each other's way. An archive's Python folder on PYTHONPATH hides pip's package of the same name.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace edgescope::machine {

class Machine;

struct OpenVino {
  enum class Kind { Archive, Wheel };
  Kind kind = Kind::Wheel;
  std::string folder;                  // an archive's root; for a wheel the folder that holds `openvino/`
  std::string version;                 // "2022.3.0"; empty where it is not told
  std::vector<std::string> libraries;  // folders of shared libraries, to stand on LD_LIBRARY_PATH
  std::vector<std::string> python;     // folders that hold a package `openvino`, to stand on PYTHONPATH
  bool myriad = false;                 // has the NCS2's plugin
  bool converter = false;              // has `mo`, the model converter
  bool own = false;                    // edgescope's, which no other program uses
};

// An archive's root is told by setupvars.sh, which lies there or in bin/.
std::optional<OpenVino> archive_at(const Machine& machine, const std::string& folder);
// What `pip install openvino` or an unpacked wheel leaves in a folder.
std::optional<OpenVino> wheel_at(const Machine& machine, const std::string& folder);

// Archives at the usual places and where the environment says, and wheels of the Python interpreters in reach and on
// PYTHONPATH, each once.
std::vector<OpenVino> find_openvinos(const Machine& machine);

// Whether a folder on PYTHONPATH would be where `import openvino` looks.
bool holds_openvino_package(const Machine& machine, const std::string& folder);
// Whether a folder holds OpenVINO's shared libraries.
bool holds_openvino_library(const Machine& machine, const std::string& folder);

// Folders that a Python interpreter imports from by itself: those of its environment, or of the system and the user.
std::vector<std::string> site_folders(const Machine& machine, const std::string& interpreter);

// The Python interpreters that this environment would start: `python3` and `python` along PATH, VIRTUAL_ENV's,
// CONDA_PREFIX's.
std::vector<std::string> interpreters(const Machine& machine);

// "2022.3.1" as numbers; text behind them is left out.
std::vector<int> version_numbers(const std::string& version);

}  // namespace edgescope::machine
