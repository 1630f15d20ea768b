// What a blob for the NCS2 shows to be lost: stages that only move or convert, work that does not run on the
// hardware accelerator, and half a device that is kept for a second inference.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "analysis/finding.h"
#include "format/myriad/blob.h"
#include "target/ncs2/stages.h"

namespace edgescope::analysis {

// Of a stage's kind: a convolution that the accelerator does not compute.
bool is_convolution_on_shave(std::string_view kind);

// In the catalogue's order. `operators` of a finding are stages of the blob.
std::vector<Finding> myriad_findings(const format::myriad::Blob& blob);

// What only names tell: layers that became a stage a row, stages that the compiler put in to pad.
std::vector<Finding> stage_findings(std::span<const target::ncs2::Stage> stages);

// The finding about one layer of `rows` rows; the same where the rules find it before the compiler has.
Finding rows_finding(std::string where, std::uint64_t rows, std::vector<int> operators);

}  // namespace edgescope::analysis
