#include "runtime/library.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace edgescope::runtime {
namespace {

TEST(Library, NamesAllFunctionsThatAreMissing) {
  auto library = Library::open("libm.so.6");
  ASSERT_TRUE(library) << library.error().message();
  double (*cosine)(double) = nullptr;
  void (*absent)() = nullptr;
  library->need("cos", cosine);
  EXPECT_TRUE(library->status());
  EXPECT_EQ(cosine(0), 1);
  EXPECT_FALSE(library->want("edgescope_nowhere", absent));
  EXPECT_TRUE(library->status());
  library->need("edgescope_first", absent).need("edgescope_second", absent);
  const auto status = library->status();
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().fault, base::Fault::missing);
  EXPECT_THAT(status.error().message(), testing::HasSubstr("lacks edgescope_first, edgescope_second"));
}

TEST(Library, SaysWhyItCannotBeOpened) {
  const auto library = Library::open("/nonexistent/lib.so");
  ASSERT_FALSE(library);
  EXPECT_EQ(library.error().fault, base::Fault::missing);
  EXPECT_THAT(library.error().message(), testing::HasSubstr("No such file"));
}

}  // namespace
}  // namespace edgescope::runtime
