#include "experiment/tune_space.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <sstream>

namespace edgescope::experiment {
namespace {

// By parts of names: releases differ in the rest.
struct Reason {
  std::string_view part, why;
};
constexpr std::string_view kPredictions = "it changes predictions (--change-predictions tries it)";
constexpr Reason kChangesPredictions[] = {
    {"PRECISION_HINT", kPredictions},
    {"EXECUTION_MODE_HINT", kPredictions},
    {"ENFORCE_BF16", kPredictions},
    {"DENORMALS", kPredictions},
};
constexpr Reason kNotTried[] = {
    {"PERF_COUNT", "it only makes the runtime keep times"},
    {"LOG_LEVEL", "it only makes the runtime say more"},
    {"DUMP_", "it only writes files"},
    {"PRINT_RECEIVE", "it only makes the runtime keep times"},
    {"RECEIVING_TENSOR_TIME", "it only makes the runtime keep times"},
    {"CACHE", "it concerns language models only"},
    {"DYNAMIC_QUANTIZATION", "it concerns language models only"},
    {"WEIGHTLESS", "it concerns the cache of compiled models"},
    {"WEIGHTS_PATH", "it names a file"},
    {"CONFIG_FILE", "it names a file"},
    {"CUSTOM_LAYERS", "it names a file"},
    {"DEVICE_ID", "it chooses the device"},
    {"PLATFORM", "it chooses the device"},
    {"DYN_BATCH", "it changes what an inference is"},
    {"EXCLUSIVE_ASYNC", "it concerns several models at once"},
    {"RESERVATION", "it concerns several models at once"},
    {"HINT_NUM_REQUESTS", "it concerns applications with a fixed number of requests"},
    {"FORCE_RESET", "it concerns starting only"},
    {"SPARSE_WEIGHTS", "it concerns weights that are mostly zero"},
    {"HW_ACCELERATION", "without the hardware accelerators there are fewer stages, each of them far slower"},
    {"HW_STAGES_OPTIMIZATION", "the older name of MYRIAD_ENABLE_HW_ACCELERATION"},
};

// Settings of the MYRIAD plugin 2021.4 that LoadNetwork takes and its list of settings does not name. Slices and SHAVEs
// must be set together.
struct Private {
  const char* name;
  std::vector<Settings> candidates;
  const char* why_not = "";
};

std::vector<Private> private_settings() {
  const auto resources = [](int count) {
    return Settings{{"MYRIAD_NUMBER_OF_CMX_SLICES", std::to_string(count)},
                    {"MYRIAD_NUMBER_OF_SHAVES", std::to_string(count)}};
  };
  const auto either = [](const char* name) { return std::vector<Settings>{{{name, "YES"}}, {{name, "NO"}}}; };
  return {{"MYRIAD_NUMBER_OF_CMX_SLICES", {resources(4), resources(8)}},
          {"MYRIAD_NUMBER_OF_SHAVES", {}, "it is tried together with MYRIAD_NUMBER_OF_CMX_SLICES, as it must be set"},
          {"MYRIAD_TILING_CMX_LIMIT_KB",
           {{{"MYRIAD_TILING_CMX_LIMIT_KB", "256"}},
            {{"MYRIAD_TILING_CMX_LIMIT_KB", "512"}},
            {{"MYRIAD_TILING_CMX_LIMIT_KB", "1024"}}}},
          {"MYRIAD_COPY_OPTIMIZATION", either("MYRIAD_COPY_OPTIMIZATION")},
          {"MYRIAD_PACK_DATA_IN_CMX", either("MYRIAD_PACK_DATA_IN_CMX")},
          {"MYRIAD_HW_DILATION", either("MYRIAD_HW_DILATION")},
          {"MYRIAD_HW_EXTRA_SPLIT", either("MYRIAD_HW_EXTRA_SPLIT")},
          {"MYRIAD_HW_POOL_CONV_MERGE", either("MYRIAD_HW_POOL_CONV_MERGE")},
          {"MYRIAD_DISABLE_REORDER", either("MYRIAD_DISABLE_REORDER")},
          {"MYRIAD_DISABLE_CONVERT_STAGES",
           {},
           "it leaves out the conversions of inputs and outputs, so that they mean something else"},
          {"MYRIAD_DUMP_INTERNAL_GRAPH_FILE_NAME", {}, "it only writes files"}};
}

bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

std::string why_not(const std::string& name, bool change_predictions) {
  for (const Reason& reason : kChangesPredictions)
    if (!change_predictions && has(name, reason.part)) return std::string(reason.why);
  for (const Reason& reason : kNotTried)
    if (has(name, reason.part)) return std::string(reason.why);
  return {};
}

bool is_number(std::string_view words) {
  return has(words, "integer") || has(words, "number") || has(words, ">= 0") || has(words, "stoi");
}

// 1, 2, 4, ... and the last.
std::vector<int> doublings(int low, int high) {
  std::vector<int> values;
  for (int value = std::max(1, low); value < high; value *= 2) values.push_back(value);
  values.push_back(std::max(1, high));
  return values;
}

// "1 2", as OpenVINO writes a range.
std::pair<int, int> range_in(const std::string& text, int high) {
  std::istringstream words(text);
  int first = 1, last = high;
  words >> first >> last;
  return {std::max(1, first), std::max(1, last)};
}

Knob knob_of(const std::string& name, const std::string& value, const runtime::Properties& properties,
             const SpaceRequest& request) {
  Knob knob{.name = name, .value = value, .why_not = why_not(name, request.change_predictions)};
  const auto words = properties.words.find(name);
  if (words != properties.words.end()) {
    knob.options = options_in(words->second);
    if (is_number(words->second)) knob.range = "numbers";
  }
  if (knob.options.empty() && (value == "YES" || value == "NO")) knob.options = {"YES", "NO"};
  const auto add = [&](const std::string& option) {
    if (option != value) knob.candidates.push_back({{name, option}});
  };
  const bool streams = has(name, "STREAMS"), threads = has(name, "THREADS_NUM") || has(name, "NUM_THREADS");
  const bool myriad = name.starts_with("MYRIAD_");
  if (streams) {
    const auto stated = properties.metrics.find("RANGE_FOR_STREAMS");
    const bool told = stated != properties.metrics.end() && !stated->second.empty();
    const auto [low, high] = myriad ? std::pair(1, 3) : range_in(told ? stated->second : "", request.cores);
    knob.range = told || myriad ? fmt::format("{} to {}", low, high) : "whole numbers from 1";
    if (knob.why_not.empty())
      for (int count : doublings(low, high)) add(std::to_string(count));
  } else if (threads) {
    knob.range = "whole numbers from 0 (0: by itself)";
    if (knob.why_not.empty())
      for (int count : doublings(1, request.cores)) add(std::to_string(count));
  }
  if (knob.why_not.empty() && (!streams || !myriad))
    for (const std::string& option : knob.options) add(option);
  if (knob.why_not.empty() && knob.candidates.empty()) knob.why_not = "the runtime does not say which values it takes";
  return knob;
}

void add_private(Space& space) {
  for (const Private& one : private_settings())
    space.knobs.push_back(
        {.name = one.name, .candidates = one.candidates, .why_not = one.why_not, .documented = false});
}

}  // namespace

std::vector<std::string> options_in(std::string_view words) {
  std::string text(words);
  for (std::string_view mark : {"Expected only ", "Supported values: ", "only support "})
    if (const auto at = text.find(mark); at != std::string::npos) {
      text = text.substr(at + mark.size());
      break;
    }
  if (text.size() == words.size()) return {};
  if (const auto at = text.find("true/false"); at != std::string::npos) return {"YES", "NO"};
  // "positive numbers (#streams) or X::CPU_THROUGHPUT_NUMA/CPU_THROUGHPUT_AUTO"
  if (const auto at = text.find(" or "); at != std::string::npos) text = text.substr(at + 4);
  // What stands in parentheses explains.
  for (auto open = text.find('('); open != std::string::npos; open = text.find('(')) {
    const auto close = text.find(')', open);
    text.erase(open, close == std::string::npos ? close : close - open + 1);
  }
  std::vector<std::string> options;
  std::string word;
  const auto end_word = [&] {
    if (const auto colons = word.rfind("::"); colons != std::string::npos) word = word.substr(colons + 2);
    if (!word.empty()) options.push_back(std::exchange(word, {}));
  };
  bool ended = false;  // a word that is followed by another is a sentence, not a value
  for (const char c : text) {
    if (c == ',' || c == '/') {
      end_word();
      ended = false;
    } else if (c == ' ' || c == '.' || c == '{' || c == '}') {
      ended = ended || !word.empty();
    } else if (std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == ':') {
      if (ended) return {};
      word += c;
    } else {
      return {};
    }
  }
  end_word();
  return options;
}

Space tuning_space(const SpaceRequest& request, const runtime::Properties& properties) {
  Space space{.read_only = properties.metrics.size()};
  for (const auto& [name, value] : properties.settings)
    space.knobs.push_back(knob_of(name, value, properties, request));
  if (request.on.ends_with(":MYRIAD") || request.on == "ncs2:virtual") add_private(space);
  // A runtime that lists nothing still takes a number of threads, and TFLite its kernels.
  if (properties.settings.empty()) {
    Knob threads{.name = "threads", .value = "1", .range = "whole numbers from 1"};
    for (int count : doublings(2, request.cores))
      if (count > 1) threads.candidates.push_back({{"threads", std::to_string(count)}});
    if (threads.candidates.empty()) threads.why_not = "there is one core";
    space.knobs.push_back(std::move(threads));
    if (request.on == "tflite")
      space.knobs.push_back({.name = "kernels",
                             .value = "builtin",
                             .options = {"builtin", "xnnpack"},
                             .candidates = {{{"kernels", "xnnpack"}}}});
  }
  for (Knob& knob : space.knobs)
    if (knob.name == "PERFORMANCE_HINT") {
      for (const char* hint : {"LATENCY", "THROUGHPUT"})
        if (std::find(knob.options.begin(), knob.options.end(), hint) != knob.options.end())
          space.hints.emplace_back(
              fmt::format("-hint {}", hint == std::string_view("LATENCY") ? "latency" : "throughput"),
              Settings{{knob.name, hint}});
      // Both are measured in any case.
      std::erase_if(knob.candidates, [&](const Settings& candidate) {
        return std::any_of(space.hints.begin(), space.hints.end(),
                           [&](const auto& hint) { return hint.second == candidate; });
      });
    }
  return space;
}

}  // namespace edgescope::experiment
