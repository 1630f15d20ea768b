// `edgescope fix --quantize` with the real libraries, where they are.
#include "e2e/fix.h"

namespace edgescope::testing_support {
namespace {

// The digits' test images as the network takes them: from 0 to 1.
class Quantize : public Fix {
 protected:
  void SetUp() override {
    const auto python = rewrite::find_quantizer({});
    if (!python) GTEST_SKIP() << python.error().message();
    const auto images = base::read_npy(digits("test_images.npy"));
    ASSERT_TRUE(images);
    std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (450, 8, 8, 1), }";
    header.resize(117, ' ');
    header += '\n';
    std::ofstream out(rows_, std::ios::binary);
    out << std::string_view("\x93NUMPY\x01\x00\x76\x00", 10) << header;
    for (const double value : images->values) {
      const float scaled = static_cast<float>(value / 16);
      out.write(reinterpret_cast<const char*>(&scaled), sizeof scaled);
    }
  }
  static std::string digits(const std::string& name) { return EDGESCOPE_SOURCE_DIR "/examples/digits/" + name; }
  Json quantize(const std::string& model, const std::string& target, const std::string& output,
                std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {"fix",  model,        "--target", target,     "-o",
                                          output, "--quantize", rows_,      "--format", "json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Finished done = run(edgescope_program(), arguments, {.limit_seconds = 110});
    EXPECT_EQ(done.exit, 0) << done.err << done.out;
    return Json::parse(done.out, nullptr, false);
  }
  std::string rows_ = file("rows.npy");
};

TEST_F(Quantize, AFloatNetworkBecomesInt8ForTheEdgeTpu) {
  NEEDS("litert");
  const Json document =
      quantize(digits("digits_float.tflite"), "edgetpu", file("int8.tflite"), {"--measure", "--time-limit", "1"});
  EXPECT_EQ(document["before"]["verdict"], "fails");
  EXPECT_EQ(document["verdict"], "compiles");
  const Json& quantization = document["quantization"];
  EXPECT_EQ(quantization["by"], "ai-edge-quantizer");
  EXPECT_EQ(quantization["rows"], 450);
  ASSERT_EQ(quantization["outputs"].size(), 1u);
  EXPECT_GT(quantization["outputs"][0]["top1"], 0.98) << "of a network that is right for 98.7 %";
  EXPECT_GT(quantization["outputs"][0]["signal_to_noise_db"], 20);
  EXPECT_GT(quantization["outputs"][0]["max_difference"], 0) << "int8 is never the same";
  EXPECT_GT(document["measured"]["before"]["median_us"], 0);
  EXPECT_GT(document["measured"]["after"]["median_us"], 0);
  EXPECT_GT(document["measured"]["ratio"], 0);
  const Finished check = run(edgescope_program(), {"check", file("int8.tflite"), "--target", "edgetpu"});
  EXPECT_EQ(check.exit, 0) << check.out;
}

TEST_F(Quantize, AnOnnxNetworkIsConvertedBefore) {
  NEEDS("litert");
  NEEDS("openvino:CPU");
  const Json document = quantize(digits("digits.onnx"), "edgetpu", file("int8.tflite"));
  EXPECT_EQ(document["verdict"], "compiles");
  EXPECT_EQ(document["conversion"]["from"]["format"], "onnx");
  EXPECT_LE(document["conversion"]["proof"]["max_relative"], document["conversion"]["tolerance"]);
  EXPECT_GT(document["quantization"]["outputs"][0]["top1"], 0.98);
}

TEST_F(Quantize, AnIrForTheCpu) {
  NEEDS("openvino:CPU");
  const Json document = quantize(digits("digits.xml"), "cpu", file("int8.xml"));
  EXPECT_EQ(document["quantization"]["by"], "NNCF");
  EXPECT_GT(document["quantization"]["outputs"][0]["top1"], 0.98);
}

TEST_F(Quantize, WhatCannotBeDoneIsOneError) {
  NEEDS("litert");
  const auto refused = [this](const std::string& model, const std::string& rows, int exit, const char* why) {
    const Finished done =
        run(edgescope_program(), {"fix", model, "--target", "edgetpu", "-o", file("no.tflite"), "--quantize", rows});
    EXPECT_EQ(done.exit, exit) << done.err;
    EXPECT_THAT(done.err, HasSubstr(why));
    EXPECT_THAT(done.err, Not(HasSubstr("Traceback")));
    EXPECT_FALSE(std::filesystem::exists(file("no.tflite")));
  };
  refused(digits("digits_int8.tflite"), rows_, 3, "quantised already");
  refused(digits("digits_float.tflite"), digits("train.py"), 3, "no .npy file");
  refused(digits("digits_float.tflite"), rows_ + "," + rows_, 3, "1 inputs, and 2 files");
  EXPECT_EQ(
      run(edgescope_program(), {"fix", notebook(), "--target", "ncs2", "-o", file("no.xml"), "--quantize", rows_}).exit,
      2)
      << "the NCS2's plugin refuses quantised networks";
}

TEST_F(Fix, WithoutTheEnvironmentNothingIsQuantised) {
  const Finished done = run(edgescope_program(),
                            {"fix", EDGESCOPE_SOURCE_DIR "/examples/digits/digits_float.tflite", "--target", "edgetpu",
                             "-o", file("no.tflite"), "--quantize", "rows.npy"},
                            {.environment = {{"EDGESCOPE_QUANTIZE_PYTHON", "/nowhere/python"}}});
  EXPECT_EQ(done.exit, 4);
  EXPECT_THAT(done.err, HasSubstr("scripts/setup.sh venv quantize"));
}

}  // namespace
}  // namespace edgescope::testing_support
