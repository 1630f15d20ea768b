#include "graph/attribute.h"

namespace edgescope::graph {

const Attribute* find(const Attributes& attributes, std::string_view name) {
  for (const auto& [key, value] : attributes)
    if (key == name) return &value;
  return nullptr;
}

}  // namespace edgescope::graph
