#include "base/shell.h"

#include <gtest/gtest.h>

#include "base/process.h"
#include "base/program.h"

namespace edgescope::base {
namespace {

TEST(ShellWord, PlainWordsStayAsTheyAre) {
  EXPECT_EQ(shell_word("models/net-v1_0.25.tflite"), "models/net-v1_0.25.tflite");
}

TEST(ShellWord, AShellReadsBackWhatWasMeant) {
  for (const std::string& word :
       {std::string(""), std::string("a b"), std::string("it's $HOME; `x` \"y\" \\ * ~\n!"), std::string("'")}) {
    const auto run = run_program({.program = "/bin/sh",
                                  .arguments = {"-c", "printf %s " + shell_word(word)},
                                  .environment = plain_environment()});
    ASSERT_TRUE(run);
    EXPECT_EQ(run->output, word);
  }
}

}  // namespace
}  // namespace edgescope::base
