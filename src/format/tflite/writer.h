// Writes TensorFlow Lite models: those that were read from one, changed or not, and those that code built.
//
// What a graph::Model does not hold of a file that it was read from (long metadata, layouts of sparse constants,
// the ranges that calibration saw) is taken from that file, which the model keeps mapped. Weights go from where
// they are into the file: tables are built without them, then each table's reference is set to the place behind
// all tables where its data will stand. That is an ordinary FlatBuffer, in another order than most writers'.
// Above 2 GiB, where offsets end, data stand outside the FlatBuffer, as newer runtimes read them.
#pragma once

#include <string>

#include "base/error.h"
#include "base/pieces.h"
#include "graph/model.h"

namespace edgescope::format::tflite {

// The file's bytes; they refer to the model's constants, which must live as long.
base::Result<base::Pieces> encode(const graph::Model& model);

// Replaces `path` by the model (base/atomic_file.h); it may be the file that the model was read from.
base::Status write(const graph::Model& model, const std::string& path);

}  // namespace edgescope::format::tflite
