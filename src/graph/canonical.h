// The canonical form of operators: what code that builds or rewrites a graph writes, in the same words for
// every format. Writers turn it into their format's own operators.
//
// An operator is in canonical form when its `source_kind` is empty; a reader never leaves it so. Its meaning
// is then given by its kind, its inputs and the attributes below, and nothing else: what some formats take as
// a constant input (an order, axes, a shape, bounds) is an attribute here. Only data are inputs:
//
//   kind                          inputs                    attributes (in brackets: may be left out)
//   add, subtract, ..., maximum   a, b (broadcast)          [activation]
//   less, ..., logical_and, ...   a, b (broadcast)
//   relu, exp, logistic, ...      x
//   clamp                         x                         min, max
//   leaky_relu, elu               x                         alpha
//   hard_sigmoid, selu            x                         alpha, beta; alpha, gamma
//   prelu                         x, slope (broadcast)
//   gelu                          x                         [approximate = false: by the error function]
//   softmax                       x                         [axis = -1, beta = 1]; log_softmax: [axis]
//   cast                          x                         to
//   quantize, dequantize          x                         the tensors' quantisation; quantize: to (dequantize of f16
//                                                           without one: the same number as f32)
//   fake_quantize                 x, input low, input high, output low, output high (broadcast)   levels
//   batch_normalization           x, scale, bias, mean, variance (one a channel)                  epsilon
//   select                        condition, a, b (broadcast)
//   fully_connected               x, weights [out, in], (bias)            [activation, keep_dims = true: else rows of
//                                                           `in` elements, whatever the data's dimensions]
//   matmul                        a, b (batches broadcast), (bias, broadcast)   [transpose_a, transpose_b]
//   convolution                   x, weights, (bias)        [strides, dilations, padding, pads_*, groups, activation]
//   depthwise_convolution         x, weights, (bias)        the same
//   transposed_convolution        x, weights, (bias)        [strides, dilations, pads_*, output_padding, groups,
//                                                           activation: the result is (in - 1) stride + reach of the
//                                                           window + output_padding - pads long]
//   average_pool, max_pool        x                         kernel [strides, padding, pads_*, activation; include_pad =
//   false:
//                                                           padding counts in an average]
//   reshape                       x                         shape (at most one -1)
//   squeeze, unsqueeze            x                         axes
//   transpose                     x                         permutation
//   concatenation                 x...                      axis [activation]
//   split                         x                         axis, sizes (one a result)
//   slice                         x                         begin, sizes
//   strided_slice                 x                         begin, end, strides (positive) [squeeze: dimensions that
//   the
//                                                           result does not have]
//   pack                          x...                      axis (a new one); unpack: axis (one that goes)
//   pad                           x                         pads_begin, pads_end [value = 0]
//   mirror_pad                    x                         pads_begin, pads_end, mode ("reflect": without the border,
//                                                           "symmetric": with it)
//   cumsum                        x                         axis [exclusive, reverse = false]
//   local_response_normalization  x                         size, alpha, beta, bias: x / (bias + alpha mean of squares
//                                                           of `size` channels around)^beta
//   swish                         x                         [beta = 1]
//   tile, expand                  x                         repeats; shape
//   gather                        x, indices                axis [batch_dims = 0, negative_indices = false: they may
//                                                           count from the back]
//   gather_elements               x, indices                axis
//   reduce_*                      x                         axes [keep_dims = false]
//   arg_max, arg_min              x                         axis [keep_dims = false, to = i32]
//   top_k                         x                         axis, k [to = i32]; results are values, indices
//   depth_to_space, space_to_depth x                        block_size [mode = "blocks_first": the channel is the inner
//                                                           of block and channel, else "depth_first"]
//   resize_nearest, _bilinear     x                         sizes [align_corners, half_pixel_centers = false]
//
// Whole numbers are divided towards zero; floor_divide and floor_mod go with the divisor's sign.
// Spatial data lie as Model::layout says; weights of a convolution are [out, spatial..., in of a group] with
// channels last and [out, in of a group, spatial...] with channels first; of a depthwise one [1, spatial...,
// out] and [out, 1, spatial...]. With channels first they may also say the groups: [groups, out of a group, in of
// a group, spatial...]. Of a transposed convolution they are [out, spatial..., in], and with channels first
// [in, out of a group, spatial...] or [groups, in of a group, out of a group, spatial...].
#pragma once

#include <string_view>

#include "graph/element_type.h"

namespace edgescope::graph {

// The type that element_type_name calls so, Unknown where there is none.
ElementType element_type_from_name(std::string_view name);

namespace attr {

inline constexpr std::string_view shape = "shape";                        // ints
inline constexpr std::string_view sizes = "sizes";                        // ints
inline constexpr std::string_view begin = "begin";                        // ints
inline constexpr std::string_view end = "end";                            // ints
inline constexpr std::string_view value = "value";                        // float, padding
inline constexpr std::string_view repeats = "repeats";                    // ints
inline constexpr std::string_view batch_dims = "batch_dims";              // int
inline constexpr std::string_view k = "k";                                // int
inline constexpr std::string_view squeeze = "squeeze";                    // ints, strided slices
inline constexpr std::string_view mode = "mode";                          // "blocks_first" or "depth_first"
inline constexpr std::string_view gamma = "gamma";                        // float, selu
inline constexpr std::string_view levels = "levels";                      // int, fake_quantize
inline constexpr std::string_view approximate = "approximate";            // bool, gelu
inline constexpr std::string_view include_pad = "include_pad";            // bool, average pools
inline constexpr std::string_view size = "size";                          // int, local response normalisation
inline constexpr std::string_view bias = "bias";                          // float, likewise
inline constexpr std::string_view exclusive = "exclusive";                // bool, cumsum
inline constexpr std::string_view reverse = "reverse";                    // bool, cumsum
inline constexpr std::string_view output_padding = "output_padding";      // ints, transposed convolutions
inline constexpr std::string_view negative_indices = "negative_indices";  // bool, gather

}  // namespace attr
}  // namespace edgescope::graph
