#include "report/views/myriad.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace edgescope::report {
namespace {

using testing::HasSubstr;

TEST(MyriadView, SaysWhereStagesRunAndWhatTheyNeed) {
  base::Json document = report::document("inspect", "x.blob");
  document["findings"] = base::Json::array();
  document["myriad"] = {
      {"version", "6.0"},
      {"bytes", 2048},
      {"constant_bytes", 1024},
      {"bss_bytes", 4096},
      {"inputs", 1},
      {"input_bytes", 512},
      {"outputs", 2},
      {"output_bytes", 64},
      {"batch", 1},
      {"cmx_slices", 9},
      {"shaves", 7},
      {"engines", {{"hardware", 1}, {"shave", 1}, {"dma", 0}}},
      {"kinds", base::Json::array({{{"kind", "Convert"}, {"engine", "shave"}, {"stages", 1}, {"bytes", 40}}})},
      {"stages", base::Json::array(
                     {{{"index", 0}, {"kind", "Convert"}, {"engine", "shave"}, {"shaves", 4}, {"bytes", 40}},
                      {{"index", 1}, {"kind", "MyriadXHwOp"}, {"engine", "hardware"}, {"shaves", 0}, {"bytes", 80}}})}};
  const std::string text = render(document, myriad_view, OutputFormat::Text, {});
  EXPECT_THAT(text, HasSubstr("2: 1 on the hardware accelerator, 1 on the SHAVE processors, 0 by DMA"));
  EXPECT_THAT(text, HasSubstr("4.00 KiB of DDR"));
  EXPECT_THAT(text, HasSubstr("9 CMX slices, 7 SHAVEs"));
  EXPECT_THAT(render(document, myriad_view, OutputFormat::Csv, {}), HasSubstr("1,MyriadXHwOp,hardware,0"));
}

TEST(MyriadView, ACheckSaysWhatFailsWhyAndWhatToDo) {
  base::Json document = report::document("check", "x.onnx");
  document.update({{"target", "ncs2"},
                   {"software", "MYRIAD plugin"},
                   {"verdict", "fails"},
                   {"failure", {{"reason", "it cannot"}, {"remedy", "Do."}}},
                   {"findings", base::Json::array()},
                   {"operators", base::Json::array({{{"index", 0},
                                                     {"name", "a"},
                                                     {"kind", "abs"},
                                                     {"source_kind", "Abs"},
                                                     {"verdict", "rejected"},
                                                     {"reason", "no stage"},
                                                     {"remedy", "Max."},
                                                     {"query_claims", false}}})}});
  std::string text = render(document, check_ncs2_view, OutputFormat::Text, {});
  EXPECT_THAT(text, HasSubstr("Does not compile for the NCS2: it cannot"));
  EXPECT_THAT(text, HasSubstr("no stage"));
  EXPECT_THAT(text, HasSubstr("predicted, by the rules"));
  document["verdict"] = "compiles";
  document["failure"] = nullptr;
  document["oracle"] = {{"agrees", false}};
  document["prediction"] = {
      {"basis", "predicted(stage law)"}, {"interval_us", {1570, 2000}}, {"assumptions", {"batch 1"}}};
  text = render(document, check_ncs2_view, OutputFormat::Text, {});
  EXPECT_THAT(text, HasSubstr("Compiles for the NCS2 (the rules say otherwise)"));
  EXPECT_THAT(text, HasSubstr("1.57 ms to 2.00 ms (predicted(stage law))"));
}

TEST(MyriadView, SaysWhereTensorsLie) {
  base::Json document = report::document("inspect", "x.dot");
  document["myriad_memory"] = {{"cmx_bytes", 1024},
                               {"bss_bytes", 128},
                               {"blob_bytes", 4096},
                               {"tensors", base::Json::array({{{"name", "a"},
                                                               {"usage", "Intermediate"},
                                                               {"type", "FP16"},
                                                               {"location", "BSS"},
                                                               {"offset", 0},
                                                               {"bytes", 64}}})}};
  const std::string text = render(document, myriad_memory_view, OutputFormat::Text, {});
  EXPECT_THAT(text, HasSubstr("1.00 KiB of the fast memory"));
  EXPECT_THAT(text, HasSubstr("BSS"));
}

}  // namespace
}  // namespace edgescope::report
