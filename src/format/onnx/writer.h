// Writes ONNX models: those that were read from one, changed or not, and those that code built.
//
// What a graph::Model does not hold of a file that it was read from (types that are no tensors', parameters of
// functions, sparse indices, training information) is taken from that file, which the model keeps mapped. Weights
// go from where they are into the file; where they would make it longer than the 2 GiB that protobuf allows, into
// another beside it.
#pragma once

#include <string>

#include "base/error.h"
#include "base/pieces.h"
#include "graph/model.h"

namespace edgescope::format::onnx {

// Operator sets for models that code built: what OpenVINO 2021's importer reads, and what today's runtimes do.
inline constexpr int kOldOpset = 11;
inline constexpr int kNewestOpset = 18;

struct Encoded {
  base::Pieces model;
  base::Pieces data;  // of constants outside the model; empty where there are none
};

// `data_name` is what the model will call the file beside it. `opset` is for operators in canonical form; models
// that were read keep theirs. The bytes refer to the model's constants, which must live as long.
base::Result<Encoded> encode(const graph::Model& model, const std::string& data_name, int opset = kNewestOpset);

// Replaces `path`, and where it is needed `path`.data (base/atomic_file.h).
base::Status write(const graph::Model& model, const std::string& path, int opset = kNewestOpset);

}  // namespace edgescope::format::onnx
