// edgescope doctor: what is wrong with this machine's set-up and what ends it, which runtimes are found and work, which
// are missing and what brings them, which accelerators are plugged in, and the machine they run on. Each runtime is
// asked for its version in a worker, so that a broken one is found here and hurts nobody.
#include "report/views/doctor.h"

#include <filesystem>

#include "cli/commands.h"
#include "cli/runtime_flags.h"
#include "machine/machine_json.h"
#include "measure/worker.h"

namespace edgescope::cli {
namespace {

using base::Json;

base::Result<std::string> version_of(const runtime::Found& found) {
  EDGESCOPE_TRY(worker, measure::Worker::start({.runtime = found, .time_limit = std::chrono::seconds(30)}));
  return worker.version();
}

Json entry(const std::string& name, const runtime::Places& places) {
  Json entry = {{"name", name},      {"found", false},     {"works", false},    {"path", nullptr},
                {"source", nullptr}, {"version", nullptr}, {"reason", nullptr}, {"remedy", nullptr}};
  const auto explain = [&](const base::Error& error) {
    entry["reason"] = error.file.empty() ? error.what : error.file + ": " + error.what;
    entry["remedy"] = error.remedy.empty() ? "Run `make runtimes` again." : error.remedy;
  };
  const auto found = runtime::find(name, places);
  if (!found) {
    explain(found.error());
    return entry;
  }
  entry["found"] = true;
  entry["source"] = found->source;
  if (!found->library.empty()) entry["path"] = found->library;
  if (const auto version = version_of(*found)) {
    entry["works"] = true;
    entry["version"] = *version;
  } else {
    explain(version.error());
  }
  return entry;
}

// The machine, with the OpenVINO that `make oracle` unpacked for edgescope alone.
machine::Machine look_around(const runtime::Places& places) {
  machine::Sight sight = machine::here();
  if (const auto oracle = runtime::find("ie2021:MYRIAD", places))  // WHEEL/openvino/libs/libinference_engine.so
    sight.own_wheels.push_back(std::filesystem::path(oracle->library).parent_path().parent_path().parent_path());
  return machine::Machine(std::move(sight));
}

Json machine_json(const measure::Environment& environment) {
  Json json = measure::to_json(environment, {});
  for (const char* of_a_run : {"load_before", "load_after", "other_cpus", "stolen_cpus"}) json.erase(of_a_run);
  return json;
}

base::Result<int> execute(const Shared& shared, const runtime::Places& places) {
  Json document = report::document("doctor", nullptr);
  document["runtimes"] = Json::array();
  for (const std::string& name : runtime::known()) document["runtimes"].push_back(entry(name, places));
  const machine::Machine machine = look_around(places);
  const std::vector<machine::Judgement> judgements = machine::judge(machine);
  document["checks"] = machine::checks_json(judgements);
  document["devices"] = machine::devices_json(machine, judgements);
  document["openvinos"] = machine::openvinos_json(machine);
  document["machine"] = machine_json(machine.host);
  document["warnings"] = measure::warnings(machine.host, {}, 1);
  EDGESCOPE_CHECK(print(shared, document, report::doctor_view));
  return 0;
}

}  // namespace

void add_doctor(CLI::App& app, Shared& shared) {
  const auto places = std::make_shared<runtime::Places>();
  CLI::App* command =
      add_command(app, shared, "doctor",
                  "What is wrong with this machine's set-up, what is installed, and what brings what is missing",
                  [&shared, places] { return execute(shared, *places); });
  add_runtime_flags(*command, *places);
}

}  // namespace edgescope::cli
