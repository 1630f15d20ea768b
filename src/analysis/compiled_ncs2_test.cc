// Whole networks through the vendor's compiler, where set-up has brought it.
#include "analysis/compiled_ncs2.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "format/format.h"
#include "support/mobilenet.h"
#include "support/scratch.h"

namespace edgescope::analysis {
namespace {

// The published stage lists of MobileNetV1, by three settings.
TEST(CompiledNcs2, MobileNetV1ByThreeSettings) {
  const auto found = runtime::find("ncs2:virtual");
  if (!found) GTEST_SKIP() << found.error().message();
  measure::Oracle oracle({.runtime = *found});
  const testing_support::Scratch scratch;
  testing_support::mobilenet_v1().write(scratch / "mobilenet.xml");
  const auto model = format::read_model(scratch / "mobilenet.xml");
  ASSERT_TRUE(model) << model.error().message();
  struct Published {
    std::map<std::string, std::string> settings;
    int stages, cmx_slices, shaves;
    std::uint64_t bss_bytes;
  };
  for (const Published& published : {Published{{}, 192, 9, 7, 3211264},
                                     {{{"MYRIAD_THROUGHPUT_STREAMS", "1"}}, 181, 19, 16, 1605632},
                                     {{{"MYRIAD_ENABLE_HW_ACCELERATION", "NO"}}, 89, 19, 16, 3813376}}) {
    const auto compiled = compile_ncs2(*model, oracle, {.settings = published.settings});
    ASSERT_TRUE(compiled) << compiled.error().message();
    ASSERT_TRUE(compiled->compiles()) << compiled->refusal->message();
    const base::Json& myriad = compiled->myriad;
    EXPECT_EQ(myriad["stages"].size(), published.stages) << myriad["kinds"].dump();
    EXPECT_EQ(myriad["bss_bytes"], published.bss_bytes);
    EXPECT_EQ(myriad["cmx_slices"], published.cmx_slices);
    EXPECT_EQ(myriad["shaves"], published.shaves);
  }
}

}  // namespace
}  // namespace edgescope::analysis
