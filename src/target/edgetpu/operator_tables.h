// What the Edge TPU's compiler knows by name: operators, their versions, and what to use in place of the others.
#pragma once

#include <optional>
#include <string_view>

#include "graph/model.h"
#include "target/edgetpu/memory_model.h"

namespace edgescope::target::edgetpu {

// The generation of the runtime that a compiler compiles for.
int runtime_of(Compiler compiler);

// Since which generation the device has an operator: 10 for all of them, nothing where it has none.
std::optional<int> supported_since(graph::Kind kind);

// What to use in place of an operator that the compiler does not know; empty where there is nothing to say.
std::string_view replacement(graph::Kind kind);

// From which operator version on the compiler's own TFLite does not know an operator: it then refuses the
// whole model ("Didn't find op for builtin opcode"). Seen in google-coral/edgetpu's issues where a number
// is named; newer converters write newer versions. FULLY_CONNECTED is from TensorFlow 2.5's own table,
// which is what compiler 16 is built on.
struct FirstUnknown {
  std::string_view op;
  Compiler newest;  // and all older compilers
  std::int64_t version;
  std::string_view source;
};
// The first that keeps the compiler from knowing the operator, or null.
const FirstUnknown* first_unknown(const graph::Operator& op, Compiler compiler);

// A custom operator that the compiler knows and leaves on the CPU. With any other the model does not run in the
// interpreter that the compiler tries it in.
bool is_known_custom(std::string_view name);

// A TFLite operator that shares a kind with one that the device has, and that it has not.
bool is_other_form(std::string_view name);

}  // namespace edgescope::target::edgetpu
