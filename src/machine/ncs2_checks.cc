// What goes wrong with Intel's Neural Compute Sticks.
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <cstdio>
#include <sstream>

#include "machine/check.h"
#include "machine/usb_access.h"

namespace edgescope::machine {
namespace {

constexpr double kBusyCore = 0.75;  // load of a core from which on others wait

bool any_openvino(const Machine& machine, auto is) {
  return std::any_of(machine.openvinos.begin(), machine.openvinos.end(), is);
}

// Whoever has a stick or a plugin for one wants to use one.
bool wanted(const Machine& machine) {
  return !machine.plugged(Accelerator::Ncs2).empty() ||
         any_openvino(machine, [](const OpenVino& one) { return one.myriad; });
}

constexpr const char* kNoStick = "No NCS2 is plugged in, and no OpenVINO here has its plugin.";

Outcome first_generation(const Machine& machine) {
  if (!machine.usb_listed) return {State::Unseen, "This program is shown no USB devices (/sys/bus/usb is not there)."};
  const auto sticks = machine.plugged(Accelerator::Ncs1);
  if (sticks.empty()) return {State::NotApplicable, "None is plugged in."};
  const bool old = any_openvino(machine, [](const OpenVino& one) {
    return !one.own && one.myriad && version_numbers(one.version) < std::vector<int>{2020, 4};
  });
  const std::string stick = fmt::format("{} (03e7:2150) is a stick of the first generation", sticks.front()->usb.place);
  if (old) return {State::Ok, stick + ", and an OpenVINO that knows it is here."};
  return {State::Problem, stick + "; no OpenVINO here knows it."};
}

Outcome plugin(const Machine& machine) {
  if (!machine.usb_listed) return {State::Unseen, "This program is shown no USB devices (/sys/bus/usb is not there)."};
  if (machine.plugged(Accelerator::Ncs2).empty()) return {State::NotApplicable, "No NCS2 is plugged in."};
  std::string without;
  for (const OpenVino& one : machine.openvinos) {
    if (one.own) continue;
    if (one.myriad) return {State::Ok, fmt::format("OpenVINO {} in {} has the plugin.", one.version, one.folder)};
    without +=
        fmt::format("{}{} in {}", without.empty() ? "" : ", ", one.version.empty() ? "one" : one.version, one.folder);
  }
  return {State::Problem, without.empty() ? "An NCS2 is plugged in, and no OpenVINO is installed."
                                          : fmt::format("An NCS2 is plugged in, and the OpenVINOs here have no plugin "
                                                        "for it: {}.",
                                                        without)};
}

Outcome access(const Machine& machine) { return look_at_access(machine, Accelerator::Ncs2, kNcs2Ids); }
Outcome container(const Machine& machine) { return look_at_container(machine, Accelerator::Ncs2); }
Outcome link(const Machine& machine) { return look_at_link(machine, Accelerator::Ncs2); }

// The process that holds the kernel's lock on a file, or 0: "1: FLOCK  ADVISORY  WRITE 1234 08:01:5678 0 EOF".
int holder(const Machine& machine, const std::string& path) {
  struct stat file {};
  if (stat(machine.real(path).c_str(), &file) != 0) return 0;
  const std::string wanted_file = fmt::format("{:02x}:{:02x}:{}", major(file.st_dev), minor(file.st_dev), file.st_ino);
  std::istringstream lines(machine.text("/proc/locks"));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string number, kind, advisory, mode, where;
    int process = 0;
    if (words >> number >> kind >> advisory >> mode >> process >> where && where == wanted_file) return process;
  }
  return 0;
}

Outcome lock(const Machine& machine) {
  const std::string path = "/tmp/mvnc.mutex";  // written so in the plugin, whatever TMPDIR says
  if (!machine.exists(path))
    return {State::NotApplicable, "Nobody has used an NCS2 here since the computer was started."};
  if (const int process = holder(machine, path))
    return {State::Problem,
            fmt::format("The process {} ({}) holds {}; every other program that wants an NCS2 waits for it.", process,
                        machine.text(fmt::format("/proc/{}/comm", process)), path),
            fmt::format("Wait for it, or end it if it hangs: `kill {}`.", process)};
  if (!machine.may_open(path))
    return {State::Problem,
            fmt::format("{} belongs to another user and may not be opened by {}.", path, machine.user().name),
            fmt::format("`sudo rm {}` while nobody uses a stick.", path)};
  return {State::Ok, path + " is free."};
}

Outcome several(const Machine& machine) {
  if (!machine.usb_listed) return {State::Unseen, "This program is shown no USB devices (/sys/bus/usb is not there)."};
  const std::size_t count = machine.plugged(Accelerator::Ncs2).size();
  if (count < 2) return {State::NotApplicable, "Fewer than two are plugged in."};
  return {State::Advice, fmt::format("{} NCS2 are plugged in.", count)};
}

Outcome when_wanted(const Machine& machine, const char* advice) {
  if (!wanted(machine)) return {State::NotApplicable, kNoStick};
  return {State::Advice, advice};
}

Outcome quantised(const Machine& machine) {
  return when_wanted(machine, "Only the model tells: `edgescope check MODEL --target ncs2`.");
}

Outcome half_precision(const Machine& machine) {
  return when_wanted(machine,
                     "Only the model and its inputs tell: `edgescope check MODEL --target ncs2 --calibrate INPUTS`.");
}

Outcome uneven_times(const Machine& machine) {
  if (machine.plugged(Accelerator::Ncs2).empty()) return {State::NotApplicable, "No NCS2 is plugged in."};
  const double cores = std::max(1, machine.host.logical_cores);
  if (machine.host.load && *machine.host.load > kBusyCore * cores)
    return {State::Problem,
            fmt::format("The computer is busy: a load of {:.1f} on {:g} cores.", *machine.host.load, cores)};
  return {State::Advice, "Only a measurement tells: `edgescope bench MODEL --on openvino:MYRIAD --samples`."};
}

}  // namespace

std::vector<Check> ncs2_checks() {
  return {
      {.id = "ncs1-stick",
       .concerns = "NCS2",
       .title = "The stick is of the first generation",
       .symptom = "\"Can not init Myriad device\"; `lsusb` lists 03e7:2150.",
       .cause = "OpenVINO 2020.3 LTS was the last that knows the first Neural Compute Stick.",
       .cure = "Install OpenVINO 2020.3 LTS for it, or use an NCS2.",
       .sources = {"openvinotoolkit/openvino#11722"},
       .look = first_generation},
      {.id = "ncs2-plugin",
       .concerns = "NCS2",
       .title = "This OpenVINO has no plugin for the stick",
       .symptom = "\"Device with 'MYRIAD' name is not registered in the OpenVINO Runtime\".",
       .cause = "pip's packages hold the plugin up to 2021.4.2; of the archives 2022.1, 2022.2, 2022.3.1 LTS and later "
                "2022.3.x do. 2022.3.0 has none, and from 2023.0 on it is gone.",
       .cure = "Install the archive of OpenVINO 2022.3.1 LTS or a later 2022.3.x and run with it: `edgescope env "
               "--openvino FOLDER -- COMMAND`. To ask only what compiles, `make oracle` is enough.",
       .sources = {"openvinotoolkit/openvino#15537", "openvinotoolkit/openvino#17898",
                   "openvinotoolkit/open_model_zoo#3725", "blakeblackshear/frigate#7319"},
       .look = plugin},
      {.id = "ncs2-access",
       .concerns = "NCS2",
       .title = "The stick may not be opened",
       .symptom = "NC_ERROR, or \"Can not init Myriad device: NC_ERROR\"; it works with sudo.",
       .cause =
           "The stick is 03e7:2485 when it is plugged in, and 03e7:f63b once it runs. Users need a udev rule for both.",
       .cure = "Run install_NCS_udev_rules.sh of the OpenVINO archive, then plug the stick in again.",
       .sources = {"dlstreamer/dlstreamer#166", "openvinotoolkit/openvino#346"},
       .look = access},
      {.id = "ncs2-container",
       .concerns = "NCS2",
       .title = "The container loses the stick while it starts",
       .symptom = "\"Failed to find booted device after boot\".",
       .cause =
           "The stick leaves the bus as 03e7:2485 and comes back as 03e7:f63b under another number when it is started.",
       .cure = "Start the container with `-v /dev/bus/usb:/dev/bus/usb --device-cgroup-rule='c 189:* rmw'`.",
       .sources = {"openvinotoolkit/openvino#13288"},
       .look = container},
      {.id = "ncs2-link",
       .concerns = "NCS2",
       .title = "The stick's way to the computer is weak",
       .symptom = "X_LINK_ERROR while it runs, or the program freezes when it ends.",
       .cause = "A USB 2 cable or port, too little power, or a hub that serves other devices too.",
       .cure = "Plug the stick into a USB 3 port of the computer itself, or into a hub with its own power supply.",
       .sources = {"openvinotoolkit/openvino#1893", "openvinotoolkit/openvino#6798", "openvinotoolkit/openvino#18321",
                   "openvinotoolkit/openvino#12429"},
       .look = link},
      {.id = "ncs2-lock",
       .concerns = "NCS2",
       .title = "Another program holds the lock on all sticks",
       .symptom = "A program that opens a stick waits without end, or fails with NC_ERROR.",
       .cause = "The plugin locks /tmp/mvnc.mutex while it looks for and starts a stick, for all sticks of the "
                "machine. A process that hangs there, or a file that root made, blocks everybody.",
       .cure = "End the process that holds it, or remove the file.",
       .sources = {"PINTO0309/OpenVINO-YoloV3#73"},
       .look = lock},
      {.id = "ncs2-several",
       .concerns = "NCS2",
       .title = "Several sticks are started at the same time",
       .symptom = "NC_ERROR on all but one of them.",
       .cause = "The plugin finds the stick that it has just started by looking at the bus; two that start at once are "
                "taken "
                "for each other.",
       .cure = "Open them one after the other, some seconds apart, and open the next only when the one before runs.",
       .sources = {"PINTO0309/OpenVINO-YoloV3#73"},
       .look = several},
      {.id = "ncs2-quantised",
       .concerns = "NCS2",
       .title = "A quantised model is refused",
       .symptom = "\"FakeQuantize ... is not supported\" when the network is loaded.",
       .cause = "The NCS2 computes in 16-bit floats only.",
       .cure = "Convert the float model that it was quantised from.",
       .sources = {"openvinotoolkit/openvino_notebooks#1141"},
       .look = quantised},
      {.id = "ncs2-half-precision",
       .concerns = "NCS2",
       .title = "Predictions are less exact than on the CPU, or NaN",
       .symptom = "Accuracy falls, or outputs are NaN, on the stick only.",
       .cause = "16-bit floats end at 65,504 and round from 2,048 on: sums in MatMul and FullyConnected overflow.",
       .cure = "Scale the inputs when the model is converted (`mo --scale 255`), or normalise them.",
       .sources = {"openvinotoolkit/openvino#1822"},
       .look = half_precision},
      {.id = "ncs2-uneven-times",
       .concerns = "NCS2",
       .title = "Every other inference takes ten times as long",
       .symptom = "Asynchronous inferences that alternate between 100 and 9 ms, or a watchdog's reset.",
       .cause = "The host answers the stick too late when its cores are busy.",
       .cure = "Leave a core free for it: stop other programs, or give preprocessing fewer threads.",
       .sources = {"opencv/opencv#18355", "openvinotoolkit/openvino#12429"},
       .look = uneven_times},
  };
}

}  // namespace edgescope::machine
