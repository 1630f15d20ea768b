#include "measure/usb_trace.h"

#include <gtest/gtest.h>

namespace edgescope::measure {
namespace {

using base::Json;

class Usb : public ::testing::Test {
 protected:
  void open(const std::string& place, int vendor, int product) {
    log_.push_back(
        {{"event", "device"}, {"device", place}, {"vendor", vendor}, {"product", product}, {"speed", "usb3"}});
  }
  void transfer(const std::string& place, int endpoint, std::uint64_t bytes, const std::string& head = "",
                const std::string& status = "completed", const std::string& type = "bulk") {
    now_ += 10;
    log_.push_back({{"event", "transfer"},
                    {"device", place},
                    {"type", type},
                    {"endpoint", endpoint},
                    {"begin_us", now_ - 5},
                    {"us", now_},
                    {"wanted", bytes},
                    {"bytes", bytes},
                    {"status", status},
                    {"head", head}});
  }
  // A message in two pieces.
  void message(const std::string& place, int tag, std::uint64_t bytes) {
    std::string head(16, '0');
    for (std::size_t i = 0; i < 4; ++i) {
      const char* digits = "0123456789abcdef";
      head[2 * i] = digits[bytes >> (8 * i + 4) & 15];
      head[2 * i + 1] = digits[bytes >> (8 * i) & 15];
    }
    head[9] = static_cast<char>('0' + tag);
    transfer(place, 1, 8, head);
    transfer(place, 1, bytes - 1);
    transfer(place, 1, 1);
  }
  void infer(const std::string& place) {
    message(place, 0, 300);
    message(place, 1, 40);
    transfer(place, 0x81, 16);
    transfer(place, 0x82, 16);
  }
  std::vector<Json> log_;
  double now_ = 1000;
};

TEST_F(Usb, UploadsCountWithTheInferenceBehindThem) {
  open("1-1", 0x18d1, 0x9302);
  message("1-1", 0, 100);
  message("1-1", 2, 70000);
  transfer("1-1", 0x82, 16);
  infer("1-1");
  infer("1-1");
  const auto devices = summarise_usb(log_);
  ASSERT_EQ(devices.size(), 1u);
  ASSERT_EQ(devices[0].inferences.size(), 2u);
  const UsbInference& first = devices[0].inferences[0];
  EXPECT_EQ(first.instructions, 400u);
  EXPECT_EQ(first.parameters, 70000u);
  EXPECT_EQ(first.input, 40u);
  EXPECT_EQ(first.output, 16u);
  EXPECT_EQ(first.uploads, 1u);
  EXPECT_DOUBLE_EQ(first.begin_us, 1005);
  EXPECT_DOUBLE_EQ(first.us, 10 * 15 - 5);
  EXPECT_EQ(devices[0].inferences[1].uploads, 0u);
  EXPECT_EQ(devices[0].inferences[1].parameters, 0u);
}

TEST_F(Usb, DevicesAreApartAndOthersAreOnlySummed) {
  open("1-1", 0x18d1, 0x9302);
  open("2-4", 0x03e7, 0x2485);
  infer("1-1");
  transfer("2-4", 1, 1000);
  transfer("2-4", 1, 500);
  transfer("2-4", 0x81, 0, "", "cancelled");
  transfer("2-4", 0x81, 0, "", "timed out");
  const auto devices = summarise_usb(log_);
  ASSERT_EQ(devices.size(), 2u);
  EXPECT_FALSE(devices[1].coral());
  EXPECT_TRUE(devices[1].inferences.empty());
  ASSERT_EQ(devices[1].endpoints.size(), 2u);
  EXPECT_EQ(devices[1].endpoints[0].bytes, 1500u);
  EXPECT_EQ(devices[1].endpoints[1].failed, 1u) << "a cancelled read is how a queue ends";
  const Json json = to_json(devices);
  EXPECT_EQ(json[1]["id"], "03e7:2485");
  EXPECT_FALSE(json[1].contains("inferences"));
  EXPECT_FALSE(json[0]["inferences"].contains("later")) << "there is one";
}

TEST_F(Usb, InferencesThatDifferAreSaidToDiffer) {
  open("1-1", 0x18d1, 0x9302);
  infer("1-1");
  infer("1-1");
  message("1-1", 2, 64);
  infer("1-1");
  const Json later = to_json(summarise_usb(log_))[0]["inferences"]["later"];
  EXPECT_EQ(later["alike"], false);
  EXPECT_EQ(later["parameters"], 64);
}

TEST_F(Usb, SlicesOfAnEndpointFollowEachOther) {
  open("1-1", 0x18d1, 0x9302);
  infer("1-1");
  // Queued long before it was served.
  log_.push_back({{"event", "transfer"},
                  {"device", "1-1"},
                  {"type", "bulk"},
                  {"endpoint", 0x81},
                  {"begin_us", 0.0},
                  {"us", now_ + 50},
                  {"wanted", 1024},
                  {"bytes", 16},
                  {"status", "completed"},
                  {"head", ""}});
  const Json trace = chrome_trace(log_, "a note");
  EXPECT_EQ(trace["otherData"]["note"], "a note");
  double end = 0;
  int outputs = 0, instructions = 0;
  for (const Json& event : trace["traceEvents"]) {
    if (event["ph"] != "X") continue;
    instructions += event["name"] == "instructions";
    if (event["name"] != "output") continue;
    ++outputs;
    EXPECT_GE(event["ts"], end);
    end = event["ts"].get<double>() + event["dur"].get<double>();
  }
  EXPECT_EQ(outputs, 2);
  EXPECT_EQ(instructions, 2);
}

}  // namespace
}  // namespace edgescope::measure
