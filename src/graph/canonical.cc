#include "graph/canonical.h"

namespace edgescope::graph {

ElementType element_type_from_name(std::string_view name) {
  for (int i = 0; i <= static_cast<int>(ElementType::Variant); ++i)
    if (element_type_name(static_cast<ElementType>(i)) == name) return static_cast<ElementType>(i);
  return ElementType::Unknown;
}

}  // namespace edgescope::graph
