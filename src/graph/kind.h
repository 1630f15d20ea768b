// Canonical operator kinds: one vocabulary for what TFLite, ONNX and OpenVINO IR call differently.
// Rules, rewrites and ledgers speak of kinds; the source's own name stays with the operator.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace edgescope::graph {

enum class Kind : std::uint16_t {
  Unknown,  // kept, named and passed through
#define EDGESCOPE_KIND(enumerator, name, tflite, onnx, openvino) enumerator,
#include "graph/kinds.inc"
#undef EDGESCOPE_KIND
};

enum class Source : std::uint8_t { TfLite, Onnx, OpenVino };

// "convolution", "fully_connected", ..., "unknown".
std::string_view kind_name(Kind kind);

std::optional<Kind> kind_from_name(std::string_view name);

// The kind that a source's operator name means, Kind::Unknown where the table has no such name. ONNX
// names outside the default domain are written `domain:Name`.
Kind kind_from_source(Source source, std::string_view name);

// One row of the table, for documentation: source names are separated by spaces.
struct KindRow {
  Kind kind;
  std::string_view name, tflite, onnx, openvino;
};
std::span<const KindRow> kind_table();

}  // namespace edgescope::graph
