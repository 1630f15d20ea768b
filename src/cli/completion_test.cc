#include "cli/completion.h"

#include <gtest/gtest.h>

namespace edgescope::cli {
namespace {

class Completion : public testing::Test {
 protected:
  Completion() {
    CLI::App* look = app_.add_subcommand("look", "What's inside [all]: everything");
    look->add_option("FILE", value_);
    look->add_option("--format", value_, "How")->check(CLI::IsMember({"text", "json"}))->type_name("WORD");
    look->add_option("-o,--output", value_, "Where");
    look->add_flag("--all", all_, "All of it");
    app_.add_subcommand("hidden", "Not shown")->group("");
  }
  std::string script(const std::string& shell) const { return completion_script(app_, shell); }

  CLI::App app_{"Test", "edgescope"};
  std::string value_;
  bool all_ = false;
};

bool has(const std::string& whole, const std::string& part) { return whole.find(part) != std::string::npos; }

TEST_F(Completion, Bash) {
  const std::string bash = script("bash");
  EXPECT_TRUE(has(bash, "'look --format') COMPREPLY=($(compgen -W 'text json' -- \"$current\"))")) << bash;
  EXPECT_TRUE(has(bash, "-o --output --all")) << bash;
  EXPECT_TRUE(has(bash, "-W '-h --help look'")) << bash;
}

TEST_F(Completion, ZshEscapesWhatItsSyntaxUses) {
  const std::string zsh = script("zsh");
  EXPECT_TRUE(has(zsh, R"('look:What'\''s inside \[all\]\: everything')")) << zsh;
  EXPECT_TRUE(has(zsh, "'--format[How]:value:(text json)'")) << zsh;
  EXPECT_TRUE(has(zsh, "'--all[All of it]'")) << zsh;
}

TEST_F(Completion, Fish) {
  const std::string fish = script("fish");
  EXPECT_TRUE(has(fish, R"(-a look -d 'What\'s inside [all]: everything')")) << fish;
  EXPECT_TRUE(has(fish, "-l format -x -a 'text json' -d 'How'")) << fish;
  EXPECT_TRUE(has(fish, "-s o -l output -r -d 'Where'")) << fish;
}

TEST_F(Completion, HiddenCommandsAreNotOffered) {
  for (const std::string& shell : completion_shells()) EXPECT_FALSE(has(script(shell), "hidden")) << shell;
}

}  // namespace
}  // namespace edgescope::cli
