#include "base/heap.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace edgescope::base {
namespace {

// The flags that the system lists for each part of the heap; "hg" are large pages that were asked for.
bool heap_is_advised() {
  std::ifstream maps("/proc/self/smaps");
  bool heap = false, advised = false;
  for (std::string line; std::getline(maps, line);) {
    if (line.find('-') < line.find(' ')) heap = line.ends_with("[heap]");
    if (!heap || !line.starts_with("VmFlags:")) continue;
    std::istringstream flags(line);
    for (std::string flag; flags >> flag;) advised |= flag == "hg";
  }
  return advised;
}

TEST(Heap, GrowsInLargePagesWhereTheSystemHasThem) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "the sanitizer has a heap of its own";
#endif
  if (!std::filesystem::exists("/sys/kernel/mm/transparent_hugepage"))
    GTEST_SKIP() << "this system has no transparent large pages";
  ASSERT_FALSE(heap_is_advised());
  prefer_large_pages();
  EXPECT_TRUE(heap_is_advised());
}

}  // namespace
}  // namespace edgescope::base
