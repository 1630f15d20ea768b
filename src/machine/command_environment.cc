#include "machine/command_environment.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/mapped_file.h"

namespace edgescope::machine {
namespace {

namespace fs = std::filesystem;

// What setupvars.sh sets beside the three paths; each names a place below the archive's root.
constexpr const char* kPlaces[] = {
    "INTEL_OPENVINO_DIR", "INTEL_CVSDK_DIR", "InferenceEngine_DIR", "ngraph_DIR", "OpenVINO_DIR",
    "HDDL_INSTALL_DIR",   "TBB_DIR",         "OpenCV_DIR"};
// What these name below the root, so that a root is known by any of them.
constexpr std::string_view kBelowRoot[] = {"/runtime/cmake", "/deployment_tools/inference_engine/share",
                                           "/deployment_tools/ngraph/cmake"};
constexpr std::string_view kLinked[] = {"libopenvino.so", "libinference_engine.so", "libopenvino_c.so"};

std::string without_slash(std::string folder) {
  while (folder.size() > 1 && folder.back() == '/') folder.pop_back();
  return folder;
}

bool lies_in(const std::string& path, const std::string& root) { return path == root || path.starts_with(root + "/"); }

// Roots of archives that this environment was set up for, whether they still exist or not. A variable that names
// something else, the user's home say, makes no root of it.
std::vector<std::string> roots(const Machine& machine) {
  std::vector<std::string> found;
  const auto add = [&](std::string root) {
    root = without_slash(std::move(root));
    if (root.empty() || std::find(found.begin(), found.end(), root) != found.end()) return;
    if (!machine.exists(root) || archive_at(machine, root) || wheel_at(machine, root)) found.push_back(std::move(root));
  };
  add(machine.variable("INTEL_OPENVINO_DIR"));
  for (const char* variable : {"InferenceEngine_DIR", "ngraph_DIR", "OpenVINO_DIR"})
    for (std::string_view below : kBelowRoot)
      if (const std::string place = without_slash(machine.variable(variable)); place.ends_with(below))
        add(place.substr(0, place.size() - below.size()));
  for (const OpenVino& one : machine.openvinos)
    if (one.kind == OpenVino::Kind::Archive) add(one.folder);
  return found;
}

bool is_python(const std::string& program) { return fs::path(program).filename().string().starts_with("python"); }

// Where PATH leads, on that machine.
std::string find_on(const Machine& machine, const std::string& path, const std::string& name) {
  if (name.find('/') != std::string::npos) return machine.exists(name) ? name : std::string();
  std::istringstream folders(path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    const std::string file = (folder.empty() ? "." : folder) + "/" + name;
    std::error_code ignored;
    if (fs::is_regular_file(machine.real(file), ignored)) return file;
  }
  return {};
}

// The Python behind `#!`, also as pip writes it for long paths: a shell script that calls it in its second line.
std::string interpreter_of_script(const Machine& machine, const std::string& program, const std::string& path) {
  std::ifstream file(machine.real(program));
  std::string first, second;
  std::getline(file, first);
  if (!first.starts_with("#!")) return {};
  std::getline(file, second);
  std::istringstream words(first.substr(2));
  std::string name, argument;
  words >> name >> argument;
  if (name.ends_with("/env")) return is_python(argument) ? find_on(machine, path, argument) : std::string();
  if (is_python(name)) return name;
  constexpr std::string_view kExec = "'''exec' ";
  if (!second.starts_with(kExec)) return {};
  std::string rest = second.substr(kExec.size());
  const char end = rest.starts_with('"') ? '"' : ' ';
  if (end == '"') rest.erase(0, 1);
  rest = rest.substr(0, rest.find(end));
  return is_python(rest) ? rest : std::string();
}

std::optional<OpenVino> package_of(const Machine& machine, const std::string& interpreter) {
  for (const std::string& site : site_folders(machine, interpreter))
    if (std::optional<OpenVino> wheel = wheel_at(machine, site)) return wheel;
  return std::nullopt;
}

// Whether nothing but OpenVINO lies in a folder, so that taking it off a path takes nothing else away.
bool only_openvino(const Machine& machine, const std::string& folder) {
  const std::vector<std::string> names = machine.folder(folder);
  return std::all_of(names.begin(), names.end(), [](const std::string& name) {
    return name.starts_with("openvino") || name.starts_with("ngraph") || name.starts_with("_pyngraph") ||
           name.starts_with("requirements") || name == "__pycache__" || name.starts_with(".") ||
           name.starts_with("lib") || name.ends_with(".xml") || name.ends_with(".mvcmd") || name.ends_with(".elf") ||
           name.ends_with(".json");
  });
}

// The name of OpenVINO's library that a program says it needs, "libopenvino.so.2230"; empty where it needs none.
std::string linked_library(const Machine& machine, const std::string& program) {
  const auto file = base::MappedFile::open(machine.real(program));
  if (!file) return {};
  const auto bytes = file->bytes();
  const std::string_view content(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (!content.starts_with("\177ELF")) return {};
  for (std::string_view name : kLinked)
    // As the loader reads it, a string by itself: other programs may hold the name in their messages.
    for (auto at = content.find(name); at != std::string_view::npos; at = content.find(name, at + 1)) {
      const std::string_view word = content.substr(at, content.find('\0', at) - at);
      if (at > 0 && content[at - 1] == '\0' &&
          word.substr(name.size()).find_first_not_of(".0123456789") == std::string_view::npos)
        return std::string(word);
    }
  return {};
}

bool mentions_openvino(const Machine& machine, const std::string& program, const std::vector<std::string>& words) {
  const auto says = [](const std::string& text) { return text.find("openvino") != std::string::npos; };
  if (!is_python(program)) return says(machine.text(program));
  for (std::size_t i = 1; i < words.size(); ++i) {
    if (words[i].starts_with("-") && words[i] != "-m" && words[i] != "-c") continue;
    if ((words[i] == "-m" || words[i] == "-c") && i + 1 < words.size()) return says(words[i + 1]);
    return says(machine.text(words[i]));
  }
  return false;
}

class Composer {
 public:
  Composer(const Machine& machine) : machine_(machine), roots_(roots(machine)) {
    result_.environment = machine.environment();
  }

  base::Result<CommandEnvironment> compose(const std::vector<std::string>& words, const std::string& wanted) {
    std::optional<OpenVino> named;
    if (!wanted.empty()) {
      named = archive_at(machine_, without_slash(wanted));
      if (!named) named = wheel_at(machine_, without_slash(wanted));
      if (!named)
        return base::fail(
            {.fault = base::Fault::usage,
             .what = "holds no OpenVINO",
             .file = wanted,
             .remedy = "Name the folder of an archive, the one with setupvars.sh in it or in its bin/, or that of an "
                       "unpacked wheel."});
    }
    EDGESCOPE_CHECK(find_program(words.front()));
    decide(words, named);
    return std::move(result_);
  }

 private:
  // A setupvars puts tools of its own before all others; a tool of pip's of the same name is the one that is meant.
  base::Status find_program(const std::string& name) {
    const std::string path = machine_.variable("PATH");
    std::string others;
    for (const std::string& folder : machine_.folders("PATH"))
      if (root_of(folder).empty()) others += (others.empty() ? "" : ":") + folder;
    result_.program = find_on(machine_, others, name);
    if (result_.program.empty()) result_.program = find_on(machine_, path, name);
    if (result_.program.empty())
      return base::fail({.fault = base::Fault::missing,
                         .what = fmt::format("there is no program {}", name),
                         .remedy = "Is it on your PATH? In a Python environment it has to be activated first."});
    result_.interpreter =
        is_python(result_.program) ? result_.program : interpreter_of_script(machine_, result_.program, path);
    return {};
  }

  void decide(const std::vector<std::string>& words, const std::optional<OpenVino>& named) {
    if (named) {
      result_.reason = fmt::format("You asked for the OpenVINO in {}.", named->folder);
      return give(*named);
    }
    if (!result_.interpreter.empty()) return decide_for_python(words);
    const std::string library = linked_library(machine_, result_.program);
    if (library.empty()) {
      result_.reason = fmt::format("{} is neither a Python tool nor linked with OpenVINO.", result_.program);
      return;
    }
    for (const std::string& folder : machine_.folders("LD_LIBRARY_PATH"))
      if (machine_.exists(folder + "/" + library)) {
        result_.reason = fmt::format("{} needs {}, which LD_LIBRARY_PATH leads to.", result_.program, library);
        return;
      }
    for (const OpenVino& one : machine_.openvinos)
      for (const std::string& folder : one.libraries)
        if (!one.own && machine_.exists(folder + "/" + library)) {
          result_.reason = fmt::format("{} needs {}, which is in {}.", result_.program, library, one.folder);
          return give(one);
        }
    result_.reason = fmt::format("{} needs {}, but no OpenVINO that was found has it.", result_.program, library);
  }

  void decide_for_python(const std::vector<std::string>& words) {
    if (const std::optional<OpenVino> package = package_of(machine_, result_.interpreter)) {
      result_.need = Need::Clean;
      result_.reason = fmt::format("{} has pip's OpenVINO {}, which an archive's setupvars.sh would hide.",
                                   result_.interpreter, package->version);
      return clean(package->folder);
    }
    for (const std::string& folder : machine_.folders("PYTHONPATH"))
      if (holds_openvino_package(machine_, folder)) {
        result_.reason = fmt::format("{} has no OpenVINO of its own; PYTHONPATH gives it the one in {}.",
                                     result_.interpreter, folder);
        return;
      }
    if (!mentions_openvino(machine_, result_.program, words)) {
      result_.reason = "The script does not mention OpenVINO.";
      return;
    }
    for (const OpenVino& one : machine_.openvinos)
      if (one.kind == OpenVino::Kind::Archive && !python_of(one).empty()) {
        result_.reason = fmt::format("{} has no OpenVINO of its own; the archive in {} has one for it.",
                                     result_.interpreter, one.folder);
        return give(one);
      }
    result_.reason =
        fmt::format("{} has no OpenVINO, and no archive that was found has one for it.", result_.interpreter);
  }

  // The archive that a place belongs to, or "".
  std::string root_of(const std::string& place) const {
    for (const std::string& root : roots_)
      if (lies_in(place, root)) return root;
    return {};
  }

  void note(const std::string& variable, Change::Action action, const std::string& value, std::string why) {
    result_.changes.push_back({variable, action, value, std::move(why)});
  }

  void store(const std::string& variable, const std::vector<std::string>& entries) {
    if (entries.empty())
      result_.environment.erase(variable);
    else
      result_.environment[variable] = fmt::format("{}", fmt::join(entries, ":"));
  }

  // Takes out every OpenVINO but the one in `own`, which may be empty.
  void clean(const std::string& own) {
    for (const char* variable : kPlaces) {
      const std::string place = without_slash(machine_.variable(variable));
      if (place.empty() || root_of(place).empty()) continue;
      note(variable, Change::Action::Unset, place, "It names an archive that setupvars.sh was sourced for.");
      result_.environment.erase(variable);
    }
    clean_path("PATH", own);
    clean_path("LD_LIBRARY_PATH", own);
    clean_path("PYTHONPATH", own);
  }

  void clean_path(const std::string& variable, const std::string& own) {
    const std::vector<std::string> before = machine_.folders(variable);
    std::vector<std::string> after;
    const bool python = variable == "PYTHONPATH", libraries = variable == "LD_LIBRARY_PATH";
    for (const std::string& written : before) {
      const std::string folder = without_slash(written);
      const std::string root = root_of(folder);
      const bool another = folder != own && (own.empty() || !lies_in(folder, own)) &&
                           ((python && holds_openvino_package(machine_, folder)) ||
                            (libraries && holds_openvino_library(machine_, folder)));
      if (!root.empty()) {
        note(variable, Change::Action::Removed, written, fmt::format("It belongs to the archive in {}.", root));
      } else if (another && only_openvino(machine_, folder)) {
        note(variable, Change::Action::Removed, written, "It holds another OpenVINO and nothing else.");
      } else if (another && python && !own.empty() && std::find(after.begin(), after.end(), own) == after.end()) {
        note(variable, Change::Action::Added, own,
             fmt::format(
                 "{} holds another OpenVINO beside other packages: it stays, and the interpreter's own packages come "
                 "before it.",
                 written));
        after.push_back(own);
        after.push_back(written);
      } else {
        after.push_back(written);
      }
    }
    if (!result_.changes.empty() && result_.changes.back().variable == variable) store(variable, after);
  }

  // The folder of an OpenVINO's package for this interpreter: "python3.9" for that Python, "python3" for any.
  std::string python_of(const OpenVino& one) const {
    if (one.kind == OpenVino::Kind::Wheel) return one.python.empty() ? "" : one.python.front();
    const std::vector<std::string> sites = site_folders(machine_, result_.interpreter);
    for (const std::string& folder : one.python) {
      const std::string name = fs::path(folder).filename();
      if (name == "python3") return folder;
      for (const std::string& site : sites)
        if (site.find("/" + name + "/") != std::string::npos) return folder;
    }
    return {};
  }

  // What sourcing its setupvars.sh does, after everybody else's was taken out.
  void give(const OpenVino& one) {
    result_.need = Need::OpenVino;
    result_.openvino = one.folder;
    clean({});
    const auto set = [&](const char* variable, const std::string& value) {
      if (!machine_.exists(value)) return;
      note(variable, Change::Action::Set, value, "As its setupvars.sh sets it.");
      result_.environment[variable] = value;
    };
    if (one.kind == OpenVino::Kind::Archive) {
      const bool old = machine_.exists(one.folder + "/deployment_tools");
      set("INTEL_OPENVINO_DIR", one.folder);
      set("InferenceEngine_DIR", one.folder + (old ? "/deployment_tools/inference_engine/share" : "/runtime/cmake"));
      set("ngraph_DIR", one.folder + (old ? "/deployment_tools/ngraph/cmake" : "/runtime/cmake"));
      if (!old) set("OpenVINO_DIR", one.folder + "/runtime/cmake");
      set("HDDL_INSTALL_DIR",
          one.folder + (old ? "/deployment_tools/inference_engine/external/hddl" : "/runtime/3rdparty/hddl"));
    }
    prepend("LD_LIBRARY_PATH", one.libraries, "Its libraries and what they need.");
    if (const std::string python = result_.interpreter.empty() ? "" : python_of(one); !python.empty())
      prepend("PYTHONPATH", {python}, "Its package for this Python.");
  }

  void prepend(const std::string& variable, const std::vector<std::string>& folders, const std::string& why) {
    std::string& value = result_.environment[variable];
    std::string first = fmt::format("{}", fmt::join(folders, ":"));
    for (const std::string& folder : folders) note(variable, Change::Action::Added, folder, why);
    value = value.empty() ? first : first + ":" + value;
    if (value.empty()) result_.environment.erase(variable);
  }

  const Machine& machine_;
  std::vector<std::string> roots_;
  CommandEnvironment result_;
};

}  // namespace

std::string_view name_of(Need need) {
  return need == Need::Clean ? "clean" : need == Need::OpenVino ? "openvino" : "as it is";
}

std::string_view name_of(Change::Action action) {
  switch (action) {
    case Change::Action::Added:
      return "added";
    case Change::Action::Removed:
      return "removed";
    case Change::Action::Set:
      return "set";
    case Change::Action::Unset:
      break;
  }
  return "unset";
}

base::Result<CommandEnvironment> environment_for(const Machine& machine, const std::vector<std::string>& words,
                                                 const std::string& openvino) {
  return Composer(machine).compose(words, openvino);
}

}  // namespace edgescope::machine
