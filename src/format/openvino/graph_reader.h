// One network or body of an IR (<layers> and <edges>) as subgraphs of the model.
#pragma once

#include <pugixml.hpp>

#include "base/error.h"
#include "format/openvino/weights.h"
#include "graph/extents.h"
#include "graph/model.h"

namespace edgescope::format::openvino {

// What reading a network needs and fills, shared by the network and the bodies inside.
struct Context {
  const base::MappedFile& xml;
  const Weights& weights;
  graph::Model& model;
  graph::ExtentBuilder& extents;

  // An error in the XML, at the place of `node`.
  tl::unexpected<base::Error> error(pugi::xml_node node, std::string what, std::string name = {}) const;
};

// Appends the network `net` and the bodies within; the answer is its index among the subgraphs.
base::Result<int> read_graph(Context& context, pugi::xml_node net, std::string name);

}  // namespace edgescope::format::openvino
