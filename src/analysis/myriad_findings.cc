#include "analysis/myriad_findings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

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

std::string count_of(std::size_t count, const char* kind) {
  return fmt::format("{} {} stage{}", count, kind, count == 1 ? "" : "s");
}

}  // namespace

std::vector<Finding> myriad_findings(const format::myriad::Blob& blob) {
  std::vector<Finding> findings;
  // What a stage costs at least, whatever it does.
  const auto add = [&](const char* id, const std::vector<int>& stages, const char* kind) {
    if (stages.empty()) return;
    const auto count = static_cast<double>(stages.size());
    findings.push_back(
        {.kind = &finding_kind(id),
         .where = count_of(stages.size(), kind),
         .operators = stages,
         .cost = {.microseconds = {{target::ncs2::kStageUs.low * count, target::ncs2::kStageUs.high * count}},
                  .basis = Basis::Predicted}});
  };
  add("ncs2-convert", stages_that(blob, [](const auto& stage) { return stage.kind() == "Convert"; }), "Convert");
  add("ncs2-copy", stages_that(blob, [](const auto& stage) { return stage.kind() == "Copy"; }), "Copy");
  const auto convolutions = stages_that(blob, [](const auto& stage) {
    return std::find(kConvolutions.begin(), kConvolutions.end(), stage.kind()) != kConvolutions.end();
  });
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

}  // namespace edgescope::analysis
