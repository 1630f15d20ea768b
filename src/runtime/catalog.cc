#include "runtime/catalog.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <optional>

#include "runtime/own_files.h"

namespace edgescope::runtime {
namespace {

namespace fs = std::filesystem;

#if defined(__aarch64__)
constexpr const char* kTfLiteFolder = "package/cc_deps/linux_arm64";
#else
constexpr const char* kTfLiteFolder = "package/cc_deps/linux_amd64";
#endif

struct Family {
  std::string_view name;
  std::string_view folder;  // in runtimes/
  const char* variable;
  std::string_view library;  // file name up to and with ".so"; a version may follow
  // Where a folder may hold it: what set-up unpacks, and what the vendor's own installers make.
  std::vector<std::string> folders;
};

const std::vector<Family>& families() {
  static const std::vector<Family> all = {
      {"litert", "litert", "EDGESCOPE_LITERT", "libLiteRt.so", {"ai_edge_litert", "", "lib"}},
      {"tflite", "tflite", "EDGESCOPE_TFLITE", "libtensorflowlite_c.so", {kTfLiteFolder, "", "lib"}},
      {"openvino",
       "openvino",
       "EDGESCOPE_OPENVINO",
       "libopenvino_c.so",
       {"openvino/libs", "", "libs", "runtime/lib/intel64", "runtime/lib/aarch64", "runtime/lib/arm64", "lib"}},
      {"ie2021",
       "openvino-2021.4",
       "EDGESCOPE_IE2021",
       "libinference_engine.so",
       {"openvino/libs", "", "libs", "deployment_tools/inference_engine/lib/intel64", "lib"}},
  };
  return all;
}

constexpr std::string_view kWorker = "edgescope-worker";
constexpr std::string_view kSimulatedNcs2 = "ncs2:virtual";

const Family* family_of(std::string_view name) {
  if (name == kSimulatedNcs2) name = "ie2021:MYRIAD";  // the same plugin, which finds another stick
  const auto& all = families();
  const auto it = std::find_if(all.begin(), all.end(), [&](const Family& f) { return f.name == family(name); });
  return it == all.end() ? nullptr : &*it;
}

bool is_known(std::string_view name) {
  return std::find(known().begin(), known().end(), name) != known().end() ||
         (name.starts_with("openvino:") && name.size() > std::string_view("openvino:").size());
}

// The library at or below `place`; among several versions the unversioned name, then the highest.
std::optional<fs::path> library_in(const Family& family, const fs::path& place) {
  std::error_code ignored;
  if (fs::is_regular_file(place, ignored)) return fs::absolute(place, ignored);
  for (const std::string& folder : family.folders) {
    std::vector<fs::path> found;
    for (const auto& entry : fs::directory_iterator(place / folder, ignored)) {
      const std::string file = entry.path().filename();
      const std::string versioned = std::string(family.library) + ".";
      if (file == family.library) return fs::absolute(entry.path(), ignored);
      if (file.starts_with(versioned)) found.push_back(entry.path());
    }
    if (!found.empty()) return fs::absolute(*std::max_element(found.begin(), found.end()), ignored);
  }
  return std::nullopt;
}

// runtimes/ beside the folder of the program (build/edgescope -> runtimes/), else that of the sources.
fs::path default_folder() {
  std::error_code ignored;
  const fs::path program = fs::read_symlink("/proc/self/exe", ignored);
  const fs::path beside = program.parent_path().parent_path() / "runtimes";
  return fs::is_directory(beside, ignored) ? beside : fs::path(EDGESCOPE_RUNTIMES_DIR);
}

std::string environment(const char* variable) {
  const char* value = std::getenv(variable);
  return value ? value : "";
}

// Folders of what the library needs in turn: its own, and the TBB that the vendor's installer puts elsewhere.
std::vector<std::string> search_path(const fs::path& library) {
  std::vector<std::string> path = {library.parent_path()};
  std::error_code ignored;
  const fs::path tbb = library.parent_path() / "../../3rdparty/tbb/lib";
  if (fs::is_directory(tbb, ignored)) path.push_back(fs::weakly_canonical(tbb, ignored));
  return path;
}

const char* brings(const Family& family) { return family.name == "ie2021" ? "make oracle" : "make runtimes"; }

// Puts the stand-in libusb before the real one, and one stick of this kind on its bus.
base::Status simulate(Found& found, std::string_view kind) {
  const auto bus = own_file("virtual/libusb-1.0.so.0");
  if (!bus)
    return base::fail({.fault = base::Fault::missing, .what = "the simulated USB bus is not beside this program", .remedy = "`make build` makes it."});
  found.search_path.insert(found.search_path.begin(), fs::path(*bus).parent_path());
  found.environment["EDGESCOPE_VIRTUAL_USB"] = fmt::format(R"({{"devices": [{{"kind": "{}"}}]}})", kind);
  return {};
}

}  // namespace

const std::vector<std::string>& known() {
  static const std::vector<std::string> names = {"litert",     "tflite",        "tflite+xnnpack", "openvino:CPU",
                                                 "ie2021:CPU", "ie2021:MYRIAD", "ncs2:virtual",   "null"};
  return names;
}

std::string_view worker_of(std::string_view name) {
  return family(name) == "ie2021" || name == kSimulatedNcs2 ? std::string_view("edgescope-worker-ie2021") : kWorker;
}

bool is_simulated(std::string_view name) { return name.ends_with(":virtual"); }

std::string_view family(std::string_view name) { return name.substr(0, name.find_first_of("+:")); }

base::Result<Found> find(std::string_view name, const Places& places) {
  if (!is_known(name)) {
    return base::fail({.fault = base::Fault::usage,
                       .what = fmt::format("there is no runtime \"{}\"", name),
                       .remedy = fmt::format("Known are {}.", fmt::join(known(), ", "))});
  }
  if (name == "null") return Found{.name = "null", .source = "built in"};
  const Family& family = *family_of(name);

  fs::path place;
  std::string source;
  const std::string variable = environment(family.variable);
  if (const auto flag = places.libraries.find(std::string(family.name)); flag != places.libraries.end()) {
    place = flag->second;
    source = "command line";
  } else if (!variable.empty()) {
    place = variable;
    source = family.variable;
  } else {
    const std::string folder = environment("EDGESCOPE_RUNTIMES_DIR");
    const fs::path root = !places.folder.empty() ? fs::path(places.folder)
                          : !folder.empty()      ? fs::path(folder)
                                                 : default_folder();
    place = root / family.folder;
    source = "runtimes folder";
  }
  if (const auto library = library_in(family, place)) {
    Found found{.name = std::string(name), .library = *library, .source = source, .search_path = search_path(*library)};
    if (name == kSimulatedNcs2) EDGESCOPE_CHECK(simulate(found, "myriad"));
    return found;
  }
  const bool ours = source == "runtimes folder";
  return base::fail(
      {.fault = base::Fault::missing,
       .what = ours ? fmt::format("the runtime {} is not installed", name)
                    : fmt::format("the runtime {} is not where {} says: no {} there", name, source, family.library),
       .file = place,
       .remedy = ours ? fmt::format("`{}` brings it, or set {} to its library.", brings(family), family.variable)
                      : fmt::format("Correct the path, or leave it out and run `{}`.", brings(family))});
}

std::vector<Found> installed(const Places& places) {
  std::vector<Found> all;
  for (const std::string& name : known()) {
    if (name == "null" || worker_of(name) != kWorker) continue;
    if (auto found = find(name, places)) all.push_back(std::move(*found));
  }
  return all;
}

bool accepts(std::string_view name, graph::Format format) {
  if (name == "null") return true;
  if (family(name) == "openvino") return true;
  if (family(name) == "ie2021" || name == kSimulatedNcs2) return format == graph::Format::Onnx || format == graph::Format::OpenVinoIr;
  return format == graph::Format::TfLite;
}

}  // namespace edgescope::runtime
