#include "report/renderers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

namespace edgescope::report {
namespace {

using testing::HasSubstr;

TEST(Renderers, ProseIsBrokenBetweenWordsAndNothingIsLost) {
  const std::string why =
      "Both only move bytes, and nobody reads what is between them, so they cost and bring nothing.";
  const std::string text = render_text({Facts{{{"finding", "transpose-pair"}, {"why", why}}}}, {.width = 40});
  EXPECT_EQ(text,
            "  finding  transpose-pair\n"
            "  why      Both only move bytes, and\n"
            "           nobody reads what is between\n"
            "           them, so they cost and bring\n"
            "           nothing.\n");
  EXPECT_EQ(render_text({Paragraph{"one two three four five six"}}, {.width = 20}), "one two three four\nfive six\n");
  EXPECT_EQ(render_text({Paragraph{why}}, {}), why + "\n") << "to a file: as it is";
}

TEST(Renderers, AWordLongerThanTheLineStandsAlone) {
  const std::string path(60, 'p');
  const std::string text = render_text({Paragraph{"see " + path + " there"}}, {.width = 30});
  EXPECT_EQ(text, "see\n" + path + "\nthere\n");
  EXPECT_EQ(render_text({Facts{{{"key", path}}}}, {.width = 30}), "  key  " + path + "\n");
}

TEST(Renderers, DrawingsKeepTheirLines) {
  const Blocks blocks = {Preformatted{"Tiles", {" 0  " + std::string(40, 'a'), " 1  \x1b"}}};
  EXPECT_EQ(render_text(blocks, {.width = 20}), "Tiles\n   0  " + std::string(40, 'a') + "\n   1  \\x1b\n");
  EXPECT_EQ(render_markdown(blocks), "**Tiles**\n\n     0  " + std::string(40, 'a') + "\n     1  \\x1b\n");
}

TEST(Renderers, TablesAreCutAndSaySo) {
  const Table table{.records = {{{"name", std::string(50, 'n')}}}, .columns = {{"name", "name"}}};
  std::istringstream lines(render_text({table}, {.width = 20}));
  std::string line;
  std::getline(lines, line);
  std::getline(lines, line);
  EXPECT_EQ(line, "  " + std::string(17, 'n') + "…");
}

TEST(Renderers, NamesFromAFileDoNotReachTheTerminalRaw) {
  const Table table{.records = {{{"name", "a\x1b[2J\n"}}}, .columns = {{"name", "name"}}};
  for (const std::string& text : {render_text({table}, {}), render_markdown({table}),
                                  render_text({Paragraph{"a\x1b[2J"}, Facts{{{"k", "a\x1b[2J"}}}}, {})}) {
    EXPECT_THAT(text, HasSubstr("a\\x1b[2J"));
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
  }
}

TEST(Renderers, CellsFollowDotsAndLeaveOutNull) {
  const base::Json record = {{"cost", {{"bytes", 5}}}, {"none", nullptr}};
  EXPECT_EQ(cell({"", "cost.bytes"}, record), "5");
  EXPECT_EQ(cell({"", "none"}, record), "");
  EXPECT_EQ(cell({"", "cost.absent.deep"}, record), "");
}

}  // namespace
}  // namespace edgescope::report
