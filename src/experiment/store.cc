#include "experiment/store.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace edgescope::experiment {
namespace {

using base::Json;

constexpr int kApplication = 0x65647363;  // "edsc": this file is ours
constexpr int kLayout = 1;
constexpr int kPatienceMs = 30'000;  // for another edgescope that writes at this moment

constexpr const char* kTables = R"(
  CREATE TABLE run(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, plan TEXT NOT NULL,
                   environment TEXT NOT NULL, program TEXT NOT NULL, started TEXT NOT NULL, finished TEXT NOT NULL);
  CREATE TABLE point(id INTEGER PRIMARY KEY AUTOINCREMENT, run INTEGER NOT NULL REFERENCES run(id),
                     spec TEXT NOT NULL, UNIQUE(run, spec));
  CREATE TABLE visit(point INTEGER NOT NULL REFERENCES point(id), round INTEGER NOT NULL, load_us REAL NOT NULL,
                     first_us REAL NOT NULL, stationary INTEGER NOT NULL, facts TEXT NOT NULL,
                     failure TEXT NOT NULL, samples BLOB NOT NULL, PRIMARY KEY(point, round)) WITHOUT ROWID;
)";

std::string now() { return fmt::format("{:%FT%TZ}", fmt::gmtime(std::time(nullptr))); }

// A prepared statement: values bound in order, rows stepped through, released at the end.
class Statement {
 public:
  Statement(sqlite3* connection, const std::string& path, const char* sql) : connection_(connection), path_(path) {
    status_ = sqlite3_prepare_v2(connection, sql, -1, &statement_, nullptr);
  }
  ~Statement() { sqlite3_finalize(statement_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& bind(std::int64_t value) { return keep(sqlite3_bind_int64(statement_, ++bound_, value)); }
  Statement& bind(double value) { return keep(sqlite3_bind_double(statement_, ++bound_, value)); }
  Statement& bind(const std::string& text) {
    return keep(sqlite3_bind_text64(statement_, ++bound_, text.data(), text.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
  }
  Statement& bind(const std::vector<double>& samples) {
    // Not null for an empty series.
    const void* data = samples.empty() ? static_cast<const void*>("") : samples.data();
    return keep(sqlite3_bind_blob64(statement_, ++bound_, data, samples.size() * sizeof(double), SQLITE_TRANSIENT));
  }

  // True while there is a row.
  base::Result<bool> step() {
    if (status_ == SQLITE_OK) {
      const int answer = sqlite3_step(statement_);
      if (answer == SQLITE_ROW) return true;
      if (answer == SQLITE_DONE) return false;
    }
    const bool writing = !sqlite3_stmt_readonly(statement_);
    return base::fail(
        {.fault = writing ? base::Fault::output : base::Fault::input,
         .what = fmt::format("the store cannot be {}: {}", writing ? "written" : "read", sqlite3_errmsg(connection_)),
         .file = path_,
         .remedy = "Name another one with --store."});
  }
  base::Status run() {
    EDGESCOPE_TRY(row, step());
    (void)row;
    return {};
  }

  std::int64_t integer(int column) const { return sqlite3_column_int64(statement_, column); }
  double real(int column) const { return sqlite3_column_double(statement_, column); }
  std::string text(int column) const {
    const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    return data ? std::string(data, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))) : "";
  }
  std::vector<double> samples(int column) const {
    const auto bytes = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
    std::vector<double> result(bytes / sizeof(double));
    if (!result.empty())
      std::memcpy(result.data(), sqlite3_column_blob(statement_, column), result.size() * sizeof(double));
    return result;
  }
  base::Result<Json> json(int column) const { return base::parse_json(text(column), path_); }

 private:
  Statement& keep(int status) {
    if (status_ == SQLITE_OK) status_ = status;
    return *this;
  }

  sqlite3* connection_;
  const std::string& path_;
  sqlite3_stmt* statement_ = nullptr;
  int bound_ = 0;
  int status_ = SQLITE_OK;
};

base::Error unusable(const std::string& path, std::string what) {
  return {.what = std::move(what), .file = path, .remedy = "Name another store with --store."};
}

constexpr const char* kRuns =
    "SELECT id, name, plan, environment, program, started, finished,"
    " (SELECT count(*) FROM point WHERE run = run.id),"
    " (SELECT count(*) FROM visit WHERE point IN (SELECT id FROM point WHERE run = run.id)) FROM run";

base::Result<Run> read_run(const Statement& row) {
  Run run{.id = row.integer(0), .name = row.text(1)};
  EDGESCOPE_TRY(plan, row.json(2));
  EDGESCOPE_TRY(environment, row.json(3));
  run.plan = std::move(plan);
  run.environment = std::move(environment);
  run.program = row.text(4);
  run.started = row.text(5);
  run.finished = row.text(6);
  run.points = row.integer(7);
  run.visits = row.integer(8);
  return run;
}

}  // namespace

void Store::Close::operator()(sqlite3* connection) const { sqlite3_close(connection); }

std::string Store::default_path() {
  const auto set = [](const char* name) {
    const char* value = std::getenv(name);
    return std::filesystem::path(value ? value : "");
  };
  // The specification says to pass over a relative path.
  std::filesystem::path state = set("XDG_STATE_HOME");
  if (!state.is_absolute()) state = set("HOME") / ".local" / "state";
  return (state / "edgescope" / "experiments.sqlite").string();
}

base::Result<Store> Store::open(const std::string& path) {
  std::error_code error;
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  if (!folder.empty()) std::filesystem::create_directories(folder, error);
  if (error)
    return base::fail({.fault = base::Fault::output,
                       .what = "the store's folder cannot be made: " + error.message(),
                       .file = folder.string(),
                       .remedy = "Name another store with --store."});
  sqlite3* connection = nullptr;
  const int status = sqlite3_open_v2(path.c_str(), &connection, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  Store store(connection, path);
  if (status != SQLITE_OK)
    return base::fail(unusable(path, std::string("the store cannot be opened: ") + sqlite3_errmsg(connection)));
  sqlite3_busy_timeout(connection, kPatienceMs);
  const auto number = [&](const char* sql) -> base::Result<std::int64_t> {
    Statement statement(connection, path, sql);
    const auto row = statement.step();
    if (!row)
      return base::fail(unusable(path, "this is no store of edgescope: " + std::string(sqlite3_errmsg(connection))));
    return *row ? statement.integer(0) : 0;
  };
  const auto execute = [&](const std::string& sql) -> base::Status {
    char* message = nullptr;
    if (sqlite3_exec(connection, sql.c_str(), nullptr, nullptr, &message) == SQLITE_OK) return {};
    const std::string text = message ? message : "unknown";
    sqlite3_free(message);
    return base::fail(unusable(path, "the store cannot be prepared: " + text));
  };
  EDGESCOPE_TRY(application, number("PRAGMA application_id"));
  EDGESCOPE_TRY(tables, number("SELECT count(*) FROM sqlite_master"));
  if (application != kApplication && (application != 0 || tables != 0))
    return base::fail(unusable(path, "this is another program's database"));
  // A log that is appended to and synchronised at each commit: a kill, of the machine too, leaves whole visits.
  EDGESCOPE_CHECK(execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON"));
  if (application != kApplication) {
    EDGESCOPE_CHECK(execute("BEGIN IMMEDIATE"));
    EDGESCOPE_TRY(by_now, number("SELECT count(*) FROM sqlite_master"));  // another edgescope may have been first
    if (by_now == 0)
      EDGESCOPE_CHECK(execute(
          fmt::format("{} PRAGMA application_id = {}; PRAGMA user_version = {}", kTables, kApplication, kLayout)));
    EDGESCOPE_CHECK(execute("COMMIT"));
  }
  EDGESCOPE_TRY(layout, number("PRAGMA user_version"));
  if (layout != kLayout)
    return base::fail(
        unusable(path, fmt::format("the store is of layout {}, this edgescope knows {}", layout, kLayout)));
  return store;
}

base::Result<std::optional<std::int64_t>> Store::unfinished(const Json& plan) {
  Statement statement(connection_.get(), path_,
                      "SELECT id FROM run WHERE plan = ? AND finished = '' ORDER BY id DESC LIMIT 1");
  EDGESCOPE_TRY(found, statement.bind(base::dump(plan)).step());
  return found ? std::optional(statement.integer(0)) : std::nullopt;
}

base::Result<std::int64_t> Store::begin(const Plan& plan, const std::vector<Json>& specs, const Json& environment,
                                        const std::string& program) {
  EDGESCOPE_CHECK(Statement(connection_.get(), path_, "BEGIN IMMEDIATE").run());
  const auto write = [&]() -> base::Result<std::int64_t> {
    EDGESCOPE_CHECK(Statement(connection_.get(), path_,
                              "INSERT INTO run(name, plan, environment, program, started, finished) "
                              "VALUES(?, ?, ?, ?, ?, '')")
                        .bind(plan.name)
                        .bind(base::dump(to_json(plan)))
                        .bind(base::dump(environment))
                        .bind(program)
                        .bind(now())
                        .run());
    const std::int64_t run = sqlite3_last_insert_rowid(connection_.get());
    for (const Json& spec : specs)
      EDGESCOPE_CHECK(Statement(connection_.get(), path_, "INSERT INTO point(run, spec) VALUES(?, ?)")
                          .bind(run)
                          .bind(base::dump(spec))
                          .run());
    EDGESCOPE_CHECK(Statement(connection_.get(), path_, "COMMIT").run());
    return run;
  };
  auto run = write();
  if (!run) (void)Statement(connection_.get(), path_, "ROLLBACK").run();
  return run;
}

base::Status Store::add(std::int64_t point, const Visit& visit) {
  return Statement(connection_.get(), path_,
                   "INSERT INTO visit(point, round, load_us, first_us, stationary, facts, failure, samples) "
                   "VALUES(?, ?, ?, ?, ?, ?, ?, ?)")
      .bind(point)
      .bind(static_cast<std::int64_t>(visit.round))
      .bind(visit.load_us)
      .bind(visit.first_us)
      .bind(static_cast<std::int64_t>(visit.stationary))
      .bind(base::dump(visit.facts))
      .bind(visit.failure)
      .bind(visit.samples_us)
      .run();
}

base::Status Store::finish(std::int64_t run) {
  return Statement(connection_.get(), path_, "UPDATE run SET finished = ? WHERE id = ? AND finished = ''")
      .bind(now())
      .bind(run)
      .run();
}

base::Result<std::vector<Run>> Store::runs() {
  Statement statement(connection_.get(), path_, fmt::format("{} ORDER BY id DESC", kRuns).c_str());
  std::vector<Run> result;
  while (true) {
    EDGESCOPE_TRY(row, statement.step());
    if (!row) return result;
    EDGESCOPE_TRY(run, read_run(statement));
    result.push_back(std::move(run));
  }
}

base::Result<Run> Store::run(std::int64_t id) {
  Statement statement(connection_.get(), path_, fmt::format("{} WHERE id = ?", kRuns).c_str());
  EDGESCOPE_TRY(row, statement.bind(id).step());
  if (!row)
    return base::fail({.fault = base::Fault::usage,
                       .what = fmt::format("there is no run {}", id),
                       .file = path_,
                       .remedy = "`edgescope history` lists them."});
  return read_run(statement);
}

base::Result<std::vector<Point>> Store::points(std::int64_t run) {
  Statement statement(connection_.get(), path_, "SELECT id, spec FROM point WHERE run = ? ORDER BY id");
  statement.bind(run);
  std::vector<Point> result;
  while (true) {
    EDGESCOPE_TRY(row, statement.step());
    if (!row) return result;
    EDGESCOPE_TRY(spec, statement.json(1));
    result.push_back({statement.integer(0), std::move(spec)});
  }
}

base::Result<std::vector<Visit>> Store::visits(std::int64_t point) {
  Statement statement(connection_.get(), path_,
                      "SELECT round, load_us, first_us, stationary, facts, failure, samples FROM visit "
                      "WHERE point = ? ORDER BY round");
  statement.bind(point);
  std::vector<Visit> result;
  while (true) {
    EDGESCOPE_TRY(row, statement.step());
    if (!row) return result;
    EDGESCOPE_TRY(facts, statement.json(4));
    result.push_back({.round = static_cast<std::size_t>(statement.integer(0)),
                      .samples_us = statement.samples(6),
                      .load_us = statement.real(1),
                      .first_us = statement.real(2),
                      .stationary = statement.integer(3) != 0,
                      .facts = std::move(facts),
                      .failure = statement.text(5)});
  }
}

base::Result<std::vector<std::size_t>> Store::rounds(std::int64_t point) {
  Statement statement(connection_.get(), path_, "SELECT round FROM visit WHERE point = ? ORDER BY round");
  statement.bind(point);
  std::vector<std::size_t> result;
  while (true) {
    EDGESCOPE_TRY(row, statement.step());
    if (!row) return result;
    result.push_back(static_cast<std::size_t>(statement.integer(0)));
  }
}

}  // namespace edgescope::experiment
