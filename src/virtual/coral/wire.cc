#include "virtual/coral/wire.h"

#include <algorithm>
#include <cstring>
#include <optional>

namespace edgescope::virtual_usb::coral {
namespace {

using format::edgetpu::DataType;
using format::edgetpu::Layer;
using format::edgetpu::OutputLayout;

bool is_signed(DataType type) { return type == DataType::I8 || type == DataType::I16; }

std::uint64_t element_bytes(const Layer& layer) {
  return static_cast<std::uint64_t>(std::max(data_type_bytes(layer.type), 1));
}

// Where an execution's values (y, x, 0...) lie; nothing where the tables do not reach so far.
std::optional<std::uint64_t> place(const Layer& layer, std::int64_t y, std::int64_t x) {
  const OutputLayout& layout = layer.layout;
  const std::uint64_t row = static_cast<std::uint64_t>(layer.z) * element_bytes(layer);
  if (layout.y_to_tile.empty()) return (static_cast<std::uint64_t>(y * layer.x) + static_cast<std::uint64_t>(x)) * row;
  const auto at = [](const std::vector<std::int32_t>& table, std::int64_t index) {
    return index >= 0 && static_cast<std::size_t>(index) < table.size()
               ? std::optional<std::int64_t>(table[static_cast<std::size_t>(index)])
               : std::nullopt;
  };
  const auto y_tile = at(layout.y_to_tile, y), x_tile = at(layout.x_to_tile, x),
             local_row = at(layout.y_to_local_row, y), row_size = at(layout.x_to_local_row_size, x),
             x_offset = at(layout.x_to_local_byte_offset, x);
  if (!y_tile || !x_tile || !local_row || !row_size || !x_offset) return std::nullopt;
  const auto tile = at(layout.tile_byte_offset, *y_tile + *x_tile);
  if (!tile) return std::nullopt;
  const std::int64_t offset = *tile + *local_row * *row_size + *x_offset;
  return offset < 0 ? std::nullopt : std::optional<std::uint64_t>(static_cast<std::uint64_t>(offset));
}

void invert_signs(const Layer& layer, std::span<std::uint8_t> values) {
  if (!is_signed(layer.type)) return;
  const std::size_t step = element_bytes(layer);
  for (std::size_t i = step - 1; i < values.size(); i += step) values[i] ^= 0x80;
}

std::uint64_t execution_bytes(const Layer& layer) {
  return static_cast<std::uint64_t>(layer.y * layer.x * layer.z) * element_bytes(layer);
}

}  // namespace

std::uint64_t value_bytes(const Layer& layer) {
  return execution_bytes(layer) * static_cast<std::uint64_t>(layer.executions);
}

base::Result<std::vector<std::uint8_t>> to_wire(const Layer& layer, std::span<const std::uint8_t> values) {
  const auto wrong = [&](std::string what) { return base::fail({.what = std::move(what), .node = layer.name}); };
  if (values.size() != value_bytes(layer)) return wrong("there are not as many values as the layer has");
  std::vector<std::uint8_t> turned(values.begin(), values.end());
  invert_signs(layer, turned);
  std::vector<std::uint8_t> wire(layer.bytes * static_cast<std::uint64_t>(layer.executions));
  const std::uint64_t run = static_cast<std::uint64_t>(layer.z) * element_bytes(layer);
  std::uint64_t from = 0;
  for (int execution = 0; execution < layer.executions; ++execution) {
    const std::uint64_t start = layer.bytes * static_cast<std::uint64_t>(execution);
    for (std::int64_t y = 0; y < layer.y; ++y)
      for (std::int64_t x = 0; x < layer.x; ++x, from += run) {
        // One vector lies as it is, whatever the tables say.
        const auto to = layer.y == 1 && layer.x == 1 ? std::optional<std::uint64_t>(0) : place(layer, y, x);
        if (!to || *to > layer.bytes || run > layer.bytes - *to)
          return wrong("its table of tiles points outside the layer");
        std::memcpy(wire.data() + start + *to, turned.data() + from, run);
      }
  }
  return wire;
}

std::vector<std::uint8_t> from_wire(const Layer& layer, std::span<const std::uint8_t> wire) {
  std::vector<std::uint8_t> values;
  values.reserve(value_bytes(layer));
  const std::uint64_t padded = layer.bytes, one = std::min(execution_bytes(layer), padded);
  for (std::uint64_t start = 0; start + one <= wire.size() && values.size() < value_bytes(layer); start += padded)
    values.insert(values.end(), wire.begin() + static_cast<std::ptrdiff_t>(start),
                  wire.begin() + static_cast<std::ptrdiff_t>(start + one));
  values.resize(value_bytes(layer));
  invert_signs(layer, values);
  return values;
}

}  // namespace edgescope::virtual_usb::coral
