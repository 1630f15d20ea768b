#include "compiler/edgetpu_compiler.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <map>

#include "base/process.h"
#include "base/program.h"
#include "base/temporary_folder.h"

namespace edgescope::compiler {
namespace {

namespace fs = std::filesystem;
using End = base::ProgramRun::End;

constexpr std::string_view kComesAndGoes = "Internal compiler error. Aborting!";
constexpr std::size_t kQuotedBytes = 600;

base::Error about(const EdgetpuRequest& request, base::Fault fault, std::string what, std::string remedy = {}) {
  return {.fault = fault,
          .what = std::move(what),
          .file = request.models.size() == 1 ? request.models[0] : "",
          .remedy = std::move(remedy)};
}

// Words that belong to an option of this name: "-o", "--out_dir", "--out_dir=x".
bool is_option(std::string_view word, std::string_view short_name, std::string_view long_name) {
  return word == short_name || word == long_name || (word.starts_with(long_name) && word[long_name.size()] == '=');
}

base::Status check(const EdgetpuRequest& request) {
  if (request.models.empty()) return base::fail(about(request, base::Fault::usage, "there is no model to compile"));
  for (const std::string& option : request.options)
    if (is_option(option, "-o", "--out_dir"))
      return base::fail(about(request, base::Fault::usage, fmt::format("`{}` is not passed on to the compiler", option),
                              "Say where the result goes with -o, before the dashes."));
  std::map<std::string, std::string> stems;
  for (const std::string& model : request.models) {
    std::error_code failed;
    if (!fs::is_regular_file(model, failed))
      return base::fail({.fault = base::Fault::input, .what = "there is no such file", .file = model});
    const auto [other, fresh] = stems.try_emplace(fs::path(model).stem().string(), model);
    if (!fresh)
      return base::fail(
          about(request, base::Fault::usage,
                fmt::format("`{}` and `{}` would be compiled into files of the same name", other->second, model),
                "Rename one of them."));
  }
  return {};
}

// Where compiled files go: into `folder`, under the compiler's names, or, of one model, as `file`.
struct Destination {
  fs::path folder;
  std::string file;

  fs::path of(const fs::path& made) const {
    if (file.empty()) return folder / made.filename();
    return folder / (made.extension() == ".log" ? fs::path(file).replace_extension(".log") : fs::path(file));
  }
};

Destination destination(const EdgetpuRequest& request) {
  std::error_code ignored;
  if (request.output.empty()) return {.folder = ".", .file = {}};
  const bool one = request.models.size() == 1 && segments_asked_for(request.options) == 1;
  const fs::path path = request.output;
  if (!one || request.output.ends_with('/') || fs::is_directory(path, ignored)) return {.folder = path, .file = {}};
  return {.folder = path.has_parent_path() ? path.parent_path() : fs::path("."), .file = path.filename().string()};
}

// The innermost folder of `path` that is there: on the same file system as what will be made below it.
fs::path existing(fs::path path) {
  std::error_code ignored;
  while (!path.empty() && !fs::is_directory(path, ignored)) path = path.parent_path();
  return path.empty() ? fs::path(".") : path;
}

// Of `name`: the segment's number, 0 for a whole model; nothing where it was not made of `stem`.
std::optional<int> part_of(std::string_view name, std::string_view stem) {
  constexpr std::string_view end = "_edgetpu.tflite", segment = "_segment_";
  if (!name.starts_with(stem) || !name.ends_with(end) || name.size() < stem.size() + end.size()) return std::nullopt;
  name.remove_prefix(stem.size());
  if (name == end) return 0;
  if (!name.starts_with(segment)) return std::nullopt;
  int number = 0;
  const auto read = std::from_chars(name.data() + segment.size(), name.data() + name.size(), number);
  if (read.ec != std::errc{} ||
      !std::string_view(read.ptr, static_cast<std::size_t>(name.data() + name.size() - read.ptr)).starts_with("_of_"))
    return std::nullopt;
  return number;
}

// For each model the compiled files in `folder`, segments in their order.
std::vector<std::vector<fs::path>> made_in(const fs::path& folder, const std::vector<std::string>& models) {
  std::vector<std::vector<fs::path>> result;
  for (const std::string& model : models) {
    std::map<int, fs::path> parts;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(folder, ignored))
      if (const auto part = part_of(entry.path().filename().string(), fs::path(model).stem().string()))
        parts[*part] = entry.path();
    result.emplace_back();
    for (auto& [number, path] : parts) result.back().push_back(std::move(path));
  }
  return result;
}

std::string failure_in(const EdgetpuResult& result) {
  for (const auto& model : result.models)
    if (!model.failure.empty()) return model.failure;
  return {};
}

std::string last_words(const std::string& log) {
  std::string text = log.size() > kQuotedBytes ? log.substr(log.size() - kQuotedBytes) : log;
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) text.pop_back();
  return text.empty() ? "" : fmt::format(". Its last words: \"{}\"", text);
}

// One run of the compiler in `folder`; whether another one may help.
base::Result<bool> attempt(const EdgetpuRequest& request, const fs::path& folder, EdgetpuResult& result) {
  EDGESCOPE_TRY(run, base::run_program({.program = result.command[0],
                                        .arguments = {result.command.begin() + 1, result.command.end()},
                                        .environment = base::plain_environment(),
                                        .folder = folder.string(),
                                        .time_limit = request.time_limit,
                                        .interrupted = request.interrupted}));
  result.log = std::move(run.output);
  result.models = format::edgetpu::parse_compiler_log(result.log);
  result.failure = failure_in(result);
  if (run.end == End::Interrupted)
    return base::fail(about(request, base::Fault::interrupted, "stopped while compiling"));
  const bool by_itself = run.end == End::Exit || (run.end == End::Crash && !result.failure.empty());
  if (!by_itself)
    return base::fail(about(request, base::Fault::runtime,
                            fmt::format("edgetpu_compiler {}{}", run.how, last_words(result.log)),
                            run.end == End::Timeout ? "Give it longer with --time-limit." : ""));
  if (result.failure.empty()) {
    const auto made = made_in(folder, request.models);
    const bool complete = std::none_of(made.begin(), made.end(), [](const auto& files) { return files.empty(); });
    if (run.exit_code != 0 || !complete)
      result.failure = fmt::format("it {} without a compiled model and without saying why", run.how);
  }
  result.attempts.push_back({.seconds = run.seconds, .how = run.how, .failure = result.failure});
  return result.failure.find(kComesAndGoes) != std::string::npos;
}

// Each file is in its place or still in `folder`, which is then kept.
base::Status move_into_place(base::TemporaryFolder& folder, const Destination& to, const EdgetpuRequest& request,
                             EdgetpuResult& result) {
  std::error_code failed;
  fs::create_directories(to.folder, failed);
  const auto made = made_in(folder.path(), request.models);
  for (const auto& files : made) {
    result.outputs.emplace_back();
    for (const fs::path& file : files) {
      const fs::path log = fs::path(file).replace_extension(".log");
      if (fs::exists(log) && !failed) fs::rename(log, to.of(log), failed);
      if (!failed) fs::rename(file, to.of(file), failed);
      if (failed)
        return base::fail({.fault = base::Fault::output,
                           .what = fmt::format("compiled, but not put into its place: {}", failed.message()),
                           .file = to.of(file).string(),
                           .remedy = fmt::format("What was made is in {}.", folder.keep())});
      result.outputs.back().push_back(to.of(file).lexically_normal().string());
    }
  }
  return {};
}

}  // namespace

base::Result<std::string> find_edgetpu_compiler(const std::string& given) {
  const char* named = std::getenv("EDGESCOPE_EDGETPU_COMPILER");
  std::string program = !given.empty() ? given : named && *named ? named : base::find_program("edgetpu_compiler");
  std::error_code ignored;
  if (fs::is_regular_file(program, ignored)) return fs::absolute(program).string();
  return base::fail({.fault = base::Fault::missing,
                     .what = program.empty() ? "edgetpu_compiler is not installed" : "there is no such program",
                     .file = program,
                     .remedy = "It is Coral's, for Linux on x86-64 only: the Debian package edgetpu-compiler "
                               "(coral.ai/docs/edgetpu/compiler says from where). Name it with --compiler-program or "
                               "EDGESCOPE_EDGETPU_COMPILER where it is not in PATH."});
}

int segments_asked_for(const std::vector<std::string>& options) {
  for (std::size_t i = 0; i < options.size(); ++i) {
    if (!is_option(options[i], "-n", "--num_segments")) continue;
    const auto equals = options[i].find('=');
    const std::string number = equals != std::string::npos ? options[i].substr(equals + 1)
                               : i + 1 < options.size()    ? options[i + 1]
                                                           : "";
    return std::max(1, std::atoi(number.c_str()));
  }
  return 1;
}

base::Result<EdgetpuResult> run_edgetpu_compiler(const EdgetpuRequest& request) {
  EDGESCOPE_CHECK(check(request));
  const Destination to = destination(request);
  EdgetpuResult result;
  for (int number = 1;; ++number) {
    EDGESCOPE_TRY(folder, base::TemporaryFolder::make(existing(to.folder).string()));
    const std::string out = fs::absolute(folder.path()).string();
    result.command = {request.program, "-o", out};
    if (std::find(request.options.begin(), request.options.end(), "-s") == request.options.end())
      result.command.push_back("-s");
    result.command.insert(result.command.end(), request.options.begin(), request.options.end());
    for (const std::string& model : request.models) result.command.push_back(fs::absolute(model).string());
    if (request.starting) request.starting(number);
    EDGESCOPE_TRY(again, attempt(request, out, result));
    if (result.compiled()) {
      EDGESCOPE_CHECK(move_into_place(folder, to, request, result));
      return result;
    }
    if (!again || number >= request.attempts) return result;
  }
}

}  // namespace edgescope::compiler
