#include "runtime/tensor_types.h"

namespace edgescope::runtime {

graph::ElementType tflite_element_type(int type) {
  using E = graph::ElementType;
  static constexpr E kTypes[] = {E::Unknown,    E::Float32,  E::Int32,     E::UInt8,   E::Int64,      E::String,
                                 E::Bool,       E::Int16,    E::Complex64, E::Int8,    E::Float16,    E::Float64,
                                 E::Complex128, E::UInt64,   E::Resource,  E::Variant, E::UInt32,     E::UInt16,
                                 E::Int4,       E::BFloat16, E::Int2,      E::UInt4,   E::Float8E4M3, E::Float8E5M2};
  return type >= 0 && static_cast<std::size_t>(type) < std::size(kTypes) ? kTypes[type] : E::Unknown;
}

}  // namespace edgescope::runtime
