// Taking away what a graph does not need: for rewrites, and for looking at a part of a network.
#pragma once

#include <cstddef>
#include <optional>

#include "graph/model.h"

namespace edgescope::graph {

// Operators of the main graph whose results nobody needs go away, and tensors that nobody names. Says how many
// operators. What the file's bytes are (Model::extents) no longer holds of a model that was changed, and goes too.
std::size_t remove_dead(Model& model);

// The network up to one tensor of its main graph, which becomes its only output; inputs and operators that it does
// not need go away, and signatures, which speak of the whole. Operators that keep state stay.
Model prefix(const Model& model, int tensor);

}  // namespace edgescope::graph
