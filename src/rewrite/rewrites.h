// The rewrites of the catalogue, each in its own file (rewrite.h says what the functions do).
#pragma once

#include "rewrite/rewrite.h"

namespace edgescope::rewrite {

bool rewrite_comparison(graph::Model& model, graph::Subgraph& graph, int index);           // comparisons.cc
bool rewrite_logical(graph::Model& model, graph::Subgraph& graph, int index);              // logical.cc
bool rewrite_truth_output(graph::Model& model, graph::Subgraph& graph, int index);         // truth_output.cc
bool rewrite_absolute(graph::Model& model, graph::Subgraph& graph, int index);             // absolute.cc
bool rewrite_activation(graph::Model& model, graph::Subgraph& graph, int index);           // activations.cc
bool rewrite_difference(graph::Model& model, graph::Subgraph& graph, int index);           // differences.cc
bool rewrite_quotient(graph::Model& model, graph::Subgraph& graph, int index);             // differences.cc
bool rewrite_function(graph::Model& model, graph::Subgraph& graph, int index);             // functions.cc
bool rewrite_fake_quantize(graph::Model& model, graph::Subgraph& graph, int index);        // fake_quantize.cc
bool rewrite_identity(graph::Model& model, graph::Subgraph& graph, int index);             // identities.cc
bool rewrite_fold(graph::Model& model, graph::Subgraph& graph, int index);                 // folds.cc
bool rewrite_fold_quantized(graph::Model& model, graph::Subgraph& graph, int index);       // folds.cc
bool rewrite_pair(graph::Model& model, graph::Subgraph& graph, int index);                 // pairs.cc
bool rewrite_sandwich(graph::Model& model, graph::Subgraph& graph, int index);             // sandwiches.cc
bool rewrite_pool_activation(graph::Model& model, graph::Subgraph& graph, int index);      // pool_activation.cc
bool rewrite_batch_to_width(graph::Model& model, graph::Subgraph& graph, int index);       // batch_to_width.cc
bool rewrite_slice(graph::Model& model, graph::Subgraph& graph, int index);                // slices.cc
bool rewrite_prelu_slopes(graph::Model& model, graph::Subgraph& graph, int index);         // prelu_slopes.cc
bool rewrite_block_move(graph::Model& model, graph::Subgraph& graph, int index);           // block_moves.cc
bool rewrite_axis_steps(graph::Model& model, graph::Subgraph& graph, int index);           // axis_steps.cc
bool rewrite_move_first(graph::Model& model, graph::Subgraph& graph, int index);           // move_first.cc
bool rewrite_bent_line(graph::Model& model, graph::Subgraph& graph, int index);            // bent_lines.cc
bool rewrite_channel_mean(graph::Model& model, graph::Subgraph& graph, int index);         // channel_means.cc
bool rewrite_into_layer(graph::Model& model, graph::Subgraph& graph, int index);           // into_layer.cc
bool rewrite_reduction_parts(graph::Model& model, graph::Subgraph& graph, int index);      // reduction_parts.cc
bool rewrite_pack(graph::Model& model, graph::Subgraph& graph, int index);                 // packs.cc
bool rewrite_unpack(graph::Model& model, graph::Subgraph& graph, int index);               // unpacks.cc
bool rewrite_constant_gather(graph::Model& model, graph::Subgraph& graph, int index);      // constant_gather.cc
bool rewrite_resize_steps(graph::Model& model, graph::Subgraph& graph, int index);         // resize_steps.cc
bool rewrite_copies(graph::Model& model, graph::Subgraph& graph, int index);               // copies.cc
bool rewrite_byte_function(graph::Model& model, graph::Subgraph& graph, int index);        // byte_functions.cc
bool rewrite_grouped_convolution(graph::Model& model, graph::Subgraph& graph, int index);  // grouped_convolution.cc
bool rewrite_rows_to_width(graph::Model& model, graph::Subgraph& graph, int index);        // rows_to_width.cc
bool rewrite_product_ranks(graph::Model& model, graph::Subgraph& graph, int index);        // product_ranks.cc
bool rewrite_through_floats(graph::Model& model, graph::Subgraph& graph, int index);       // through_floats.cc
bool rewrite_gelu(graph::Model& model, graph::Subgraph& graph, int index);                 // bent_lines.cc
bool rewrite_half_ends(graph::Model& model, graph::Subgraph& graph, int index);            // half_ends.cc
bool rewrite_byte_ends(graph::Model& model, graph::Subgraph& graph, int index);            // byte_ends.cc

}  // namespace edgescope::rewrite
