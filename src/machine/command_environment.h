// The environment that a command needs where OpenVINO's archives and pip's packages meet. An archive's setupvars.sh
// changes a shell for good, and what it sets hides pip's package from every Python tool that is started there; what
// runs on the archive needs just that. So which of the two a command gets is decided by what the command is:
//
//   a Python tool whose interpreter has pip's OpenVINO (mo, ovc, benchmark_app, any script)   without any setupvars
//   a program that is linked with OpenVINO, or a script whose interpreter has none            an archive's settings
//   anything else                                                                             as it is
//
// Entries of PATH, PYTHONPATH and LD_LIBRARY_PATH that are not OpenVINO's are never touched.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "machine/machine.h"

namespace edgescope::machine {

enum class Need { Clean, OpenVino, AsItIs };
std::string_view name_of(Need need);  // "clean", "openvino", "as it is"

struct Change {
  std::string variable;
  enum class Action { Added, Removed, Set, Unset } action = Action::Removed;
  std::string value;  // the entry, or the whole value
  std::string why;    // a sentence
};
std::string_view name_of(Change::Action action);  // "added", "removed", "set", "unset"

struct CommandEnvironment {
  std::string program;      // the file that will run
  std::string interpreter;  // Python's, where the program is a script of it or Python itself
  Need need = Need::AsItIs;
  std::string reason;    // why that, a sentence
  std::string openvino;  // the folder of the one that it gets; empty where none is given
  std::vector<Change> changes;
  Environment environment;
};

// `openvino` is a folder that the user names, an archive or an unpacked wheel, or empty. Fault::missing where there is
// no such program, Fault::usage where the folder holds no OpenVINO.
base::Result<CommandEnvironment> environment_for(const Machine& machine, const std::vector<std::string>& words,
                                                 const std::string& openvino);

}  // namespace edgescope::machine
