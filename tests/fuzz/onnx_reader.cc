// libFuzzer target of the ONNX reader: any bytes give a valid model or an error.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "format/onnx/reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace edgescope;
  // A folder that does not exist: external data must not lead to the machine's own files.
  const auto file = base::MappedFile::borrow(std::as_bytes(std::span(data, size)), "/nonexistent/fuzz/model.onnx");
  static_cast<void>(format::onnx::recognised(file.bytes()));
  const auto model = format::onnx::read(file);
  if (!model) return 0;
  std::uint64_t owned = 0;
  for (const graph::Extent& extent : model->extents) owned += extent.size;
  if (owned != size) std::abort();  // a byte without an owner, or with two
  for (const graph::Subgraph& subgraph : model->subgraphs)
    for (const graph::Operator& op : subgraph.operators)
      if (!op.options.empty()) static_cast<void>(format::onnx::node_attributes(file, op.options));
  return 0;
}
