#include "report/views/difference.h"

#include <gtest/gtest.h>

namespace edgescope::report {
namespace {

using base::Json;

Json document() {
  return Json::parse(R"({"schema_version":1,"command":"inspect","input":["new","old"],"differences":{
   "totals":[{"total":"file_bytes","new":1024,"old":4096,"change":-3072},{"total":"operators","new":5,"old":4,"change":1},
             {"total":"operators_without_macs","new":0,"old":0,"change":0}],
   "owners":[{"owner":"weights","new":100,"old":100,"change":0}],
   "kinds":[{"kind":"relu","operators":{"new":1,"old":0,"change":1},"macs":{"new":0,"old":0,"change":0},
             "parameters":{"new":0,"old":0,"change":0},"weight_bytes":{"new":0,"old":9,"change":-9}}],
   "operators":{"added":[{"subgraph":0,"index":4,"name":"r","kind":"relu","macs":0}],"removed":[],"changed":[]},
   "tensors":{"added":[],"removed":[],"changed":[{"subgraph":0,"index":1,"old_index":1,"name":"w","changes":[
     {"what":"shape","new":[1,2],"old":null},{"what":"weights","different_bytes":3,"bytes":8},{"what":"type","new":"i8","old":"f32"}]}]}}})");
}

TEST(DifferenceView, SignedFigures) {
  const std::string shown = render(document(), difference_view, OutputFormat::Text, {});
  EXPECT_TRUE(shown.starts_with("new against old\n"));
  EXPECT_NE(shown.find("-3.00 KiB  -75.0 %"), std::string::npos) << shown;
  EXPECT_NE(shown.find("+1  +25.0 %"), std::string::npos) << shown;
  EXPECT_EQ(shown.find("operators_without_macs"), std::string::npos);
  EXPECT_NE(shown.find("shape: 1x2 (was unknown); weights: 3 of 8 bytes differ; type: i8 (was f32)"), std::string::npos)
      << shown;
}

TEST(DifferenceView, SaysThatNothingDiffers) {
  Json same = document();
  same["differences"]["operators"]["added"].clear();
  same["differences"]["tensors"]["changed"].clear();
  EXPECT_NE(render(same, difference_view, OutputFormat::Text, {}).find("are the same"), std::string::npos);
}

TEST(DifferenceView, CsvHasOneRowAnOperator) {
  const std::string csv = render(document(), difference_view, OutputFormat::Csv, {});
  EXPECT_TRUE(csv.starts_with("state,subgraph,index,kind")) << csv;
  EXPECT_NE(csv.find("added,0,4,relu"), std::string::npos) << csv;
}

}  // namespace
}  // namespace edgescope::report
