#include "report/views/inspect.h"

#include <gtest/gtest.h>

namespace edgescope::report {
namespace {

using base::Json;

Json document(std::uint64_t subgraphs = 1) {
  Json json = Json::parse(R"({"schema_version":1,"command":"inspect","input":"m.tflite","findings":[
    {"id":"identity-operator","where":"operator 1","cost":{"bytes":2048,"us":[1.5,2],"basis":"exact"},"why":"W.","remedy":"R."}],
    "model":{"format":"tflite","format_version":3,"name":"","producer":"maker 1.0","opsets":[],"signatures":[],
    "metadata":[{"key":"min_runtime_version","value":"1.5.0","bytes":16}],
    "inputs":[{"tensor":0,"name":"in","type":"u8","shape":[1,null,"w",3],"bytes":null,
               "quantization":{"granularity":"tensor","scale":0.0078125,"zero_point":128}}],
    "outputs":[{"tensor":1,"name":"out","type":"f32","shape":[1,7],"shape_signature":[null,7],"bytes":28}],
    "totals":{"operators":3,"parameters":1200,"weight_bytes":4096,"macs":5000000,"read_bytes":10,"written_bytes":20,
              "operators_without_macs":1,"tensors":2,"constants":1,"file_bytes":8192},
    "files":[{"path":"m.tflite","bytes":8192,"owners":[{"owner":"weights","bytes":4096,"share":0.5},
              {"owner":"graph","bytes":4096,"share":0.5},{"owner":"padding","bytes":0,"share":0}]}],
    "kinds":[{"kind":"convolution","operators":2,"parameters":1200,"weight_bytes":4096,"macs":5000000,"read_bytes":10,"written_bytes":20}],
    "types":[{"type":"f32","tensors":1,"parameters":1200,"bytes":4096}],
    "operators":[
     {"subgraph":0,"index":0,"name":"a","kind":"convolution","source_kind":"CONV_2D","macs":100,"weight_bytes":4000,"read_bytes":1,
      "inputs":[{"tensor":0,"type":"u8","shape":[1,2]},{"tensor":5,"type":"i8","shape":[9],"constant":true},null],
      "outputs":[{"tensor":1,"type":"f32","shape":[1,2]}]},
     {"subgraph":0,"index":1,"name":"b","kind":"custom","source_kind":"X","macs":null,"inputs":[],"outputs":[]},
     {"subgraph":0,"index":2,"name":"c","kind":"convolution","source_kind":"CONV_2D","macs":900,"weight_bytes":96,"inputs":[],"outputs":[]}],
    "tensors":[{"subgraph":0,"index":0,"name":"w","type":"i8","shape":[3,4],"bytes":12,"constant":true,"file_bytes":50,
      "quantization":{"granularity":"channel","axis":0,"scales":3,"scale_min":0.1,"scale_max":0.5}}]}})");
  json["model"]["totals"]["subgraphs"] = subgraphs;
  return json;
}

std::string text(const InspectOptions& options, std::uint64_t subgraphs = 1) {
  return render(document(subgraphs), inspect_view(options), OutputFormat::Text, {});
}

bool has(const std::string& whole, const std::string& part) { return whole.find(part) != std::string::npos; }

TEST(InspectView, BeginsWithWhatTheModelIs) {
  const std::string shown = text({});
  EXPECT_TRUE(shown.starts_with("m.tflite\n"));
  EXPECT_TRUE(has(shown, "tflite 3, made by maker 1.0"));
  EXPECT_TRUE(has(shown, "u8 1x?xwx3  in  (scale 0.0078125, zero point 128)"));
  EXPECT_TRUE(has(shown, "f32 1x7  out, may be resized as ?x7"));
  EXPECT_TRUE(has(shown, "5.00 M, without 1 operator of unknown size"));
  EXPECT_TRUE(has(shown, "min_runtime_version: 1.5.0"));
}

TEST(InspectView, OwnersWithoutBytesAreNotShownAndTheFileEndsTheTable) {
  const std::string shown = text({});
  EXPECT_FALSE(has(shown, "padding"));
  EXPECT_TRUE(has(shown, "  file     8.00 KiB  100.0 %\n"));
}

TEST(InspectView, OperatorsInTheOrderAskedFor) {
  const std::string by_macs = text({.operators = 1, .order = OperatorOrder::Macs});
  EXPECT_TRUE(has(by_macs, "Operators: 1 of 3\n"));
  EXPECT_TRUE(has(by_macs, "900"));
  EXPECT_FALSE(has(by_macs, "u8 1x2"));
  EXPECT_TRUE(has(text({.operators = 1, .order = OperatorOrder::Bytes}), "u8 1x2  f32 1x2"));
  EXPECT_FALSE(has(text({.operators = 0}), "Operators\n"));
}

TEST(InspectView, ConstantInputsHaveColumnsOfTheirOwn) { EXPECT_FALSE(has(text({}), "i8 9")); }

TEST(InspectView, SubgraphsOnlyWhereThereAreSeveral) {
  EXPECT_FALSE(has(text({}), "graph  #"));
  EXPECT_TRUE(has(text({}, 2), "graph  #"));
}

TEST(InspectView, TensorsOnRequest) {
  EXPECT_FALSE(has(text({}), "3 channels"));
  EXPECT_TRUE(has(text({.tensors = true}), "3 channels of axis 0, scales 0.1 to 0.5"));
  EXPECT_TRUE(has(render(document(), inspect_view({.tensors = true}), OutputFormat::Csv, {}), "index,type,shape"));
}

TEST(InspectView, FindingsComeLastWithTheirCost) {
  const std::string shown = text({});
  EXPECT_TRUE(has(shown, "Findings: 1"));
  EXPECT_TRUE(has(shown, "2.00 KiB, 1.50 us to 2.00 us (exact)"));
  EXPECT_TRUE(shown.ends_with("remedy   R.\n"));
}

TEST(InspectView, Shapes) {
  EXPECT_EQ(shape_text(Json::parse("[1,null,\"n\"]")), "1x?xn");
  EXPECT_EQ(shape_text(Json::array()), "scalar");
  EXPECT_EQ(shape_text(Json()), "unknown");
}

}  // namespace
}  // namespace edgescope::report
