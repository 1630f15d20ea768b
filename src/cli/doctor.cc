// edgescope doctor: which runtimes are found and work, which are missing and what brings them, which
// accelerators are plugged in, and the machine they run on. Each runtime is asked for its version in a worker, so that
// a broken one is found here and hurts nobody.
#include "report/views/doctor.h"

#include "cli/commands.h"
#include "cli/runtime_flags.h"
#include "measure/environment.h"
#include "measure/worker.h"
#include "runtime/sticks.h"

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

// Accelerators that are plugged in, and what stands in their way.
Json devices() {
  Json list = Json::array();
  for (const runtime::PluggedCoral& coral : runtime::plugged_corals())
    list.push_back({{"kind", "edgetpu"},
                    {"place", coral.place},
                    {"id", coral.id.empty() ? Json(nullptr) : Json(coral.id)},
                    {"link_megabits", coral.megabits > 0 ? Json(coral.megabits) : Json(nullptr)},
                    {"accessible", coral.accessible},
                    {"remedy", coral.accessible ? Json(nullptr) : Json(runtime::coral_advice({coral}))}});
  return list;
}

Json machine(const measure::Environment& environment) {
  Json json = measure::to_json(environment, {});
  for (const char* of_a_run : {"load_before", "load_after", "other_cpus", "stolen_cpus"}) json.erase(of_a_run);
  return json;
}

base::Result<int> execute(const Shared& shared, const runtime::Places& places) {
  Json document = report::document("doctor", nullptr);
  document["runtimes"] = Json::array();
  for (const std::string& name : runtime::known()) document["runtimes"].push_back(entry(name, places));
  document["devices"] = devices();
  const measure::Environment environment = measure::read_environment();
  document["machine"] = machine(environment);
  document["warnings"] = measure::warnings(environment, {}, 1);
  EDGESCOPE_CHECK(print(shared, document, report::doctor_view));
  return 0;
}

}  // namespace

void add_doctor(CLI::App& app, Shared& shared) {
  const auto places = std::make_shared<runtime::Places>();
  CLI::App* command = add_command(app, shared, "doctor", "What is installed, what is missing, and what brings it",
                                  [&shared, places] { return execute(shared, *places); });
  add_runtime_flags(*command, *places);
}

}  // namespace edgescope::cli
