// Where tests find reference data, and how they skip where there is none.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

namespace edgescope::testing_support {

inline std::filesystem::path folder_from(const char* variable) {
  const char* value = std::getenv(variable);
  return value ? value : "";
}

}  // namespace edgescope::testing_support

// Declares `name` as the path of a file below a reference folder, or skips the test, saying what to set.
#define EDGESCOPE_FILE_OR_SKIP(name, variable, relative)                                               \
  const std::filesystem::path name = ::edgescope::testing_support::folder_from(variable) / (relative); \
  if (!std::filesystem::exists(name)) GTEST_SKIP() << "set " variable " to the folder that holds " << (relative)
#define EDGESCOPE_REFERENCE_OR_SKIP(name, relative) EDGESCOPE_FILE_OR_SKIP(name, "EDGESCOPE_REFERENCE_DIR", relative)
#define EDGESCOPE_MODEL_OR_SKIP(name, relative) EDGESCOPE_FILE_OR_SKIP(name, "EDGESCOPE_MODELS_DIR", relative)
