// MobileNetV1 (1.0, 224 x 224, 1001 classes) as its paper and its published files have it: a convolution, 13 pairs of a
// depthwise and a pointwise one, each with a bias and a ReLU6, a mean, a fully connected layer, a softmax.
#pragma once

#include "support/ir_network.h"

namespace edgescope::testing_support {

inline IrNetwork mobilenet_v1(bool all_sides = true) {
  using Value = IrNetwork::Value;
  IrNetwork net;
  const auto with_relu6 = [&](const Value& made) {
    const Value biased =
        net.op("Add", {made, net.floats({1, made.shape[1], 1, 1})}, made.shape, "auto_broadcast=\"numpy\"");
    return net.op("Clamp", {biased}, made.shape, "min=\"0\" max=\"6\"");
  };
  const auto window = [](std::int64_t stride, int begin, int end) {
    const auto pair = [](auto n) { return "\"" + std::to_string(n) + "," + std::to_string(n) + "\""; };
    return "strides=" + pair(stride) + " pads_begin=" + pair(begin) + " pads_end=" + pair(end) +
           " dilations=\"1,1\" auto_pad=\"explicit\"";
  };
  // TensorFlow's SAME pads the last row and column only where the stride is 2.
  const auto first_side = [&](std::int64_t stride) { return all_sides || stride == 1 ? 1 : 0; };
  const auto depthwise = [&](const Value& in, std::int64_t stride) {
    const std::int64_t channels = in.shape[1], size = in.shape[2] / stride;
    return with_relu6(net.op("GroupConvolution", {in, net.floats({channels, 1, 1, 3, 3})}, {1, channels, size, size},
                             window(stride, first_side(stride), 1)));
  };
  const auto pointwise = [&](const Value& in, std::int64_t channels) {
    return with_relu6(net.op("Convolution", {in, net.floats({channels, in.shape[1], 1, 1})},
                             {1, channels, in.shape[2], in.shape[3]}, window(1, 0, 0)));
  };
  const Value image = net.input({1, 3, 224, 224});
  Value x = with_relu6(
      net.op("Convolution", {image, net.floats({32, 3, 3, 3})}, {1, 32, 112, 112}, window(2, first_side(2), 1)));
  struct Pair {
    std::int64_t stride, channels;
  };
  for (const auto& [stride, channels] : {Pair{1, 64},
                                         {2, 128},
                                         {1, 128},
                                         {2, 256},
                                         {1, 256},
                                         {2, 512},
                                         {1, 512},
                                         {1, 512},
                                         {1, 512},
                                         {1, 512},
                                         {1, 512},
                                         {2, 1024},
                                         {1, 1024}})
    x = pointwise(depthwise(x, stride), channels);
  const Value mean = net.op("ReduceMean", {x, net.integers({2}, {2, 3})}, {1, 1024}, "keep_dims=\"false\"");
  const Value product =
      net.op("MatMul", {mean, net.floats({1001, 1024})}, {1, 1001}, "transpose_a=\"false\" transpose_b=\"true\"");
  const Value sum = net.op("Add", {product, net.floats({1, 1001})}, {1, 1001}, "auto_broadcast=\"numpy\"");
  net.result(net.op("SoftMax", {sum}, {1, 1001}, "axis=\"1\""));
  return net;
}

}  // namespace edgescope::testing_support
