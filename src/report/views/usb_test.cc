#include "report/views/usb.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace edgescope::report {
namespace {

using base::Json;
using ::testing::HasSubstr;
using ::testing::Not;

Json traffic(int parameters) {
  return {{"instructions", 100}, {"input", 20},     {"parameters", parameters},
          {"output", 8},         {"scratch_in", 1}, {"scratch_out", 2}};
}

Json bench(int parameters, int uploads, bool equal) {
  const Json model = {{"model", "folder/a_edgetpu.tflite"},
                      {"stick", "1-1"},
                      {"inferences", 4},
                      {"parameter_uploads", uploads},
                      {"first_inference", traffic(500)},
                      {"per_inference", traffic(parameters)},
                      {"alike", true},
                      {"ledger", {{"first_inference", traffic(500)}, {"per_inference", traffic(0)}}},
                      {"equals_ledger", equal}};
  return {{"runs",
           {{{"on", "edgetpu:virtual"},
             {"usb",
              {{"link", "usb3"},
               {"sticks", 1},
               {"firmware_bytes", nullptr},
               {"outputs", "meaningless"},
               {"models", {model}}}}}}}};
}

std::string text_of(const Json& document, const View& view) { return render(document, view, OutputFormat::Text, {}); }

std::string bench_text(const Json& document) {
  return text_of(document, [](const Json& json) {
    Blocks blocks;
    add_usb(blocks, json);
    return blocks;
  });
}

TEST(UsbView, SaysThatBothAgree) {
  const std::string text = bench_text(bench(0, 1, true));
  EXPECT_THAT(text, HasSubstr("631 B")) << "first: 100 + 20 + 500 + 8 + 3";
  EXPECT_THAT(text, HasSubstr("a_edgetpu.tflite: equal to what the file's DMA hints say, in each of 4 inferences."));
  EXPECT_THAT(text, Not(HasSubstr("by the hints")));
}

TEST(UsbView, SaysBothFiguresAndWhyWhereTheyDiffer) {
  const std::string lost = bench_text(bench(500, 4, false));
  EXPECT_THAT(lost, HasSubstr("by the hints"));
  EXPECT_THAT(lost, HasSubstr("sent 4 times in 4 inferences"));
  EXPECT_THAT(lost, HasSubstr("131 B an inference instead of 631 B"));
  EXPECT_THAT(bench_text(bench(64, 1, false)),
              HasSubstr("NOT equal to what the file's DMA hints say: 195 B against 131 B"));
}

TEST(UsbView, ATraceSaysWhatItsTimesAreAndWhatWasWrong) {
  Json document = {{"input", {"app", "x"}},
                   {"exit_code", 3},
                   {"simulated", true},
                   {"devices", Json::array()},
                   {"errors", {"9 B came"}}};
  EXPECT_THAT(text_of(document, trace_view), HasSubstr("It opened no USB device through libusb."));
  const Json inference = {{"instructions", 1},      {"input", 2}, {"parameters", 3}, {"output", 4},
                          {"parameter_uploads", 0}, {"us", 50.0}, {"alike", true}};
  document["devices"].push_back({{"place", "1-1"},
                                 {"id", "18d1:9302"},
                                 {"name", "Coral USB Accelerator"},
                                 {"speed", "usb3"},
                                 {"endpoints", Json::array()},
                                 {"inferences", {{"count", 2}, {"first", inference}, {"later", inference}}}});
  const std::string text = text_of(document, trace_view);
  EXPECT_THAT(text, HasSubstr("Coral USB Accelerator at 1-1 (18d1:9302, usb3)"));
  EXPECT_THAT(text, HasSubstr("of the simulation"));
  EXPECT_THAT(text, HasSubstr("9 B came."));
  document["simulated"] = false;
  EXPECT_THAT(text_of(document, trace_view), HasSubstr("times (measured)"));
}

}  // namespace
}  // namespace edgescope::report
