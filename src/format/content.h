// What a file holds, told by its content and never by its name: what the readers read, and what people
// are known to try (training frameworks' own files, forests, compiled models), so that an error can name
// the way from there to a file that is read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace edgescope::format {

enum class Content : std::uint8_t {
  Unknown,
  Empty,
  TfLite,  // compiled Edge TPU models among them
  Onnx,
  OpenVinoIr,  // the .xml; the .bin beside it is bare numbers and has no mark
  Pickle,      // Python objects: scikit-learn, joblib, ...
  Compressed,  // zlib, gzip, bzip2, xz, lzma, lz4, zstd: joblib.dump(compress=...) among others
  KerasHdf5,
  KerasArchive,  // .keras
  TorchArchive,  // torch.save
  TorchScript,   // torch.jit.save
  TorchProgram,  // torch.export.save
  SavedModel,    // saved_model.pb
  GraphDef,      // TensorFlow 1 graphs, frozen ones among them
  Xgboost,       // JSON or UBJSON
  LightGbm,
  Treelite,  // its checkpoint
  CatBoost,
  Numpy,         // .npy
  NumpyArchive,  // .npz
  Zip,
  CompilerLog,  // edgetpu_compiler's
  MyriadBlob,   // compiled for an NCS2
  Xml,
};

// Looks at the first bytes, and at a zip archive's directory. Never fails.
Content recognise(std::span<const std::byte> bytes);

// "a TensorFlow Lite model", "a Python pickle", ...
std::string_view content_name(Content content);

}  // namespace edgescope::format
