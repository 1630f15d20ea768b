#include "cli/command.h"

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace edgescope::cli {
namespace {

// Who reads the output may stop early (`| head`); that is no failure.
base::Status written(bool complete) {
  if ((complete && std::fflush(stdout) == 0) || errno == EPIPE) return {};
  return base::fail(
      {.fault = base::Fault::output, .what = std::string("cannot write to stdout: ") + std::strerror(errno)});
}

}  // namespace

CLI::App* add_command(CLI::App& app, Shared& shared, const std::string& name, const std::string& description,
                      std::function<base::Result<int>()> run) {
  CLI::App* command = app.add_subcommand(name, description);
  using report::OutputFormat;
  add_choice<OutputFormat>(*command, "--format", shared.format,
                           {{"text", OutputFormat::Text},
                            {"json", OutputFormat::Json},
                            {"jsonl", OutputFormat::JsonLines},
                            {"csv", OutputFormat::Csv},
                            {"md", OutputFormat::Markdown}},
                           "Output on stdout (text)");
  using base::ProgressMode;
  add_choice<ProgressMode>(
      *command, "--progress", shared.progress,
      {{"auto", ProgressMode::Auto}, {"always", ProgressMode::Always}, {"never", ProgressMode::Never}},
      "Progress on stderr (auto: on a terminal)");
  command->callback([&shared, run = std::move(run)] { shared.run = run; });
  return command;
}

base::Status print(const Shared& shared, const base::Json& document, const report::View& view) {
  const std::string text = report::render(document, view, shared.format, base::stdout_terminal());
  return written(std::fwrite(text.data(), 1, text.size(), stdout) == text.size());
}

base::Status print(const Shared& shared, const std::function<void(base::JsonWriter&)>& write,
                   const report::View& view) {
  if (shared.format != report::OutputFormat::Json) {
    base::JsonWriter json;
    write(json);
    return print(shared, base::Json::parse(std::move(json).take()), view);
  }
  bool complete = true;
  base::JsonWriter json([&](std::string_view piece) {
    complete = complete && std::fwrite(piece.data(), 1, piece.size(), stdout) == piece.size();
  });
  write(json);
  json.finish();
  return written(complete && std::fputc('\n', stdout) != EOF);
}

}  // namespace edgescope::cli
