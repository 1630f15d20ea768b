// Any bytes are a valid ensemble or an error: readers answer with what validate() lets pass.
#include "format/forest/treelite.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace edgescope;
  (void)forest::read_treelite(base::MappedFile::borrow(std::as_bytes(std::span(data, size)), "input"));
  return 0;
}
