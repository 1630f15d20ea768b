#include "report/view.h"

#include <gtest/gtest.h>

namespace edgescope::report {
namespace {

using base::Json;

Blocks sample(const Json& document) {
  Table table{.records = document["rows"],
              .columns = {{"name", "name"},
                          {"bytes", "size.bytes", Column::Align::Right, [](const Json& v) { return v.dump() + " B"; }}},
              .main = true};
  return {Heading{"Title"}, Facts{{{"key", "value"}}}, table};
}

Json sample_document() {
  Json json = document("inspect", "m.tflite");
  json["rows"] = Json::parse(R"([{"name":"a|b","size":{"bytes":12}},{"name":"c, \"d\"","size":null}])");
  return json;
}

TEST(View, JsonIsTheDocument) {
  const auto text = render(sample_document(), sample, OutputFormat::Json, {});
  EXPECT_EQ(Json::parse(text)["schema_version"], kSchemaVersion);
  EXPECT_EQ(Json::parse(text)["command"], "inspect");
}

TEST(View, ADocumentWrittenAsTextBeginsAlike) {
  base::JsonWriter json;
  begin_document(json, "inspect", "m.tflite");
  json.end_object();
  EXPECT_EQ(Json::parse(std::move(json).take()), document("inspect", "m.tflite"));
}

TEST(View, TextAligns) {
  EXPECT_EQ(render(sample_document(), sample, OutputFormat::Text, {}),
            "Title\n\n  key  value\n\n  name    bytes\n  a|b      12 B\n  c, \"d\"\n");
}

TEST(View, TextIsCutToTheTerminal) {
  EXPECT_NE(render(sample_document(), sample, OutputFormat::Text, {.width = 10}).find("  a|b    …"), std::string::npos);
}

TEST(View, MarkdownEscapes) {
  EXPECT_NE(render(sample_document(), sample, OutputFormat::Markdown, {}).find("| a\\|b | 12 B |"), std::string::npos);
}

TEST(View, CsvHoldsRawValues) {
  EXPECT_EQ(render(sample_document(), sample, OutputFormat::Csv, {}),
            "name,size.bytes\r\na|b,12\r\n\"c, \"\"d\"\"\",\r\n");
}

TEST(View, JsonLinesAreTheRecords) {
  EXPECT_EQ(render(sample_document(), sample, OutputFormat::JsonLines, {}),
            "{\"name\":\"a|b\",\"size\":{\"bytes\":12}}\n{\"name\":\"c, \\\"d\\\"\",\"size\":null}\n");
}

}  // namespace
}  // namespace edgescope::report
