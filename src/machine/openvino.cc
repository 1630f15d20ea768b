#include "machine/openvino.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>

#include "machine/machine.h"

namespace edgescope::machine {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLibraries[] = {"libopenvino.so", "libinference_engine.so"};
constexpr const char* kPlugins[] = {"libmyriadPlugin.so", "libopenvino_intel_myriad_plugin.so"};
// Below an archive's root; of 2022 and later, and of 2021 and earlier.
constexpr const char* kLibraryFolders[] = {"runtime/lib", "deployment_tools/inference_engine/lib"};
constexpr const char* kFurtherLibraries[] = {
    "runtime/3rdparty/tbb/lib", "runtime/3rdparty/hddl/lib", "deployment_tools/inference_engine/external/tbb/lib",
    "deployment_tools/inference_engine/external/hddl/lib", "deployment_tools/ngraph/lib"};
constexpr const char* kVersionFiles[] = {"runtime/version.txt", "deployment_tools/inference_engine/version.txt",
                                         "deployment_tools/model_optimizer/version.txt", "version.txt"};

std::string join(const std::string& folder, const std::string& name) { return folder + "/" + name; }

std::string without_slash(std::string folder) {
  while (folder.size() > 1 && folder.back() == '/') folder.pop_back();
  return folder;
}

// What stands before the first dash of "2022.3.0-9052-9752fafe8eb-releases/2022/3", or behind the last underscore of a
// folder's name, "openvino_2021.4.752".
std::string archive_version(const Machine& machine, const std::string& folder) {
  for (const char* file : kVersionFiles)
    if (const std::string text = machine.text(join(folder, file)); !text.empty())
      return text.substr(0, text.find_first_of("- \n"));
  const std::string name = fs::path(folder).filename();
  const std::size_t digit = name.find("20");
  return digit == std::string::npos ? std::string() : name.substr(digit);
}

bool has_any(const Machine& machine, const std::string& folder, std::initializer_list<const char*> names) {
  return std::any_of(names.begin(), names.end(), [&](const char* name) { return machine.exists(join(folder, name)); });
}

// A file of that name or one with a version behind it.
bool holds_library(const Machine& machine, const std::string& folder, const std::string& name) {
  const std::vector<std::string> names = machine.folder(folder);
  return std::any_of(names.begin(), names.end(),
                     [&](const std::string& file) { return file == name || file.starts_with(name + "."); });
}

bool holds_plugin(const Machine& machine, const std::string& folder) {
  return std::any_of(std::begin(kPlugins), std::end(kPlugins),
                     [&](const char* name) { return holds_library(machine, folder, name); });
}

std::vector<std::string> archive_candidates(const Machine& machine) {
  std::vector<std::string> folders = {machine.variable("INTEL_OPENVINO_DIR")};
  for (const std::string& parent : {std::string("/opt/intel"), join(machine.variable("HOME"), "intel")})
    for (const std::string& name : machine.folder(parent))
      if (name.starts_with("openvino")) folders.push_back(join(parent, name));
  // A path on a setupvars' list lies below the root.
  for (const char* variable : {"PYTHONPATH", "LD_LIBRARY_PATH"})
    for (const std::string& folder : machine.folders(variable)) {
      fs::path up = folder;
      for (int i = 0; i < 5 && up.has_relative_path(); ++i, up = up.parent_path()) folders.push_back(up);
    }
  return folders;
}

// "3.11" where the name or what it is a link to says it.
std::string python_version(const Machine& machine, const std::string& interpreter) {
  const auto suffix = [](const std::string& name) {
    const std::size_t digit = name.find_first_of("0123456789");
    return name.starts_with("python") && name.find('.') != std::string::npos ? name.substr(digit) : std::string();
  };
  std::error_code failed;
  const fs::path target = fs::read_symlink(machine.real(interpreter), failed);
  const std::string own = suffix(fs::path(interpreter).filename());
  return own.empty() && !failed ? suffix(target.filename()) : own;
}

// `<parent>/python3.11/<leaf>` for each Python, or for that one.
void add_sites(const Machine& machine, const std::string& parent, const std::string& version,
               std::vector<std::string>& sites) {
  for (const std::string& name : machine.folder(parent)) {
    if (!name.starts_with("python3") || (!version.empty() && name != "python" + version && name != "python3")) continue;
    for (const char* leaf : {"site-packages", "dist-packages"})
      if (const std::string site = join(parent, name) + "/" + leaf; machine.exists(site)) sites.push_back(site);
  }
}

}  // namespace

std::vector<int> version_numbers(const std::string& version) {
  std::vector<int> numbers;
  const char* at = version.c_str();
  while (std::isdigit(static_cast<unsigned char>(*at))) {
    char* end = nullptr;
    numbers.push_back(static_cast<int>(std::strtol(at, &end, 10)));
    at = *end == '.' ? end + 1 : end;
  }
  return numbers;
}

bool holds_openvino_package(const Machine& machine, const std::string& folder) {
  return machine.exists(join(folder, "openvino"));
}

bool holds_openvino_library(const Machine& machine, const std::string& folder) {
  return std::any_of(std::begin(kLibraries), std::end(kLibraries),
                     [&](const char* name) { return holds_library(machine, folder, name); });
}

std::optional<OpenVino> archive_at(const Machine& machine, const std::string& folder) {
  if (folder.empty() || !has_any(machine, folder, {"setupvars.sh", "bin/setupvars.sh"})) return std::nullopt;
  OpenVino found{.kind = OpenVino::Kind::Archive, .folder = folder, .version = archive_version(machine, folder)};
  for (const char* parent : kLibraryFolders)
    for (const std::string& system : machine.folder(join(folder, parent))) {
      const std::string libraries = join(folder, parent) + "/" + system;
      found.libraries.push_back(libraries);
      found.myriad = found.myriad || holds_plugin(machine, libraries);
    }
  for (const char* further : kFurtherLibraries)
    if (machine.exists(join(folder, further))) found.libraries.push_back(join(folder, further));
  for (const std::string& name : machine.folder(join(folder, "python")))
    if (const std::string python = join(folder, "python") + "/" + name; holds_openvino_package(machine, python))
      found.python.push_back(python);
  found.converter = has_any(machine, folder, {"deployment_tools/model_optimizer/mo.py", "tools/mo"});
  return found;
}

std::optional<OpenVino> wheel_at(const Machine& machine, const std::string& folder) {
  if (!holds_openvino_package(machine, folder)) return std::nullopt;
  OpenVino found{.folder = folder, .python = {folder}};
  const std::string libraries = join(folder, "openvino/libs");
  if (machine.exists(libraries)) found.libraries.push_back(libraries);
  found.myriad = holds_plugin(machine, libraries);
  found.converter = machine.exists(join(folder, "openvino/tools/mo"));
  for (const std::string& name : machine.folder(folder))
    if (name.starts_with("openvino-") && name.ends_with(".dist-info"))
      found.version = name.substr(9, name.rfind(".dist-info") - 9);
  return found;
}

std::vector<std::string> interpreters(const Machine& machine) {
  std::vector<std::string> found;
  const auto add = [&](const std::string& folder) {
    for (const char* name : {"python3", "python"})
      if (const std::string path = join(without_slash(folder), name); machine.exists(path)) {
        if (std::find(found.begin(), found.end(), path) == found.end()) found.push_back(path);
        return;  // the other name is the same one
      }
  };
  for (const char* variable : {"VIRTUAL_ENV", "CONDA_PREFIX"})
    if (const std::string prefix = machine.variable(variable); !prefix.empty()) add(join(prefix, "bin"));
  for (const std::string& folder : machine.folders("PATH")) add(folder);
  return found;
}

std::vector<std::string> site_folders(const Machine& machine, const std::string& interpreter) {
  std::vector<std::string> sites;
  const fs::path prefix = fs::path(interpreter).parent_path().parent_path();
  const std::string version = python_version(machine, interpreter);
  const std::string settings = machine.text(prefix / "pyvenv.cfg");  // of an environment made by venv
  const bool system = prefix == "/" || prefix == "/usr";
  if (!system) add_sites(machine, prefix / "lib", settings.empty() ? version : "", sites);
  const bool opened = settings.find("include-system-site-packages = true") != std::string::npos;
  if (settings.empty() || opened) add_sites(machine, join(machine.variable("HOME"), ".local/lib"), version, sites);
  if (system || opened) {
    add_sites(machine, "/usr/local/lib", version, sites);
    add_sites(machine, "/usr/lib", version, sites);
  }
  return sites;
}

std::vector<OpenVino> find_openvinos(const Machine& machine) {
  std::vector<OpenVino> found;
  const auto add = [&](std::optional<OpenVino> one) {
    if (one &&
        std::none_of(found.begin(), found.end(), [&](const OpenVino& other) { return other.folder == one->folder; }))
      found.push_back(std::move(*one));
  };
  for (const std::string& folder : archive_candidates(machine)) add(archive_at(machine, without_slash(folder)));
  const auto of_an_archive = [&](const std::string& folder) {
    return std::any_of(found.begin(), found.end(), [&](const OpenVino& archive) {
      return archive.kind == OpenVino::Kind::Archive && folder.starts_with(archive.folder + "/");
    });
  };
  for (const std::string& folder : machine.folders("PYTHONPATH"))
    if (!of_an_archive(folder)) add(wheel_at(machine, without_slash(folder)));
  for (const std::string& interpreter : interpreters(machine))
    for (const std::string& site : site_folders(machine, interpreter)) add(wheel_at(machine, site));
  for (const std::string& folder : machine.own_wheels())
    if (std::optional<OpenVino> own = wheel_at(machine, without_slash(folder))) {
      own->own = true;
      add(std::move(own));
    }
  return found;
}

}  // namespace edgescope::machine
