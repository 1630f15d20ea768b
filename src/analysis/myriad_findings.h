// What a blob for the NCS2 shows to be lost: stages that only move or convert, work that does not run on the
// hardware accelerator, and half a device that is kept for a second inference.
#pragma once

#include <vector>

#include "analysis/finding.h"
#include "format/myriad/blob.h"

namespace edgescope::analysis {

// In the catalogue's order. `operators` of a finding are stages of the blob.
std::vector<Finding> myriad_findings(const format::myriad::Blob& blob);

}  // namespace edgescope::analysis
