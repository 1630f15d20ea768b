#include "runtime/catalog.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <optional>

#include "base/beside_program.h"

namespace edgescope::runtime {
namespace {

namespace fs = std::filesystem;

#if defined(__aarch64__)
constexpr const char* kTfLiteFolder = "package/cc_deps/linux_arm64";
constexpr const char* kSystemFolder = "/usr/lib/aarch64-linux-gnu";
#else
constexpr const char* kTfLiteFolder = "package/cc_deps/linux_amd64";
constexpr const char* kSystemFolder = "/usr/lib/x86_64-linux-gnu";
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
      {"edgetpu", "edgetpu", "EDGESCOPE_LIBEDGETPU", "libedgetpu.so", {"", "lib"}},
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

bool is_number(std::string_view text) {
  return !text.empty() && text.size() < 4 && text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool is_known(std::string_view name) {
  return std::find(known().begin(), known().end(), name) != known().end() ||
         (name.starts_with("edgetpu:") && is_number(name.substr(std::string_view("edgetpu:").size()))) ||
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

// Puts the stand-in for libusb before any other. What is on its bus stands in `session` (virtual/session/session.h),
// for sticks that need to know nothing of a model; else whoever starts the worker says it.
base::Status put_on_simulated_bus(Found& found, const std::string& session = {}) {
  const auto stand_in = base::beside_program("virtual/libusb-1.0.so.0");
  if (!stand_in)
    return base::fail({.fault = base::Fault::missing,
                       .what = "the simulated USB bus, virtual/libusb-1.0.so.0, is not beside this program",
                       .remedy = "`make build` makes it."});
  found.search_path.insert(found.search_path.begin(), fs::path(*stand_in).parent_path());
  if (!session.empty()) found.environment["EDGESCOPE_VIRTUAL_USB"] = session;
  return {};
}

// Coral's runtime comes by its own packages, so it lies where the loader looks.
std::optional<fs::path> library_of_the_system(const Family& family) {
  std::string folders = environment("LD_LIBRARY_PATH");
  folders += fmt::format(":/usr/local/lib:{}:/usr/lib:/usr/lib64", kSystemFolder);
  for (std::size_t at = 0; at <= folders.size();) {
    const std::size_t end = std::min(folders.find(':', at), folders.size());
    if (const std::string folder = folders.substr(at, end - at); !folder.empty())
      if (auto library = library_in(family, folder)) return library;
    at = end + 1;
  }
  return std::nullopt;
}

// What a library of Coral's needs beside itself: TFLite, which runs the graph, and for a simulated stick its bus.
base::Result<Found> with_host(Found found, const Places& places) {
  EDGESCOPE_TRY(host, find("tflite", places));
  found.host = host.library;
  for (const std::string& folder : host.search_path) found.search_path.push_back(folder);
  if (!is_virtual(found.name)) return found;
  EDGESCOPE_CHECK(put_on_simulated_bus(found));
  return found;
}

}  // namespace

const std::vector<std::string>& known() {
  static const std::vector<std::string> names = {
      "litert",          "tflite",     "tflite+xnnpack", "openvino:CPU", "edgetpu",
      "edgetpu:virtual", "ie2021:CPU", "ie2021:MYRIAD",  "ncs2:virtual", "null"};
  return names;
}

std::string runtimes_folder(const Places& places) {
  if (!places.folder.empty()) return places.folder;
  const std::string folder = environment("EDGESCOPE_RUNTIMES_DIR");
  return folder.empty() ? default_folder().string() : folder;
}

std::string_view worker_of(std::string_view name) {
  return family(name) == "ie2021" || name == kSimulatedNcs2 ? std::string_view("edgescope-worker-ie2021") : kWorker;
}

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
    place = fs::path(runtimes_folder(places)) / family.folder;
    source = "runtimes folder";
  }
  auto library = library_in(family, place);
  const bool ours = source == "runtimes folder", coral = family.name == "edgetpu";
  if (coral && !library && ours) {
    library = library_of_the_system(family);
    source = "system";
  }
  if (library) {
    Found found{.name = std::string(name), .library = *library, .source = source, .search_path = search_path(*library)};
    if (coral) return with_host(std::move(found), places);
    if (is_virtual(name)) EDGESCOPE_CHECK(put_on_simulated_bus(found, R"({"devices": [{"kind": "myriad"}]})"));
    return found;
  }
  if (coral)
    return base::fail({.fault = base::Fault::missing,
                       .what = ours ? "libedgetpu, Coral's runtime, is not installed"
                                    : fmt::format("libedgetpu, Coral's runtime, is not where {} says", source),
                       .file = ours ? fs::path() : place,
                       .remedy = "Install libedgetpu1-std of Coral's packages (https://coral.ai/software), or set "
                                 "EDGESCOPE_LIBEDGETPU to its libedgetpu.so.1."});
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
    if (name == "null" || family(name) == "edgetpu" || worker_of(name) != kWorker) continue;
    if (auto found = find(name, places)) all.push_back(std::move(*found));
  }
  return all;
}

bool is_virtual(std::string_view name) { return name.ends_with(":virtual"); }

bool accepts(std::string_view name, graph::Format format) {
  if (name == "null") return true;
  if (family(name) == "openvino") return true;
  if (family(name) == "ie2021" || name == kSimulatedNcs2)
    return format == graph::Format::Onnx || format == graph::Format::OpenVinoIr;
  return format == graph::Format::TfLite;
}

}  // namespace edgescope::runtime
