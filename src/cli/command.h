// What every command shares: the common flags, where output goes, what the exit code means.
//
// A command is one file with one function `void add_x(CLI::App&, Shared&)` that declares its flags and,
// when it is the one that was named, sets Shared::run. main.cc lists them.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/terminal.h"
#include "report/view.h"

namespace edgescope::cli {

struct Shared {
  std::vector<std::string> after_dashes;  // what stood behind the first `--`
  report::OutputFormat format = report::OutputFormat::Text;
  base::ProgressMode progress = base::ProgressMode::Auto;
  std::function<base::Result<int>()> run;  // answers the exit code
};

// A subcommand with the common flags (--format, --progress). `run` is called after parsing.
CLI::App* add_command(CLI::App& app, Shared& shared, const std::string& name, const std::string& description,
                      std::function<base::Result<int>()> run);

// An option whose values are words, which help and completions list.
template <typename T>
CLI::Option* add_choice(CLI::App& command, const std::string& flag, T& target,
                        std::vector<std::pair<std::string, T>> words, const std::string& description) {
  std::vector<std::string> names;
  for (const auto& [word, value] : words) names.push_back(word);
  return command
      .add_option_function<std::string>(
          flag,
          [&target, words = std::move(words)](const std::string& chosen) {
            for (const auto& [word, value] : words)
              if (word == chosen) target = value;
          },
          description)
      ->check(CLI::IsMember(names))
      ->type_name("WORD");
}

// Writes the document to stdout in the format that was asked for.
base::Status print(const Shared& shared, const base::Json& document, const report::View& view);

// The same for a document that is too long to be built in memory: as JSON it goes out while it is written,
// for a view it is parsed.
base::Status print(const Shared& shared, const std::function<void(base::JsonWriter&)>& write, const report::View& view);

}  // namespace edgescope::cli
