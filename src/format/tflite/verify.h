// The FlatBuffers verifier, led through the file by the schema.
//
// The verifier that flatc generates answers yes or no. This walk makes the same checks by the same
// primitives, but says what is damaged and where, and gives pages back as it goes: in a file whose tables
// stand between its weights every table lies on another page, and the system maps many around each.
//
// The tables of buffers always stand between weights. They are read by MappedFile::peek, once, and what later
// passes want to know of them is kept, so that nothing has to look at these places again.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/error.h"
#include "base/mapped_file.h"

namespace edgescope::format::tflite {

// What a Buffer's table says. Places are offsets into the file.
struct BufferTable {
  std::uint32_t start = 0;   // of the table
  std::uint32_t vector = 0;  // of the data inside the FlatBuffer, which begins with its length; 0: there is none
  std::uint32_t length = 0;  // of that data
  std::uint16_t size = 0;    // of the table
  std::uint8_t zeros = 0;    // just before the table, which align it
  bool outside = false;      // the table has a place for data outside the FlatBuffer
};

// After success every field that the schema names can be read through generated accessors. Answers the model's
// buffers, in its order.
base::Result<std::vector<BufferTable>> verify(const base::MappedFile& file);

// Called with what a walk over a large file is about to look at; gives back what it has left behind.
class Footprint {
 public:
  explicit Footprint(const base::MappedFile& file) : file_(file) {}

  void visit(const void* address) {
    const auto offset = static_cast<std::uint64_t>(static_cast<const std::byte*>(address) - file_.bytes().data());
    const std::uint64_t window = offset / kWindow;
    if (window == last_) return;
    last_ = window;
    if (std::find(kept_.begin(), kept_.end(), window) != kept_.end()) return;
    if (kept_.size() == kWindows) {
      file_.release(0, file_.size());
      kept_.clear();
    }
    kept_.push_back(window);
  }

 private:
  // The system maps at most this much around one page.
  static constexpr std::uint64_t kWindow = 2 << 20;
  static constexpr std::size_t kWindows = 16;

  base::MappedFile file_;
  std::uint64_t last_ = ~std::uint64_t{0};
  std::vector<std::uint64_t> kept_;
};

}  // namespace edgescope::format::tflite
