#include <gtest/gtest.h>

#include <string>

#include "format/openvino/reader.h"

namespace edgescope::format::openvino {
namespace {

bool ir(const std::string& text) { return recognised(std::as_bytes(std::span(text))); }

TEST(Recognise, AnIrByItsRootElement) {
  EXPECT_TRUE(ir("<?xml version=\"1.0\"?>\n<net name=\"n\" version=\"11\">"));
  EXPECT_TRUE(ir("\xEF\xBB\xBF<?xml version=\"1.0\"?><net>"));
  EXPECT_TRUE(ir("<!-- a licence, <net> or not -->\r\n<net\tversion='10'/>"));
  EXPECT_TRUE(ir("<!DOCTYPE net><net>")) << "the reader says what is wrong with it";
  EXPECT_TRUE(ir("<net/>"));
}

TEST(Recognise, NothingElse) {
  EXPECT_FALSE(ir(""));
  EXPECT_FALSE(ir("<"));
  EXPECT_FALSE(ir("<?xml version=\"1.0\"?><network>"));
  EXPECT_FALSE(ir("<PMML><net/></PMML>"));
  EXPECT_FALSE(ir("net"));
  EXPECT_FALSE(ir("<!-- never closed <net>"));
}

}  // namespace
}  // namespace edgescope::format::openvino
