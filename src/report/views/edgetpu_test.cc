#include "report/views/edgetpu.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace edgescope::report {
namespace {

using base::Json;
using ::testing::HasSubstr;

TEST(EdgeTpuView, SaysWhatIsSentOnceAndWhatAlways) {
  const Json edgetpu =
      Json::parse(R"({"subgraphs":1,"chip":"beagle","min_runtime_version":12,"cached_parameter_bytes":2048,
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

TEST(EdgeTpuView, TransfersInTheirOrderAndWhoseTheBytesAre) {
  Json edgetpu = Json::parse(R"({"subgraphs":2,"chip":"beagle","min_runtime_version":12,"cached_parameter_bytes":0,
    "streamed_parameter_bytes":0,"instruction_bytes":300,"per_inference":{"instructions":200},"first_inference":{"instructions":300},
    "operators":[{"index":4,"cached_parameter_bytes":0,"streamed_parameter_bytes":64,"instruction_bytes":300,"per_inference":{"instructions":200},
                  "first_inference":{"instructions":300},"caching_token":"07","name":"net"}],
    "executables":[{"operator":4,"type":"EXECUTION_ONLY","parameter_bytes":0,"instruction_bytes":200,"traffic":{},"inputs":[],"outputs":[],
                    "steps":[{"kind":"input","bytes":8,"transfers":2,"layer":"x"}]},
                   {"operator":4,"type":"PARAMETER_CACHING","parameter_bytes":0,"instruction_bytes":100,"traffic":{},"inputs":[],"outputs":[],
                    "steps":[{"kind":"instructions","bytes":100,"transfers":1}]}],
    "owners":[{"owner":"instructions","bytes":300,"share":0.75},{"owner":"signature","bytes":0,"share":0},{"owner":"tflite","bytes":100,"share":0.25}],
    "cpu_operators":[]})");
  const auto text = [&] {
    return render(edgetpu,
                  [](const Json& document) {
                    Blocks blocks;
                    add_edgetpu(blocks, document);
                    return blocks;
                  },
                  OutputFormat::Text, {});
  };
  const std::string all = text();
  const std::size_t first = all.find("4  first inference  instructions  100 B"),
                    then = all.find("4  every inference  input           8 B          2  x");
  EXPECT_NE(first, std::string::npos) << all;
  EXPECT_NE(then, std::string::npos) << all;
  EXPECT_LT(first, then) << "the caching run comes before the first inference";
  EXPECT_THAT(all, HasSubstr("4       -      64 B         300 B            300 B            200 B  07     net"));
  EXPECT_THAT(all, HasSubstr("file          400 B  100.0 %"));
  EXPECT_THAT(all, ::testing::Not(HasSubstr("signature")));
  for (int i = 0; i < 50; ++i) edgetpu["executables"][0]["steps"].push_back(edgetpu["executables"][0]["steps"][0]);
  EXPECT_THAT(text(), HasSubstr("In order: the first 40 of 52; JSON holds all"));
}

TEST(EdgeTpuView, ALogReadsLikeItsTable) {
  const Json document =
      Json::parse(R"({"input":"x.log","compiler_log":[{"input_model":"a.tflite","compiler":"16.0","on_chip_used":768,
    "on_chip_available":null,"on_chip_remaining":8482980,"off_chip_used":128,"subgraphs":1,"failure":"","rows":[["ADD",2,"Mapped to Edge TPU"]]}]})");
  const std::string text = render(document, compiler_log_view, OutputFormat::Text, {});
  EXPECT_THAT(text, HasSubstr("on-chip remaining  8.09 MiB"));
  EXPECT_THAT(text, HasSubstr("ADD           2  Mapped to Edge TPU"));
  EXPECT_THAT(text, ::testing::Not(HasSubstr("available")));
}

}  // namespace
}  // namespace edgescope::report
