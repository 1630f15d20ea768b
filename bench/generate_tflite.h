// A TFLite model of any size for benchmarks: residual blocks of convolutions and fully connected layers,
// int8, weights quantised per channel (convolutions) and per tensor (fully connected).
#pragma once

#include <cstdint>
#include <string>

#include "base/error.h"

namespace edgescope::bench {

enum class Order {
  Grouped,      // tables together, weights after them: what tools write that pack a finished model
  Interleaved,  // each operator's tables beside its weights: what converters write that stream
};

struct TfLiteShape {
  int operators = 10000;
  std::uint64_t bytes = std::uint64_t{1} << 30;  // of weights, roughly
  Order order = Order::Grouped;
};

base::Status generate_tflite(const std::string& path, const TfLiteShape& shape);

}  // namespace edgescope::bench
