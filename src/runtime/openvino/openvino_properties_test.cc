// What OpenVINO itself says is asked for in a worker (tests/e2e/tune_test.cc); here its C interface is a stand-in.
#include "runtime/openvino/openvino_properties.h"

#include <gtest/gtest.h>

#include <cstdarg>
#include <cstring>

namespace edgescope::runtime::openvino {
namespace {

std::map<std::string, std::string> values;  // of the stand-in
std::string complaint;

Api stand_in() {
  Api api{};
  api.core_get_property = [](const Core*, const char*, const char* key, char** value) {
    if (!values.contains(key)) return -1;
    *value = strdup(values[key].c_str());
    return 0;
  };
  api.free = [](const char* text) { std::free(const_cast<char*>(text)); };
  api.get_last_err_msg = [] { return complaint.c_str(); };
  return api;
}

Status set(const char* key, const char* value) {
  complaint = "Exception from src/core.cpp:264:\n";
  const std::string name = key;
  if (name == "RANGE") return complaint += "Unsupported property", -1;
  if (name == "ID" && *value != '\0') return complaint += "supports only '' as device id", -1;
  if (name == "HINT" && std::strcmp(value, kNoValue) == 0) return complaint += "Expected only A/B.\n", -1;
  values[name] = value;
  return 0;
}

Status set_from_words(const Core*, const char* device, ...) {
  std::va_list arguments;
  va_start(arguments, device);
  const char* key = va_arg(arguments, const char*);
  const char* value = va_arg(arguments, const char*);
  va_end(arguments);
  return set(key, value);
}

TEST(OpenVinoProperties, WhatTakesItsOwnValueCanBeSet) {
  values = {{"SUPPORTED_PROPERTIES", "HINT RANGE ID PATH"}, {"HINT", "A"}, {"RANGE", "1 2"}, {"ID", ""}, {"PATH", "p"}};
  Api api = stand_in();
  api.core_set_property = set_from_words;
  const auto properties = properties_of(api, nullptr, "CPU");
  ASSERT_TRUE(properties);
  EXPECT_EQ(properties->settings, (std::map<std::string, std::string>{{"HINT", "A"}, {"PATH", "p"}}));
  EXPECT_EQ(properties->metrics, (std::map<std::string, std::string>{{"ID", ""}, {"RANGE", "1 2"}}));
  EXPECT_EQ(properties->words, (std::map<std::string, std::string>{{"HINT", "Expected only A/B."}}));
  EXPECT_EQ(values["PATH"], "p") << "what takes anything has its own value again";
}

TEST(OpenVinoProperties, ADeviceThatIsNotThereIsNamed) {
  values.clear();
  const auto properties = properties_of(stand_in(), nullptr, "MYRIAD");
  ASSERT_FALSE(properties);
  EXPECT_EQ(properties.error().fault, base::Fault::missing);
}

}  // namespace
}  // namespace edgescope::runtime::openvino
