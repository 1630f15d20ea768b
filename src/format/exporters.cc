#include "format/exporters.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

namespace edgescope::format {
namespace {

constexpr std::string_view kReadable =
    "TensorFlow Lite (.tflite), ONNX (.onnx) and OpenVINO IR (.xml with its .bin) are read; of an IR, name the .xml.";
constexpr std::string_view kForest =
    "It is a tree ensemble and no graph: `edgescope inspect` says what is in it, `edgescope forest` makes a model of "
    "it.";
constexpr std::string_view kTorch =
    "Export the model where it was trained: torch.onnx.export(model, example_inputs, \"model.onnx\"), or "
    "openvino.save_model(openvino.convert_model(model, example_input=example_inputs), \"model.xml\").";
constexpr std::string_view kScikitLearn =
    "Export the model where it was trained: skl2onnx.to_onnx(model, X[:1]) gives ONNX.";
constexpr std::string_view kScikitLearnTrees =
    "Export the model where it was trained: treelite.sklearn.import_model(model).serialize(\"model.treelite\") keeps "
    "every threshold as it is; skl2onnx.to_onnx(model, X[:1]) gives ONNX, with thresholds in float32.";
constexpr std::string_view kXgboost =
    "Save the model where it was trained: model.save_model(\"model.ubj\") is read as a tree ensemble.";
constexpr std::string_view kLightGbm =
    "Save the model where it was trained: model.booster_.save_model(\"model.txt\") is read as a tree ensemble.";

std::string keras(const std::string& path) {
  return fmt::format(
      "Convert it with TensorFlow: "
      "tf.lite.TFLiteConverter.from_keras_model(tf.keras.models.load_model(\"{}\")).convert() "
      "gives the bytes of a .tflite file.",
      path);
}

// Names of modules stand in a pickle as plain text.
std::string pickle(std::span<const std::byte> bytes) {
  const std::string_view head(reinterpret_cast<const char*>(bytes.data()), std::min<std::size_t>(bytes.size(), 65536));
  const auto mentions = [&](std::string_view module) { return head.find(module) != head.npos; };
  if (mentions("xgboost.")) return std::string(kXgboost);
  if (mentions("lightgbm.")) return std::string(kLightGbm);
  if (mentions("sklearn."))
    return std::string(mentions("ensemble") || mentions("tree.") ? kScikitLearnTrees : kScikitLearn);
  if (mentions("torch")) return std::string(kTorch);
  return "A pickle is not loaded, since that would run code from it. Export the object where it was made: "
         "skl2onnx.to_onnx "
         "(scikit-learn), onnxmltools (XGBoost, LightGBM) or torch.onnx.export (PyTorch) give ONNX.";
}

std::string remedy(Content content, std::span<const std::byte> bytes, const std::string& path) {
  switch (content) {
    case Content::Pickle:
      return pickle(bytes);
    case Content::Compressed:
      return "Decompress it and try again. If joblib.dump(..., compress=...) wrote it, export the object instead: "
             "skl2onnx.to_onnx(joblib.load(FILE), X[:1]) gives ONNX.";
    case Content::KerasHdf5:
    case Content::KerasArchive:
      return keras(path);
    case Content::TorchArchive:
    case Content::TorchProgram:
      return std::string(kTorch);
    case Content::TorchScript:
      return fmt::format(
          "Convert it: openvino.save_model(openvino.convert_model(torch.jit.load(\"{}\"), example_input=...), "
          "\"model.xml\"), or torch.onnx.export of the model that it was made from.",
          path);
    case Content::SavedModel:
      return "Convert the folder that holds saved_model.pb: tf.lite.TFLiteConverter.from_saved_model(FOLDER).convert() "
             "gives the "
             "bytes of a .tflite file; openvino.convert_model(FOLDER) an OpenVINO IR.";
    case Content::GraphDef:
      return fmt::format(
          "Convert a frozen graph with tf.compat.v1.lite.TFLiteConverter.from_frozen_graph(\"{}\", inputs, outputs)"
          ".convert(), or with openvino.convert_model(\"{}\").",
          path, path);
    case Content::Xgboost:
    case Content::LightGbm:
    case Content::Treelite:
      return std::string(kForest);
    case Content::CatBoost:
      return "Export it with CatBoost: model.save_model(\"model.onnx\", format=\"onnx\") is read as a tree ensemble.";
    case Content::Numpy:
    case Content::NumpyArchive:
      return "Arrays are data, not a model. " + std::string(kReadable);
    case Content::CompilerLog:
      return "`edgescope inspect` reads it as a log; for the model name the compiled file (_edgetpu.tflite) that "
             "stands beside it.";
    case Content::MyriadBlob:
      return "Blobs are not read yet; name the OpenVINO IR that it was compiled from.";
    default:
      return std::string(kReadable);
  }
}

}  // namespace

base::Error no_reader(Content content, std::span<const std::byte> bytes, const std::string& path) {
  const bool known = content != Content::Unknown;
  return {.fault = base::Fault::input,
          .what = known ? fmt::format("is {}, which no reader reads", content_name(content))
                        : "holds content that no reader knows",
          .file = path,
          .remedy = remedy(content, bytes, path)};
}

}  // namespace edgescope::format
