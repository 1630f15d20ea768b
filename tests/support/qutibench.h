// The two networks of QuTiBench's published series (RCL-lab/QutibenchWeb), which grow in width: a perceptron of three
// hidden layers over 28 x 28 images, and the small convolutional network "CNV" over 32 x 32 ones. Weights are made up.
#pragma once

#include <string>

#include "support/ir_network.h"

namespace edgescope::testing_support {

inline IrNetwork::Value relu_of_product(IrNetwork& net, const IrNetwork::Value& x, std::int64_t outputs, bool last) {
  const IrNetwork::Shape shape = {x.shape[0], outputs};
  const auto product =
      net.op("MatMul", {x, net.floats({outputs, x.shape[1]})}, shape, "transpose_a=\"false\" transpose_b=\"true\"");
  const auto biased = net.op("Add", {product, net.floats({1, outputs})}, shape, "auto_broadcast=\"numpy\"");
  return last ? biased : net.op("ReLU", {biased}, shape);
}

// Full width is 2048.
inline IrNetwork perceptron(std::int64_t batch, std::int64_t width) {
  IrNetwork net;
  auto x = net.input({batch, 784});
  for (int layer = 0; layer < 3; ++layer) x = relu_of_product(net, x, width, false);
  net.result(relu_of_product(net, x, 10, true));
  return net;
}

// Full width is 128 channels in the first layers.
inline IrNetwork cnv(std::int64_t batch, std::int64_t width) {
  IrNetwork net;
  auto x = net.input({batch, 3, 32, 32});
  const auto convolution = [&](std::int64_t channels) {
    const IrNetwork::Shape shape = {batch, channels, x.shape[2] - 2, x.shape[3] - 2};
    const auto made = net.op("Convolution", {x, net.floats({channels, x.shape[1], 3, 3})}, shape,
                             "strides=\"1,1\" pads_begin=\"0,0\" pads_end=\"0,0\" dilations=\"1,1\"");
    const auto biased = net.op("Add", {made, net.floats({1, channels, 1, 1})}, shape, "auto_broadcast=\"numpy\"");
    x = net.op("ReLU", {biased}, shape);
  };
  const auto pool = [&] {
    x = net.op("MaxPool", {x}, {batch, x.shape[1], x.shape[2] / 2, x.shape[3] / 2},
               "strides=\"2,2\" pads_begin=\"0,0\" pads_end=\"0,0\" kernel=\"2,2\" rounding_type=\"floor\"");
  };
  for (const std::int64_t times : {1, 2, 4}) {
    convolution(width * times);
    convolution(width * times);
    if (times < 4) pool();
  }
  const std::int64_t flat = x.shape[1] * x.shape[2] * x.shape[3];
  x = net.op("Reshape", {x, net.integers({2}, {batch, flat})}, {batch, flat}, "special_zero=\"false\"");
  x = relu_of_product(net, x, 8 * width, false);
  x = relu_of_product(net, x, 8 * width, false);
  net.result(relu_of_product(net, x, 10, true));
  return net;
}

}  // namespace edgescope::testing_support
