#include "format/myriad/memory_dump.h"

#include <gtest/gtest.h>

namespace edgescope::format::myriad {
namespace {

const std::string kDump = R"(digraph ie_vpu_model_view {
    label="Graph net\lextraAttrs = [\l    numInputs = 1\l    usedMemory = [\l        BSS = 128\l        CMX = 11392\l        blob = 61432\l    ]\l]\l"
    data_0x1 [
        label="Data image@FP16\lusage = Intermediate\ldesc = [\l    type = FP16\l    dims = [W : 1, H : 8, C : 8, N : 1]\l]\lstrides = [W : 2, H : 2, C : 32, N : 256]\lorigData = [\l    name = image\l    dims = [1, 8, 8, 1]\l]\lmemReqs = CMX\ldataLocation = CMX\ldataOffset = 2490240\l"
    ];
    data_0x2 [
        label="Data nothing\lusage = Fake\ldataLocation = None\l"
    ];
    stage_0x3 [
        label="Stage conv\ltype = MyriadXHwOp\l"
    ];
})";

TEST(MyriadMemoryDump, SaysWhereTensorsLie) {
  const auto dump = read_memory_dump(kDump, "x.dot");
  ASSERT_TRUE(dump) << dump.error().message();
  EXPECT_EQ(dump->cmx_bytes, 11392u);
  EXPECT_EQ(dump->bss_bytes, 128u);
  EXPECT_EQ(dump->blob_bytes, 61432u);
  ASSERT_EQ(dump->tensors.size(), 1u);
  const PlacedTensor& tensor = dump->tensors[0];
  EXPECT_EQ(tensor.name, "image@FP16");
  EXPECT_EQ(tensor.usage, "Intermediate");
  EXPECT_EQ(tensor.location, "CMX");
  EXPECT_EQ(tensor.type, "FP16");
  EXPECT_EQ(tensor.offset, 2490240u);
  EXPECT_EQ(tensor.bytes, 7 * 2 + 7 * 32 + 2u);
}

TEST(MyriadMemoryDump, OtherTextIsNone) {
  EXPECT_FALSE(read_memory_dump("digraph other {}", "x"));
  EXPECT_FALSE(is_memory_dump(""));
  for (std::size_t size = 0; size < kDump.size(); ++size)
    (void)read_memory_dump(std::string_view(kDump).substr(0, size), "x");
  EXPECT_FALSE(read_memory_dump(std::string_view(kDump).substr(0, 60), "x"));
}

}  // namespace
}  // namespace edgescope::format::myriad
