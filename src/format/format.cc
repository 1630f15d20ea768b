#include "format/format.h"

#include <filesystem>
#include <system_error>

#include "format/exporters.h"
#include "format/onnx/reader.h"
#include "format/onnx/writer.h"
#include "format/openvino/reader.h"
#include "format/openvino/writer.h"
#include "format/tflite/reader.h"
#include "format/tflite/writer.h"

namespace edgescope::format {
namespace fs = std::filesystem;

base::Result<graph::Model> read_model(const base::MappedFile& file) {
  const Content content = recognise(file.bytes());
  switch (content) {
    case Content::TfLite:
      return tflite::read(file);
    case Content::Onnx:
      return onnx::read(file);
    case Content::OpenVinoIr:
      return openvino::read(file);
    default:
      return base::fail(no_reader(content, file.bytes(), file.path()));
  }
}

base::Result<graph::Model> read_model(const std::string& path) {
  std::error_code failed;
  if (fs::is_directory(path, failed) && fs::exists(fs::path(path) / "saved_model.pb", failed))
    return base::fail(no_reader(Content::SavedModel, {}, path));
  EDGESCOPE_TRY(file, base::MappedFile::open(path));
  return read_model(file);
}

base::Status write_model(const graph::Model& model, const std::string& path, int ir_version) {
  switch (model.format) {
    case graph::Format::TfLite:
      return tflite::write(model, path);
    case graph::Format::OpenVinoIr:
      return openvino::write(model, path, ir_version);
    case graph::Format::Onnx:
      return onnx::write(model, path);
  }
  return {};
}

}  // namespace edgescope::format
