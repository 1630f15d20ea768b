#include "base/heap.h"

#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>

namespace edgescope::base {

void prefer_large_pages() {
#ifdef __GLIBC__
  constexpr int kRoom = 64 << 20;
  // Large vectors come from the same room, and nothing is given back in between.
  ::mallopt(M_MMAP_THRESHOLD, kRoom / 2);
  ::mallopt(M_TRIM_THRESHOLD, 2 * kRoom);
  ::mallopt(M_TOP_PAD, kRoom);
  // More than the heap has left at a program's start, so that it grows now, and by the room.
  void* volatile growth = std::malloc(std::size_t{1} << 20);
  std::free(growth);
  ::madvise(static_cast<std::byte*>(::sbrk(0)) - kRoom, kRoom, MADV_HUGEPAGE);
#endif
}

}  // namespace edgescope::base
