// What goes wrong where OpenVINO's archives and pip's packages meet.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "machine/check.h"

namespace edgescope::machine {
namespace {

// pip's package that an interpreter has by itself and PYTHONPATH hides, with the folder that hides it.
struct Shadow {
  std::string folder, package;
};

std::vector<Shadow> shadows(const Machine& machine) {
  std::vector<Shadow> found;
  for (const std::string& folder : machine.folders("PYTHONPATH")) {
    if (!holds_openvino_package(machine, folder)) continue;
    for (const std::string& interpreter : interpreters(machine))
      for (const std::string& site : site_folders(machine, interpreter))
        if (site != folder && holds_openvino_package(machine, site)) found.push_back({folder, site});
    break;  // the first one on the path is the one that is imported
  }
  return found;
}

std::string version_in(const Machine& machine, const std::string& folder) {
  for (const OpenVino& one : machine.openvinos)
    if (one.folder == folder || std::find(one.python.begin(), one.python.end(), folder) != one.python.end())
      return one.version.empty() ? "" : one.version + " ";
  return {};
}

Outcome shadowed(const Machine& machine) {
  const std::vector<Shadow> found = shadows(machine);
  if (!found.empty())
    return {State::Problem, fmt::format("PYTHONPATH names {}, whose package openvino {}hides the one {}in {}.",
                                        found.front().folder, version_in(machine, found.front().folder),
                                        version_in(machine, found.front().package), found.front().package)};
  if (machine.folders("PYTHONPATH").empty()) return {State::Ok, "PYTHONPATH is not set."};
  return {State::Ok, "PYTHONPATH hides no package openvino of pip's."};
}

// The installation that a folder on a path belongs to; its own name where it belongs to none that we know.
std::string owner(const Machine& machine, const std::string& folder) {
  for (const OpenVino& one : machine.openvinos)
    if (folder == one.folder || folder.starts_with(one.folder + "/")) return one.folder;
  return folder;
}

Outcome mixed(const Machine& machine) {
  std::vector<std::string> owners;
  const auto add = [&](const std::string& folder) {
    if (std::string name = owner(machine, folder); std::find(owners.begin(), owners.end(), name) == owners.end())
      owners.push_back(std::move(name));
  };
  if (const std::string root = machine.variable("INTEL_OPENVINO_DIR"); !root.empty()) add(root);
  for (const std::string& folder : machine.folders("PYTHONPATH"))
    if (holds_openvino_package(machine, folder)) add(folder);
  const bool only_libraries = owners.empty();
  for (const std::string& folder : machine.folders("LD_LIBRARY_PATH"))
    if (holds_openvino_library(machine, folder)) add(folder);
  if (owners.size() > 1)
    return {State::Problem,
            fmt::format("The environment names {} OpenVINOs: {}.", owners.size(), fmt::join(owners, ", "))};
  if (owners.empty()) return {State::Ok, "The environment names no OpenVINO."};
  if (only_libraries)
    return {State::Ok, fmt::format("Only LD_LIBRARY_PATH names {}, which disturbs neither pip's package nor `mo`.",
                                   owners.front())};
  return {State::Ok, fmt::format("The environment names one OpenVINO: {}.", owners.front())};
}

}  // namespace

std::vector<Check> openvino_checks() {
  return {
      {.id = "openvino-shadowed",
       .concerns = "OpenVINO",
       .title = "setupvars hides pip's OpenVINO, so `mo` does not start",
       .symptom = "`mo`: \"No module named 'openvino.tools'\" or \"cannot import name 'get_numpy_ctype'\".",
       .cause = "setupvars.sh was sourced in this shell or in ~/.bashrc: it puts its own Python folders first on "
                "PYTHONPATH, "
                "before pip's package of the same name.",
       .cure = "Run the tool with `edgescope env -- mo ...`, which takes them away for that command, and take "
               "setupvars.sh out "
               "of ~/.bashrc.",
       .sources = {"openvinotoolkit/openvino#21591"},
       .look = shadowed},
      {.id = "openvino-mixed",
       .concerns = "OpenVINO",
       .title = "Several OpenVINOs in one environment",
       .symptom = "Missing symbols, missing plugins, or another version than the one that you installed.",
       .cause = "Two setupvars.sh were sourced one after the other, or one on top of pip's libraries: each path takes "
                "what comes "
                "first, and the halves do not fit.",
       .cure = "Start a new shell and source at most one; or `edgescope env --openvino FOLDER -- COMMAND`, which sets "
               "one and "
               "takes the others away.",
       .sources = {"openvinotoolkit/openvino#21591"},
       .look = mixed},
  };
}

}  // namespace edgescope::machine
