// How a layer's values lie on the wire: outputs in the order of the chip's tiles, signed values with their
// highest bit inverted. The host puts them right again, so a stick that computes has to put them wrong first.
//
// "Values" are a layer's elements as the model has them: row-major y, x, z, one execution after the other.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/error.h"
#include "format/edgetpu/package.h"

namespace edgescope::virtual_usb::coral {

std::uint64_t value_bytes(const format::edgetpu::Layer& layer);  // of all executions, without the wire's padding

// Padding is zero. An error where the layer's tables point outside the layer.
base::Result<std::vector<std::uint8_t>> to_wire(const format::edgetpu::Layer& layer,
                                                std::span<const std::uint8_t> values);

std::vector<std::uint8_t> from_wire(const format::edgetpu::Layer& layer, std::span<const std::uint8_t> wire);

}  // namespace edgescope::virtual_usb::coral
