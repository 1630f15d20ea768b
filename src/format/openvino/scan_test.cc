#include "format/openvino/scan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <pugixml.hpp>
#include <string>

#include "format/openvino/test_networks.h"

namespace edgescope::format::openvino {
namespace {

using ::testing::HasSubstr;

std::uint64_t allocated = 0;

// What pugixml takes for `text`, as its allocator sees it.
std::uint64_t measured(const std::string& text) {
  allocated = 0;
  pugi::set_memory_management_functions(
      [](std::size_t size) {
        allocated += size;
        return std::malloc(size);
      },
      std::free);
  {
    pugi::xml_document document;
    document.load_buffer(text.data(), text.size(), pugi::parse_default | pugi::parse_embed_pcdata, pugi::encoding_utf8);
  }
  pugi::set_memory_management_functions(std::malloc, std::free);
  return allocated;
}

std::string repeated(const std::string& text, int times) {
  std::string result;
  for (int i = 0; i < times; ++i) result += text;
  return result;
}

TEST(Scan, KnowsWhatATreeTakes) {
  for (const std::string& inside :
       {repeated("<a/>", 20000), repeated("<b x='1' y=\"2\"/>\n", 20000), repeated("<dim>12</dim>\n", 20000),
        repeated("<b/>text", 20000), repeated("<b><![CDATA[<<>>]]></b>", 20000),
        repeated("<!-- <b> --><?p <b> ?>", 20000), repeated("<b x='>'>t</b>", 20000)}) {
    const std::string text = "<net>" + inside + "</net>";
    const auto bytes = tree_bytes(testing::text_file(text));
    ASSERT_TRUE(bytes);
    const auto truth = static_cast<double>(measured(text));
    EXPECT_NEAR(static_cast<double>(*bytes), truth, 0.03 * truth + 65536) << inside.substr(0, 40);
  }
}

TEST(Scan, RefusesDeepNesting) {
  EXPECT_TRUE(tree_bytes(testing::text_file(repeated("<a>", kMaxNesting))));
  const auto deep = tree_bytes(testing::text_file(repeated("<a>", 100000)));
  ASSERT_FALSE(deep);
  EXPECT_THAT(deep.error().message(), HasSubstr("nests elements deeper than 256"));
  EXPECT_EQ(deep.error().offset, 3u * kMaxNesting);
  EXPECT_TRUE(tree_bytes(testing::text_file(repeated("<a></a><b/>", 1000))));
}

TEST(Scan, RefusesDocumentTypes) {
  const auto bomb = tree_bytes(testing::text_file("<?xml version='1.0'?><!DOCTYPE net [<!ENTITY a 'aaaa'>]><net/>"));
  ASSERT_FALSE(bomb);
  EXPECT_EQ(bomb.error().offset, 21u);
  EXPECT_TRUE(tree_bytes(testing::text_file("<!-- <!DOCTYPE net> --><net/>")));
}

TEST(Scan, EndsOnAnything) {
  for (const char* text : {"", "<", "<!--", "<a x='", "<![CDATA[", "</", "<?", "a > b", "<a/", "<>"})
    EXPECT_TRUE(tree_bytes(testing::text_file(text))) << text;
}

TEST(Scan, LetsNoTreeOutgrowTheModel) {
  const std::string bomb = "<net version=\"11\"><layers>" + repeated("<a/>", 530000) + "</layers></net>";
  const auto model = testing::read_text(bomb);
  ASSERT_FALSE(model);
  EXPECT_THAT(model.error().message(),
              HasSubstr("its XML would take 34 MiB of memory, over twice the size of the model"));
}

}  // namespace
}  // namespace edgescope::format::openvino
