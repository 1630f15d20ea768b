#include "report/views/edgetpu.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace edgescope::report {
namespace {

using base::Json;
using ::testing::HasSubstr;

TEST(EdgeTpuView, SaysWhatIsSentOnceAndWhatAlways) {
  const Json edgetpu = Json::parse(R"({"subgraphs":1,"chip":"beagle","min_runtime_version":12,"cached_parameter_bytes":2048,
    "streamed_parameter_bytes":128,"instruction_bytes":300,"per_inference":{"instructions":200,"parameters":128,"scratch_in":0},
    "first_inference":{"instructions":300,"parameters":2176,"scratch_in":0},
    "executables":[{"operator":0,"type":"PARAMETER_CACHING","parameter_bytes":2048,"instruction_bytes":100,"traffic":{},"caching_token":"07",
      "inputs":[{"name":"x","type":"i8","shape":[1,8],"bytes":8,"scale":0.5,"zero_point":3}],"outputs":[],
      "rows_used":8,"placement":[{"tiles":[3],"row":0,"rows":1040}]}],
    "cpu_operators":[{"index":1,"source_kind":"ARG_MAX","name":"out"}]})");
  const auto view = [&](const Json& document) {
    Blocks blocks;
    add_edgetpu(blocks, document);
    return blocks;
  };
  const std::string text = render(edgetpu, view, OutputFormat::Text, {});
  EXPECT_THAT(text, HasSubstr("2.00 KiB of parameters, sent once"));
  EXPECT_THAT(text, HasSubstr("128 B of parameters, sent at every inference"));
  EXPECT_THAT(text, HasSubstr("total                2.42 KiB            328 B"));
  EXPECT_THAT(text, HasSubstr("   3  1040  ##########################..."));
  EXPECT_THAT(text, HasSubstr("ARG_MAX"));
  EXPECT_THAT(text, ::testing::Not(HasSubstr("scratch_in ")));
}

TEST(EdgeTpuView, ALogReadsLikeItsTable) {
  const Json document = Json::parse(R"({"input":"x.log","compiler_log":[{"input_model":"a.tflite","compiler":"16.0","on_chip_used":768,
    "on_chip_available":null,"on_chip_remaining":8482980,"off_chip_used":128,"subgraphs":1,"failure":"","rows":[["ADD",2,"Mapped to Edge TPU"]]}]})");
  const std::string text = render(document, compiler_log_view, OutputFormat::Text, {});
  EXPECT_THAT(text, HasSubstr("on-chip remaining  8.09 MiB"));
  EXPECT_THAT(text, HasSubstr("ADD           2  Mapped to Edge TPU"));
  EXPECT_THAT(text, ::testing::Not(HasSubstr("available")));
}

}  // namespace
}  // namespace edgescope::report
