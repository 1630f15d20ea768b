#include "report/views/tiles.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace edgescope::report {
namespace {

using base::Json;
using ::testing::HasSubstr;

std::string shown(const Preformatted& map) {
  return render({}, [&map](const Json&) { return Blocks{map}; }, OutputFormat::Text, {});
}

TEST(Tiles, TheLayerWithMostRowsIsA) {
  const Json layers = Json::parse(R"([
    {"kind":"convolution","name":"small;fused","placement":[{"tiles":[0],"row":400,"rows":80}]},
    {"kind":"fully_connected","name":"large","placement":[{"tiles":[0],"row":0,"rows":400},{"tiles":[1],"row":0,"rows":400}]},
    {"kind":"fully_connected","name":"streams","placement":[]}])");
  const std::string text = shown(tile_map("Placement", layer_groups(layers), 2000));
  EXPECT_THAT(text, HasSubstr("\n   0   480  aaaaaaaaaabb......"));
  EXPECT_THAT(text, HasSubstr("\n   1   400  aaaaaaaaaa........"));
  EXPECT_THAT(text, HasSubstr("\n  15     0  ....."));
  EXPECT_THAT(text, HasSubstr("a     800 rows  fully_connected large"));
  EXPECT_THAT(text, HasSubstr("b      80 rows  convolution small"));
  EXPECT_THAT(text, ::testing::Not(HasSubstr("fused")));
  EXPECT_THAT(text, ::testing::Not(HasSubstr("streams")));
  EXPECT_THAT(text, HasSubstr(".  \n"));  // behind the rows for parameters
}

TEST(Tiles, ADecodedFileNamesNothingAndMayClaimAnything) {
  const Json blocks = Json::parse(R"([{"tiles":[0,5],"row":0,"rows":3},{"tiles":[7,99],"row":4000,"rows":500}])");
  const std::string text = shown(tile_map("In the file", {{"", blocks}}));
  EXPECT_THAT(text, HasSubstr("\n   0     3  #..."));
  EXPECT_THAT(text, HasSubstr("\n   5     3  #..."));
  EXPECT_THAT(text, HasSubstr("\n   7     0  ...."));
}

}  // namespace
}  // namespace edgescope::report
