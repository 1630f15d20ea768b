// The rewrites of the catalogue, each in its own file (rewrite.h says what the functions do).
#pragma once

#include "rewrite/rewrite.h"

namespace edgescope::rewrite {

bool rewrite_comparison(graph::Model& model, graph::Subgraph& graph, int index);    // comparisons.cc
bool rewrite_logical(graph::Model& model, graph::Subgraph& graph, int index);       // logical.cc
bool rewrite_truth_output(graph::Model& model, graph::Subgraph& graph, int index);  // truth_output.cc
bool rewrite_absolute(graph::Model& model, graph::Subgraph& graph, int index);      // absolute.cc
bool rewrite_activation(graph::Model& model, graph::Subgraph& graph, int index);    // activations.cc
bool rewrite_difference(graph::Model& model, graph::Subgraph& graph, int index);    // differences.cc
bool rewrite_quotient(graph::Model& model, graph::Subgraph& graph, int index);      // differences.cc
bool rewrite_identity(graph::Model& model, graph::Subgraph& graph, int index);      // identities.cc

}  // namespace edgescope::rewrite
