#include "analysis/myriad_findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "target/ncs2/cost.h"

namespace edgescope::analysis {
namespace {

constexpr std::uint32_t kCmxSlices = 19, kShaves = 16;  // of a Myriad X, that the plugin gives to one executor

constexpr std::array<std::string_view, 7> kConvolutions = {
    "Conv", "DepthConv", "RefConvolution", "Im2ColConvolution", "ConvND", "Deconvolution", "DepthDeconv"};

template <typename Is>
std::vector<int> stages_that(const format::myriad::Blob& blob, Is is) {
  std::vector<int> found;
  for (std::size_t i = 0; i < blob.stages.size(); ++i)
    if (is(blob.stages[i])) found.push_back(static_cast<int>(i));
  return found;
}

// 8 of "MatMul_1483@fc-to-conv@batch=3/8@fast-stage": the layer was cut into as many stages, one for each row.
std::optional<std::uint64_t> rows_of(const std::string& name) {
  constexpr std::string_view kFullyConnected = "@fc-to-conv", kRow = "@batch=";
  const std::size_t row = name.find(kRow);
  if (name.find(kFullyConnected) == std::string::npos || row == std::string::npos) return std::nullopt;
  const std::size_t slash = name.find('/', row);
  std::uint64_t rows = 0;
  if (slash == std::string::npos ||
      std::from_chars(name.data() + slash + 1, name.data() + name.size(), rows).ec != std::errc{})
    return std::nullopt;
  return rows;
}

std::string count_of(std::size_t count, const char* kind) {
  return fmt::format("{} {} stage{}", count, kind, count == 1 ? "" : "s");
}

// What a stage costs at least, whatever it does.
Finding stages_finding(const char* id, const std::vector<int>& stages, const char* kind) {
  const auto count = static_cast<double>(stages.size());
  return {.kind = &finding_kind(id),
          .where = count_of(stages.size(), kind),
          .operators = stages,
          .cost = {.microseconds = {{target::ncs2::kStageUs.low * count, target::ncs2::kStageUs.high * count}},
                   .basis = Basis::Predicted}};
}

}  // namespace

bool is_convolution_on_shave(std::string_view kind) {
  return std::find(kConvolutions.begin(), kConvolutions.end(), kind) != kConvolutions.end();
}

std::vector<Finding> myriad_findings(const format::myriad::Blob& blob) {
  std::vector<Finding> findings;
  const auto add = [&](const char* id, const std::vector<int>& stages, const char* kind) {
    if (!stages.empty()) findings.push_back(stages_finding(id, stages, kind));
  };
  add("ncs2-convert", stages_that(blob, [](const auto& stage) { return stage.kind() == "Convert"; }), "Convert");
  add("ncs2-copy", stages_that(blob, [](const auto& stage) { return stage.kind() == "Copy"; }), "Copy");
  const auto convolutions = stages_that(blob, [](const auto& stage) { return is_convolution_on_shave(stage.kind()); });
  if (!convolutions.empty())
    findings.push_back({.kind = &finding_kind("ncs2-convolution-on-shave"),
                        .where = count_of(convolutions.size(), "convolution"),
                        .operators = convolutions});
  if (const auto& header = blob.header; header.cmx_slices < kCmxSlices && header.shaves < kShaves)
    findings.push_back({.kind = &finding_kind("ncs2-part-of-the-device"),
                        .where = "the whole network",
                        .why_here = fmt::format("Here it is {} of {} CMX slices and {} of {} SHAVEs.",
                                                header.cmx_slices, kCmxSlices, header.shaves, kShaves)});
  return findings;
}

Finding rows_finding(std::string where, std::uint64_t rows, std::vector<int> operators) {
  const auto more = static_cast<double>(rows - 1);
  return {.kind = &finding_kind("ncs2-stage-a-row"),
          .where = std::move(where),
          .operators = std::move(operators),
          .cost = {.microseconds = {{target::ncs2::kStageUs.low * more, target::ncs2::kStageUs.high * more}},
                   .basis = Basis::Predicted},
          .why_here = fmt::format("Here it has {} rows.", rows)};
}

std::vector<Finding> stage_findings(std::span<const target::ncs2::Stage> stages) {
  std::vector<Finding> findings;
  std::vector<int> padding;
  std::string last;
  for (std::size_t i = 0; i < stages.size(); ++i) {
    if (stages[i].kind == "Pad" && stages[i].name.ends_with("@padding")) padding.push_back(static_cast<int>(i));
    const auto rows = rows_of(stages[i].name);
    if (!rows || *rows < 2) continue;
    const std::string layer = stages[i].name.substr(0, stages[i].name.find("@fc-to-conv"));
    if (layer != last) findings.push_back(rows_finding(layer, *rows, {}));
    last = layer;
    findings.back().operators.push_back(static_cast<int>(i));
  }
  if (!padding.empty()) findings.push_back(stages_finding("ncs2-pad", padding, "Pad"));
  return findings;
}

}  // namespace edgescope::analysis
