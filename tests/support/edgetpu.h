// Coral's own runtime for tests that need it: it is in no registry, so they skip where a machine has none.
#pragma once

#include <gtest/gtest.h>

#include "runtime/catalog.h"

#define EDGESCOPE_EDGETPU_OR_SKIP(found)                            \
  const auto found = ::edgescope::runtime::find("edgetpu:virtual"); \
  if (!found)                                                       \
  GTEST_SKIP() << "no libedgetpu: set EDGESCOPE_LIBEDGETPU to a libedgetpu.so.1 (" << found.error().message() << ")"
