#include "measure/environment.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>

namespace edgescope::measure {
namespace {

namespace fs = std::filesystem;

constexpr double kLoadOfACore = 0.25;  // at the start, a share of the cores
constexpr double kOtherCpus = 0.15;

constexpr std::array kFeatures = {
    "sse4_1",   "avx",   "avx2", "fma",  "avx_vnni", "avx512f", "avx512_vnni", "avx512_bf16", "avx512_fp16", "amx_int8",
    "amx_bf16", "asimd", "neon", "fphp", "asimdhp",  "asimddp", "sve",         "sve2",        "i8mm",        "bf16"};

std::string text_of(const fs::path& path) {
  std::ifstream file(path);
  std::string text((std::istreambuf_iterator<char>(file)), {});
  // Device-tree strings end in a zero byte, others in a line end.
  while (!text.empty() && (text.back() == '\0' || std::isspace(static_cast<unsigned char>(text.back()))))
    text.pop_back();
  return text;
}

std::optional<double> number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end == text.data()) return std::nullopt;
  return value;
}

std::vector<std::string> words(const std::string& text) {
  std::istringstream stream(text);
  return {std::istream_iterator<std::string>(stream), {}};
}

// "key : value" lines, as of /proc/cpuinfo and /proc/meminfo.
template <typename Take>
void each_line(const fs::path& path, Take take) {
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos) continue;
    const auto trimmed = [](std::string_view part) {
      const std::size_t first = part.find_first_not_of(" \t");
      if (first == std::string_view::npos) return std::string();
      return std::string(part.substr(first, part.find_last_not_of(" \t") - first + 1));
    };
    take(trimmed(std::string_view(line).substr(0, colon)), trimmed(std::string_view(line).substr(colon + 1)));
  }
}

void read_cpu(const fs::path& root, Environment& environment, bool& hypervisor) {
  std::set<std::pair<std::string, std::string>> cores;
  std::string package, part;
  each_line(root / "proc/cpuinfo", [&](const std::string& key, const std::string& value) {
    if (key == "processor") ++environment.logical_cores;
    if (key == "model name" && environment.cpu.empty()) environment.cpu = value;
    if (key == "CPU part") part = value;
    if (key == "Model") environment.machine = value;
    if (key == "physical id") package = value;
    if (key == "core id") cores.emplace(package, value);
    if ((key == "flags" || key == "Features") && environment.features.empty()) {
      const std::vector<std::string> all = words(value);
      hypervisor = std::find(all.begin(), all.end(), "hypervisor") != all.end();
      for (const char* feature : kFeatures)
        if (std::find(all.begin(), all.end(), feature) != all.end()) environment.features.emplace_back(feature);
    }
  });
  environment.physical_cores = static_cast<int>(cores.size());
  if (environment.cpu.empty() && !part.empty()) environment.cpu = "ARM part " + part;
}

void read_clock(const fs::path& root, Environment& environment) {
  const fs::path cpu = root / "sys/devices/system/cpu";
  if (std::string governor = text_of(cpu / "cpu0/cpufreq/scaling_governor"); !governor.empty())
    environment.governor = std::move(governor);
  if (const auto off = number(text_of(cpu / "intel_pstate/no_turbo")))
    environment.turbo = *off == 0;
  else if (const auto boost = number(text_of(cpu / "cpufreq/boost")))
    environment.turbo = *boost != 0;
  if (const auto active = number(text_of(cpu / "smt/active"))) environment.smt = *active != 0;
}

// "quota period" in microseconds, or "max period".
std::optional<double> cpu_limit(const fs::path& root) {
  const std::vector<std::string> second = words(text_of(root / "sys/fs/cgroup/cpu.max"));
  if (second.size() == 2) {
    const auto quota = number(second[0]), period = number(second[1]);
    if (quota && period && *period > 0) return *quota / *period;
  }
  const auto quota = number(text_of(root / "sys/fs/cgroup/cpu/cpu.cfs_quota_us"));
  const auto period = number(text_of(root / "sys/fs/cgroup/cpu/cpu.cfs_period_us"));
  if (quota && period && *quota > 0 && *period > 0) return *quota / *period;
  return std::nullopt;
}

std::string container(const fs::path& root) {
  std::error_code ignored;
  if (fs::exists(root / ".dockerenv", ignored)) return "docker";
  if (fs::exists(root / "run/.containerenv", ignored)) return "podman";
  if (std::string name = text_of(root / "run/systemd/container"); !name.empty()) return name;
  const std::string groups = text_of(root / "proc/1/cgroup");
  for (const char* name : {"docker", "kubepods", "containerd", "libpod", "lxc"})
    if (groups.find(name) != std::string::npos) return name;
  return "none";
}

std::string virtualisation(const fs::path& root, bool hypervisor) {
  if (std::string type = text_of(root / "sys/hypervisor/type"); !type.empty()) return type;
  const std::string product =
      text_of(root / "sys/class/dmi/id/sys_vendor") + " " + text_of(root / "sys/class/dmi/id/product_name");
  for (const char* name :
       {"QEMU", "KVM", "VMware", "VirtualBox", "Xen", "Amazon EC2", "Google Compute Engine", "Virtual Machine"})
    if (product.find(name) != std::string::npos) return name;
  return hypervisor ? "hypervisor (unnamed)" : "none";
}

}  // namespace

Environment read_environment(const std::string& root_folder) {
  const fs::path root = root_folder;
  Environment environment;
  bool hypervisor = false;
  read_cpu(root, environment, hypervisor);
  if (std::string board = text_of(root / "proc/device-tree/model"); !board.empty())
    environment.machine = std::move(board);
  if (std::string product = text_of(root / "sys/class/dmi/id/product_name"); !product.empty())
    environment.machine = text_of(root / "sys/class/dmi/id/sys_vendor") + " " + product;
  read_clock(root, environment);
  environment.cpu_limit = cpu_limit(root);
  environment.load = number(text_of(root / "proc/loadavg"));
  environment.virtualisation = virtualisation(root, hypervisor);
  environment.container = container(root);
  environment.kernel = text_of(root / "proc/sys/kernel/osrelease");
  each_line(root / "proc/meminfo", [&](const std::string& key, const std::string& value) {
    const auto kibibytes = static_cast<std::uint64_t>(number(value).value_or(0));
    if (key == "MemTotal") environment.memory_bytes = kibibytes * 1024;
    if (key == "MemAvailable") environment.memory_available_bytes = kibibytes * 1024;
  });
  return environment;
}

CpuTime read_cpu_time(const std::string& root) {
  CpuTime time;
  // cpu user nice system idle iowait irq softirq steal guest guest_nice; guests are counted in user.
  std::ifstream file(fs::path(root) / "proc/stat");
  std::string name;
  std::array<double, 8> ticks{};
  file >> name;
  for (double& tick : ticks) file >> tick;
  const auto hertz = static_cast<double>(::sysconf(_SC_CLK_TCK));
  time.busy = (ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6]) / hertz;
  time.steal = ticks[7] / hertz;
  for (const int who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    rusage usage{};
    ::getrusage(who, &usage);
    for (const timeval& part : {usage.ru_utime, usage.ru_stime})
      time.own += static_cast<double>(part.tv_sec) + static_cast<double>(part.tv_usec) * 1e-6;
  }
  time.wall = std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
  return time;
}

Disturbance disturbance(const Environment& before, const Environment& after, const CpuTime& begin, const CpuTime& end) {
  Disturbance result{.load_before = before.load, .load_after = after.load};
  const double wall = end.wall - begin.wall;
  if (wall <= 0) return result;
  result.other_cpus = std::max(0.0, (end.busy - begin.busy) - (end.own - begin.own)) / wall;
  result.stolen_cpus = std::max(0.0, end.steal - begin.steal) / wall;
  return result;
}

std::vector<std::string> warnings(const Environment& environment, const Disturbance& d, int own_threads) {
  std::vector<std::string> result;
  const double cores = std::max(1, environment.logical_cores);
  if (d.load_before && *d.load_before > kLoadOfACore * cores)
    result.push_back(
        fmt::format("The load was {:.2f} on {} cores when measuring began: stop other programs, or read min and p5.",
                    *d.load_before, environment.logical_cores));
  if (d.load_before && d.load_after && *d.load_after > *d.load_before + own_threads + 0.5)
    result.push_back(
        fmt::format("The load rose from {:.2f} to {:.2f} while measuring, more than the {} measured thread{}.",
                    *d.load_before, *d.load_after, own_threads, own_threads == 1 ? "" : "s"));
  if (d.other_cpus > kOtherCpus)
    result.push_back(fmt::format("Other programs kept {:.1f} CPUs busy while measuring.", d.other_cpus));
  if (d.stolen_cpus > 0.02)
    result.push_back(fmt::format("The hypervisor took {:.2f} CPUs away while measuring.", d.stolen_cpus));
  if (environment.governor && (*environment.governor == "powersave" || *environment.governor == "ondemand" ||
                               *environment.governor == "conservative"))
    result.push_back(fmt::format(
        "The governor is {}, so the clock follows the load: `cpupower frequency-set -g performance` holds it.",
        *environment.governor));
  if (environment.cpu_limit && *environment.cpu_limit < own_threads)
    result.push_back(fmt::format("The control group allows {:.2f} CPUs, fewer than the {} threads measured.",
                                 *environment.cpu_limit, own_threads));
  return result;
}

base::Json to_json(const Environment& e, const Disturbance& d) {
  using base::Json;
  const auto optional = [](const auto& value) { return value ? Json(*value) : Json(nullptr); };
  const auto hundredths = [](double value) { return std::round(value * 100) / 100; };
  return {{"cpu", e.cpu},
          {"machine", e.machine.empty() ? Json(nullptr) : Json(e.machine)},
          {"logical_cores", e.logical_cores},
          {"physical_cores", e.physical_cores > 0 ? Json(e.physical_cores) : Json(nullptr)},
          {"cpu_limit", optional(e.cpu_limit)},
          {"features", e.features},
          {"governor", optional(e.governor)},
          {"turbo", optional(e.turbo)},
          {"smt", optional(e.smt)},
          {"load_before", optional(d.load_before)},
          {"load_after", optional(d.load_after)},
          {"other_cpus", hundredths(d.other_cpus)},
          {"stolen_cpus", hundredths(d.stolen_cpus)},
          {"virtualisation", e.virtualisation},
          {"container", e.container},
          {"kernel", e.kernel},
          {"memory_bytes", e.memory_bytes},
          {"memory_available_bytes", e.memory_available_bytes},
          {"basis", "measured"}};
}

}  // namespace edgescope::measure
