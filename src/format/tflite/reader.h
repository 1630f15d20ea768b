// Reads TensorFlow Lite models (.tflite, FlatBuffers) of every version.
//
// The file stays mapped; the verifier runs over the FlatBuffer before anything is read, and neither it nor
// the reader looks at weights: those are spans into the file. Buffers behind the FlatBuffer and in other
// files beside it are followed, so models above 2 GiB read like small ones.
#pragma once

#include <cstddef>
#include <span>

#include "base/error.h"
#include "base/mapped_file.h"
#include "graph/model.h"

namespace edgescope::format::tflite {

// True where the bytes bear TensorFlow Lite's file identifier.
bool recognised(std::span<const std::byte> bytes);

base::Result<graph::Model> read(const base::MappedFile& file);

}  // namespace edgescope::format::tflite
