// What goes wrong with Coral's Edge TPUs.
#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <sstream>

#include "machine/check.h"
#include "machine/usb_access.h"

namespace edgescope::machine {
namespace {

using Numbers = std::vector<int>;

const Numbers kGasketBreaks = {6, 8};  // the kernel from which on the unpatched driver does not build

Outcome access(const Machine& machine) { return look_at_access(machine, Accelerator::EdgeTpu, kCoralIds); }
Outcome container(const Machine& machine) { return look_at_container(machine, Accelerator::EdgeTpu); }
Outcome link(const Machine& machine) { return look_at_link(machine, Accelerator::EdgeTpu); }

Outcome pcie_driver(const Machine& machine) {
  if (machine.pci_corals.empty()) return {State::NotApplicable, "There is no PCIe Coral here."};
  for (const std::string& node : machine.apex_nodes)
    if (!machine.may_open(node))
      return {State::Problem, fmt::format("{} may not be opened by {}.", node, machine.user().name),
              "`sudo usermod -aG apex $USER`, then log in again."};
  if (!machine.apex_nodes.empty())
    return {State::Ok, fmt::format("The driver runs: {} is there.", machine.apex_nodes.front())};
  const bool breaks = version_numbers(machine.host.kernel) >= kGasketBreaks;
  return {State::Problem,
          fmt::format("A PCIe Coral is in {}, but its driver is not loaded (no /dev/apex_0); the kernel is {}.",
                      machine.pci_corals.front(), machine.host.kernel),
          breaks ? std::string()
                 : "Install Coral's package gasket-dkms and the headers of this kernel, then `sudo modprobe apex`."};
}

// The version of a package whose name begins so, as Debian's list has it: "16.0", "16.0tf2.16.1-1".
std::string package_version(const Machine& machine, const std::string& name) {
  std::istringstream lines(machine.text("/var/lib/dpkg/status"));
  bool inside = false;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("Package: ")) inside = line.starts_with("Package: " + name);
    if (inside && line.starts_with("Version: ")) return line.substr(std::string_view("Version: ").size());
  }
  return {};
}

std::string libedgetpu_version(const Machine& machine) { return package_version(machine, "libedgetpu1-"); }

// The TensorFlow that a build names, as in "16.0tf2.16.1-1": Coral's own releases name none.
std::optional<Numbers> named_tensorflow(const std::string& version) {
  const std::size_t at = version.find("tf");
  if (at == std::string::npos) return std::nullopt;
  Numbers numbers = version_numbers(version.substr(at + 2));
  numbers.resize(2);
  return numbers;
}

Outcome versions(const Machine& machine) {
  const std::string runtime = libedgetpu_version(machine);
  if (runtime.empty()) return {State::NotApplicable, "Coral's runtime is not installed as a package."};
  const std::optional<Numbers> tensorflow = named_tensorflow(runtime);
  Outcome outcome{State::NotApplicable, "No Python package runs TFLite models here."};
  for (const PythonPackage& package : machine.packages) {
    if (package.name != "tflite_runtime" && package.name != "ai_edge_litert") continue;
    const Numbers version = version_numbers(package.version);
    const std::string both =
        fmt::format("libedgetpu {} and {} {} in {}", runtime, package.name, package.version, package.folder);
    const bool lite = package.name == "tflite_runtime";
    if (tensorflow ? lite && !std::equal(tensorflow->begin(), tensorflow->end(), version.begin(),
                                         version.begin() + std::min<std::ptrdiff_t>(2, std::ssize(version)))
                   : version >= (lite ? Numbers{2, 12} : Numbers{2}))
      return {State::Problem, both + " do not fit together."};
    if (lite)
      outcome = {State::Ok, both + " fit together."};
    else if (outcome.state != State::Ok)
      outcome = {State::Unseen, both + " have not been tried together; a crash in the first inference would show it."};
  }
  return outcome;
}

Outcome compiler(const Machine& machine) {
  const std::string runtime = libedgetpu_version(machine), made_by = package_version(machine, "edgetpu-compiler");
  if (runtime.empty() || made_by.empty())
    return {State::NotApplicable, "Compiler and runtime are not both installed here."};
  const std::string both = fmt::format("edgetpu-compiler {} and libedgetpu {}", made_by, runtime);
  if (version_numbers(made_by) >= Numbers{16} && version_numbers(runtime) < Numbers{16})
    return {State::Problem, both + ": what the compiler makes needs runtime 14, and this is an older one."};
  return {State::Ok, both + " fit together."};
}

}  // namespace

std::vector<Check> coral_checks() {
  return {
      {.id = "coral-access",
       .concerns = "Edge TPU",
       .title = "The stick may not be opened, at once or after its first use",
       .symptom = "\"Failed to load delegate\", or it works with sudo only; or the first inference after plugging in "
                  "fails and the next one works.",
       .cause = "The stick is 1a6e:089a when it is plugged in, and comes back as 18d1:9302 when its firmware was sent. "
                "Users need a udev rule for both.",
       .cure = "Install libedgetpu1-std of Coral's packages, which brings the rules, and plug the stick in again.",
       .sources = {"google-coral/edgetpu#536", "blakeblackshear/frigate#4463", "blakeblackshear/frigate#6072"},
       .look = access},
      {.id = "coral-container",
       .concerns = "Edge TPU",
       .title = "The container loses the stick after its first use",
       .symptom = "No Edge TPU is found in the container, or it is gone after the first inference.",
       .cause =
           "The stick comes back under another id and number when its firmware was sent; what was passed in by id or "
           "number then no longer exists.",
       .cure = "Start the container with `-v /dev/bus/usb:/dev/bus/usb --device-cgroup-rule='c 189:* rmw'`.",
       .sources = {"google-coral/edgetpu#536", "blakeblackshear/frigate#4463", "blakeblackshear/frigate#6072"},
       .look = container},
      {.id = "coral-link",
       .concerns = "Edge TPU",
       .title = "The stick's way to the computer is slow or shared",
       .symptom = "Inferences take 2 to 10 times as long as published, and vary by 10 to 40 ms.",
       .cause = "A USB 2 port or cable, a hub that serves other devices too or has no power of its own, or a virtual "
                "machine's USB.",
       .cure = "Plug the stick into a USB 3 port (blue) of the computer itself, with the cable that came with it.",
       .sources = {"google-coral/edgetpu#492", "google-coral/edgetpu#554", "google-coral/edgetpu#765",
                   "google-coral/edgetpu#793", "blakeblackshear/frigate#5461", "blakeblackshear/frigate#1208"},
       .look = link},
      {.id = "coral-pcie-driver",
       .concerns = "Edge TPU",
       .title = "The PCIe card's driver is missing or closed",
       .symptom = "No /dev/apex_0, or nobody but root may open it; gasket-dkms fails to build.",
       .cause = "Coral's gasket driver does not build on kernels from 6.8 on.",
       .cure = "Build gasket-dkms from its sources with the patches of the reports below, then `sudo modprobe apex`.",
       .sources = {"google/gasket-driver#24", "google/gasket-driver#30", "google/gasket-driver#51"},
       .look = pcie_driver},
      {.id = "coral-versions",
       .concerns = "Edge TPU",
       .title = "Coral's runtime and TFLite are of different times",
       .symptom =
           "A segmentation fault in the first inference, or \"Encountered unresolved custom op: edgetpu-custom-op\".",
       .cause =
           "libedgetpu is called by TFLite as a delegate, and how it is called changed. Coral's last release (16.0, "
           "July 2021) runs with TFLite up to 2.11 and crashes from 2.12 on, with LiteRT 2.3 too; a rebuilt one needs "
           "the TensorFlow that its version names.",
       .cure =
           "Use tflite-runtime 2.5 with Coral's release, or a libedgetpu that was built for the TFLite that you use.",
       .sources = {"google-coral/edgetpu#435", "google-coral/edgetpu#812", "google-coral/libedgetpu#53"},
       .look = versions},
      {.id = "coral-compiler",
       .concerns = "Edge TPU",
       .title = "The compiler is newer than the runtime",
       .symptom = "\"Package requires runtime version (14), which is newer than this runtime version (13)\".",
       .cause = "edgetpu_compiler 16 writes models for runtime 14, which came with libedgetpu 16.0.",
       .cure = "Update libedgetpu1-std to 16.0, or compile with `--min_runtime_version 13`.",
       .sources = {"google-coral/edgetpu#435", "google-coral/edgetpu#561", "google-coral/pycoral#104"},
       .look = compiler},
  };
}

}  // namespace edgescope::machine
