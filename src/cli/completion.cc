#include "cli/completion.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdio>
#include <memory>

#include "cli/commands.h"

namespace edgescope::cli {
namespace {

struct Flag {
  std::vector<std::string> names;  // with their dashes
  std::string description;
  bool takes_value = false;
  std::vector<std::string> words;  // values that it takes; empty: any
};

struct Command {
  std::string name, description;
  std::vector<Flag> flags;
};

// CLI11 describes a set of words as "TYPE:{a,b,c}".
std::vector<std::string> words_of(const std::string& type) {
  const std::size_t open = type.find('{'), close = type.rfind('}');
  std::vector<std::string> words;
  if (open == std::string::npos || close == std::string::npos || close < open) return words;
  std::string word;
  for (char c : type.substr(open + 1, close - open - 1) + ",") {
    if (c != ',')
      word += c;
    else
      words.push_back(std::exchange(word, {}));
  }
  return words;
}

std::vector<Flag> flags_of(const CLI::App& app) {
  std::vector<Flag> flags;
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_group().empty() || (option->get_lnames().empty() && option->get_snames().empty())) continue;
    Flag flag{.description = option->get_description(), .takes_value = option->get_items_expected_max() > 0};
    for (const std::string& name : option->get_snames()) flag.names.push_back("-" + name);
    for (const std::string& name : option->get_lnames()) flag.names.push_back("--" + name);
    if (flag.takes_value) flag.words = words_of(option->get_type_name());
    flags.push_back(std::move(flag));
  }
  return flags;
}

std::vector<Command> commands_of(const CLI::App& app) {
  std::vector<Command> commands;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App* sub) { return !sub->get_group().empty(); }))
    commands.push_back({command->get_name(), command->get_description(), flags_of(*command)});
  return commands;
}

std::vector<std::string> names_of(const std::vector<Flag>& flags) {
  std::vector<std::string> names;
  for (const Flag& flag : flags) names.insert(names.end(), flag.names.begin(), flag.names.end());
  return names;
}

// For within single quotes of bash, zsh (`special` with a backslash each) and fish.
std::string quoted(const std::string& text, std::string_view special, std::string_view quote) {
  std::string result;
  for (char c : text) {
    if (c == '\'')
      result += quote;
    else if (special.find(c) != std::string_view::npos)
      (result += '\\') += c;
    else
      result += c;
  }
  return result;
}

std::string bash(const CLI::App& app) {
  std::string values, flags;
  std::vector<std::string> first = names_of(flags_of(app));
  for (const Command& command : commands_of(app)) {
    first.push_back(command.name);
    for (const Flag& flag : command.flags)
      for (const std::string& name : flag.names)
        if (!flag.words.empty())
          values += fmt::format("    '{} {}') COMPREPLY=($(compgen -W '{}' -- \"$current\")); return ;;\n",
                                command.name, name, fmt::join(flag.words, " "));
    flags += fmt::format("    {}) [[ $current == -* ]] && COMPREPLY=($(compgen -W '{}' -- \"$current\")) ;;\n",
                         command.name, fmt::join(names_of(command.flags), " "));
  }
  return fmt::format(R"(_edgescope() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} command= i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    [[ ${{COMP_WORDS[i]}} == -* ]] || {{ command=${{COMP_WORDS[i]}}; break; }}
  done
  case "$command $before" in
{}  esac
  case "$command" in
    '') COMPREPLY=($(compgen -W '{}' -- "$current")) ;;
{}  esac
}}
complete -o default -F _edgescope edgescope
)",
                     values, fmt::join(first, " "), flags);
}

std::string zsh(const CLI::App& app) {
  const auto text = [](const std::string& t) { return quoted(t, "[]:\\", "'\\''"); };
  std::string names, cases;
  for (const Command& command : commands_of(app)) {
    names += fmt::format("    '{}:{}'\n", command.name, text(command.description));
    cases += fmt::format("    {}) _arguments", command.name);
    for (const Flag& flag : command.flags)
      for (const std::string& name : flag.names) {
        const std::string value = !flag.takes_value    ? ""
                                  : flag.words.empty() ? ":value:_files"
                                                       : fmt::format(":value:({})", fmt::join(flag.words, " "));
        cases += fmt::format(" \\\n      '{}[{}]{}'", name, text(flag.description), value);
      }
    cases += " \\\n      '*:file:_files' ;;\n";
  }
  return fmt::format(R"(#compdef edgescope
_edgescope() {{
  local -a commands
  commands=(
{}  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  case $words[2] in
{}  esac
}}
if [[ $funcstack[1] == _edgescope ]]; then
  _edgescope "$@"
else
  compdef _edgescope edgescope
fi
)",
                     names, cases);
}

std::string fish(const CLI::App& app) {
  const auto text = [](const std::string& t) { return quoted(t, "\\", "\\'"); };
  std::string script;
  for (const Command& command : commands_of(app)) {
    script += fmt::format("complete -c edgescope -n __fish_use_subcommand -f -a {} -d '{}'\n", command.name,
                          text(command.description));
    for (const Flag& flag : command.flags) {
      script += fmt::format("complete -c edgescope -n '__fish_seen_subcommand_from {}'", command.name);
      for (const std::string& name : flag.names)
        script += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      if (flag.takes_value)
        script += flag.words.empty() ? " -r" : fmt::format(" -x -a '{}'", fmt::join(flag.words, " "));
      script += fmt::format(" -d '{}'\n", text(flag.description));
    }
  }
  return script;
}

}  // namespace

std::string completion_script(const CLI::App& app, const std::string& shell) {
  return shell == "zsh" ? zsh(app) : shell == "fish" ? fish(app) : bash(app);
}

void add_completion(CLI::App& app, Shared& shared) {
  const auto shell = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand("completion", "Completions for bash, zsh or fish: the script, on stdout");
  command->group("");
  command->add_option("SHELL", *shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember(completion_shells()))
      ->type_name("");
  command->callback([&app, &shared, shell] {
    shared.run = [&app, shell]() -> base::Result<int> {
      std::fputs(completion_script(app, *shell).c_str(), stdout);
      return 0;
    };
  });
}

}  // namespace edgescope::cli
