// The XML is the input; constants are read from a .bin of zeros.
#include <array>

#include "format/openvino/reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace edgescope;
  static const std::array<std::byte, 65536> zeros{};
  const auto xml = base::MappedFile::borrow(std::as_bytes(std::span(data, size)), "input.xml");
  (void)format::openvino::read(xml, base::MappedFile::borrow(zeros, "input.bin"));
  return 0;
}
