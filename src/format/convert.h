// A model of one format in another's words: TensorFlow Lite, ONNX, OpenVINO IR; and an IR for today's runtimes as one
// for OpenVINO 2021.
//
// Operators are raised to canonical form (format/raise.h), said by those that the destination has
// (format/legalise.h), laid out as it lays data out (format/relayout.h), and left to its writer. Inputs and outputs
// keep names, order, types and shapes. What cannot be said is named, operator by operator, and nothing is written.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "graph/model.h"

namespace edgescope::format {

struct Destination {
  graph::Format format = graph::Format::OpenVinoIr;
  int ir_version = 11;
  int opset = 18;  // of ONNX
};

// Where a path leads: .tflite, .onnx, .xml; an error for other names.
base::Result<Destination> destination(const std::string& path);

struct Refusal {
  std::string name;  // of the operator, or of its result where it has none
  std::string source_kind;
  std::string reason;
};

struct Conversion {
  graph::Model model;              // of no use where something was refused
  std::vector<Refusal> refused;    // in the source's order
  std::vector<std::string> notes;  // sentences on what is not as it was
  int operators = 0;               // of the source
  int transposes = 0;              // that the layout of data asked for
};

// The result refers to the source's constants and keeps its files mapped.
base::Result<Conversion> convert(const graph::Model& source, const Destination& destination);

// Writes a model that is of the destination's format; replaces the file, and what stands beside it.
base::Status write(const graph::Model& model, const Destination& destination, const std::string& path);

}  // namespace edgescope::format
