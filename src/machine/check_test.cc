#include "machine/check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <regex>

#include "machine/test_machine.h"
#include "support/reference.h"

namespace edgescope::machine {
namespace {

using testing::HasSubstr;
using testing_support::WrittenMachine;

struct Case {
  std::string check, state, machine;
  int line = 0;
};

const std::vector<Case>& cases() {
  static const std::vector<Case> all = [] {
    std::vector<Case> list;
    std::ifstream file(EDGESCOPE_SOURCE_DIR "/src/machine/testdata/machines.txt");
    int number = 0;
    for (std::string line; std::getline(file, line);) {
      ++number;
      std::istringstream words(line);
      std::string mark;
      words >> mark;
      if (mark == "==") {
        list.emplace_back().line = number;
        words >> list.back().check >> list.back().state;
      } else if (!list.empty()) {
        list.back().machine += line + "\n";
      }
    }
    return list;
  }();
  return all;
}

std::string word_of(State state) {
  return state == State::NotApplicable ? "none" : state == State::Unseen ? "unseen" : std::string(name_of(state));
}

const Check* check_of(const std::string& id) {
  for (const Check& check : checks())
    if (check.id == id) return &check;
  return nullptr;
}

TEST(Checks, EveryWrittenMachineIsJudgedAsItSays) {
  for (const Case& c : cases()) {
    SCOPED_TRACE(fmt::format("machines.txt:{}: {} {}", c.line, c.check, c.state));
    const Check* check = check_of(c.check);
    ASSERT_NE(check, nullptr);
    const Outcome outcome = check->look(WrittenMachine(c.machine).machine());
    EXPECT_EQ(word_of(outcome.state), c.state) << outcome.seen;
    EXPECT_THAT(outcome.seen, testing::EndsWith(".")) << "is a sentence";
  }
}

TEST(Checks, EveryCheckHasAMachineThatShowsItAndOneThatDoesNot) {
  std::map<std::string_view, int> shown, not_shown;
  for (const Case& c : cases()) ++(c.state == "problem" || c.state == "advice" ? shown : not_shown)[c.check];
  for (const Check& check : checks()) {
    EXPECT_GT(shown[check.id], 0) << check.id;
    EXPECT_GT(not_shown[check.id], 0) << check.id;
  }
}

TEST(Checks, EveryCheckSaysAllThatAReaderNeeds) {
  for (const Check& check : checks()) {
    for (std::string_view text : {check.concerns, check.title, check.symptom, check.cause, check.cure})
      EXPECT_FALSE(text.empty()) << check.id;
    for (std::string_view text : {check.symptom, check.cause, check.cure}) EXPECT_EQ(text.back(), '.') << check.id;
    EXPECT_TRUE(!check.sources.empty() || check.concerns == "measuring") << check.id;
  }
}

// Reports are cited as "openvino #15537, #17898" there and as "owner/openvino#15537" here.
TEST(Checks, EveryReportOfTheReferenceIsSomeChecksSource) {
  EDGESCOPE_REFERENCE_OR_SKIP(file, "ncs2/setup.md");
  std::string known;
  for (const Check& check : checks())
    for (std::string_view source : check.sources) (known += source) += ' ';
  std::ifstream rows(file);
  int reports = 0;
  for (std::string row; std::getline(rows, row);) {
    const std::string source =
        row.substr(0, row.find_last_of('|')).substr(row.substr(0, row.find_last_of('|')).rfind('|') + 1);
    std::string repository;
    const std::regex word("([A-Za-z_0-9/-]+)? ?(?:PR )?#([0-9]+)");
    for (std::sregex_iterator it(source.begin(), source.end(), word), end; it != end; ++it) {
      if ((*it)[1].matched) repository = (*it)[1].str().substr((*it)[1].str().rfind('/') + 1);
      ++reports;
      EXPECT_THAT(known, HasSubstr("/" + repository + "#" + (*it)[2].str() + " ")) << row;
    }
  }
  EXPECT_GT(reports, 25);
}

TEST(Checks, ProblemsComeFirst) {
  const WrittenMachine written("usb 1-1 03e7:2485 480 closed\nusb 2-1 18d1:9302 480\n");
  const auto judged = judge(written.machine());
  EXPECT_EQ(judged.size(), checks().size());
  EXPECT_EQ(judged.front().outcome.state, State::Problem);
  EXPECT_TRUE(std::is_sorted(judged.begin(), judged.end(),
                             [](const Judgement& a, const Judgement& b) { return a.outcome.state < b.outcome.state; }));
}

// The whole of what a reader is told of one machine.
TEST(Checks, WordsNameWhatIsThere) {
  const WrittenMachine written(
      "rule SUBSYSTEM==\"usb\", ATTRS{idVendor}==\"03e7\", GROUP=\"users\", MODE=\"0660\"\nusb 1-1 03e7:2485 480 "
      "closed\n");
  const Outcome outcome = check_of("ncs2-access")->look(written.machine());
  EXPECT_THAT(outcome.seen, HasSubstr("1-1 (03e7:2485)"));
  EXPECT_THAT(outcome.seen, HasSubstr("group users, which ann is not in"));
  EXPECT_THAT(outcome.cure, HasSubstr("usermod -aG users"));
}

TEST(Checks, ThisMachineIsJudgedWhateverItIs) {
  for (const Judgement& judgement : judge(Machine(here())))
    EXPECT_FALSE(judgement.outcome.seen.empty()) << judgement.check->id;
}

}  // namespace
}  // namespace edgescope::machine
