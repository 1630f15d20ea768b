#include <gtest/gtest.h>

#include "runtime/catalog.h"
#include "runtime/session.h"

namespace edgescope::runtime {
namespace {

TEST(MakeSession, KnowsEveryRuntimeOfTheCatalog) {
  for (const std::string& name : known())
    EXPECT_EQ(make_session(name) != nullptr, worker_of(name) == "edgescope-worker") << name;
  EXPECT_NE(make_session("openvino:MYRIAD"), nullptr);
  EXPECT_EQ(make_session("onnx"), nullptr);
}

}  // namespace
}  // namespace edgescope::runtime
