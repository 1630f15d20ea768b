// Attributes of a node as AttributeProto messages: the way back from format/onnx/attributes.h.
#pragma once

#include <functional>
#include <vector>

#include "base/error.h"
#include "format/onnx/message.h"
#include "graph/model.h"

namespace edgescope::format::onnx {

// A body as a GraphProto, by its index among the model's subgraphs.
using WriteBody = std::function<base::Result<Message>(std::int64_t)>;

// Appends a node's attributes to its message. Where the operator holds its NodeProto as options, they come from
// there: who changes such an operator's attributes takes the options away.
base::Status write_attributes(const graph::Operator& op, const WriteBody& body, Message& node);

// ONNX's number for an element type; nothing where it has none.
std::optional<std::int64_t> type_number(graph::ElementType type);

// One attribute, as a message.
Message attribute_message(std::string_view name, const graph::Attribute& value);

}  // namespace edgescope::format::onnx
