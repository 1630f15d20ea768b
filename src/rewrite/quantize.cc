#include "rewrite/quantize.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <limits>

#include "base/npy.h"
#include "base/process.h"
#include "base/program.h"
#include "base/temporary_folder.h"
#include "format/tflite/writer.h"
#include "measure/inference.h"

namespace edgescope::rewrite {

extern const std::string_view quantize_script;  // quantize.py (cmake/quantize_text.cmake)

namespace {

namespace fs = std::filesystem;
using base::Json;
using graph::ElementType;
using Bytes = std::vector<std::byte>;

constexpr std::chrono::minutes kLongest{60};
constexpr std::uint64_t kMostCompared = 1000;  // rows: more of them change no figure that is read

bool is_quantized(const graph::Model& model) {
  const auto& graph = model.subgraphs.front();
  return std::any_of(graph.tensors.begin(), graph.tensors.end(),
                     [](const graph::Tensor& t) { return t.quantization && !t.quantization->scales.empty(); }) ||
         std::any_of(graph.operators.begin(), graph.operators.end(),
                     [](const graph::Operator& op) { return op.kind == graph::Kind::FakeQuantize; });
}

template <typename T>
void append(Bytes& bytes, T value) {
  const auto* at = reinterpret_cast<const std::byte*>(&value);
  bytes.insert(bytes.end(), at, at + sizeof(T));
}

template <typename T>
T whole(double value) {
  constexpr double low = std::numeric_limits<T>::min(), high = std::numeric_limits<T>::max();
  return static_cast<T>(std::clamp(std::nearbyint(value), low, high));
}

// Numbers as an input takes them: floats, or steps where it is quantised.
base::Result<Bytes> as_input(const runtime::Port& port, std::span<const double> values) {
  Bytes bytes;
  for (const double value : values) {
    const double steps = port.quantized ? value / port.scale + static_cast<double>(port.zero_point) : value;
    switch (port.type) {
      case ElementType::Float32:
        append(bytes, static_cast<float>(value));
        break;
      case ElementType::Int8:
        append(bytes, whole<std::int8_t>(steps));
        break;
      case ElementType::UInt8:
        append(bytes, whole<std::uint8_t>(steps));
        break;
      case ElementType::Int32:
        append(bytes, whole<std::int32_t>(steps));
        break;
      default:
        return base::fail({.what = fmt::format("the input `{}` is {}, and rows are of floats or bytes", port.name,
                                               graph::element_type_name(port.type))});
    }
  }
  return bytes;
}

// One model's answers to the rows. `order` says which file an input takes; empty: as they come.
base::Result<measure::Inference> answers(const runtime::Found& on, const std::string& file,
                                         const std::vector<base::NpyArray>& rows, std::uint64_t count,
                                         const std::vector<runtime::Port>* as) {
  EDGESCOPE_TRY(worker, measure::Worker::start({.runtime = on}));
  runtime::LoadRequest load{.model = file};
  if (runtime::family(on.name) == "openvino") load.properties["INFERENCE_PRECISION_HINT"] = "f32";
  EDGESCOPE_TRY(loaded, worker.load(load));
  const auto& ports = loaded.loaded.inputs;
  std::vector<std::size_t> from(ports.size());
  for (std::size_t i = 0; i < from.size(); ++i) from[i] = i;
  if (as) {
    const auto found = analysis::match(ports, *as);
    if (!found) return base::fail({.fault = base::Fault::runtime, .what = "the int8 model has other inputs"});
    from = *found;
  }
  if (ports.size() != rows.size())
    return base::fail(
        {.what = fmt::format("the model has {} inputs, and {} files of rows were given", ports.size(), rows.size())});
  measure::InferRequest infer{.rows = count};
  for (std::size_t i = 0; i < ports.size(); ++i) {
    const base::NpyArray& array = rows[from[i]];
    const std::size_t columns = array.values.size() / array.rows();
    EDGESCOPE_TRY(bytes, as_input(ports[i], std::span(array.values).first(count * columns)));
    if (bytes.size() != count * ports[i].bytes)
      return base::fail(
          {.what = fmt::format("a row has {} values, and `{}` takes another number", columns, ports[i].name)});
    infer.inputs.push_back(std::move(bytes));
  }
  EDGESCOPE_TRY(answer, worker.infer(infer));
  return measure::Inference{.loaded = std::move(loaded.loaded), .outputs = std::move(answer.outputs)};
}

base::Status compare(const graph::Model& before, const std::string& before_file, const std::string& after_file,
                     const QuantizeRequest& request, Quantized& result) {
  std::vector<base::NpyArray> rows;
  result.rows = kMostCompared;
  for (const std::string& path : request.rows) {
    EDGESCOPE_TRY(array, base::read_npy(path));
    if (array.rows() == 0) return base::fail({.what = "there are no rows", .file = path});
    result.rows = std::min(result.rows, array.rows());
    rows.push_back(std::move(array));
  }
  auto found = runtime::find(before.format == graph::Format::TfLite ? "litert" : "openvino:CPU", request.places);
  if (!found && before.format == graph::Format::TfLite) found = runtime::find("tflite", request.places);
  if (!found) return base::fail(found.error());
  EDGESCOPE_TRY(given, answers(*found, before_file, rows, result.rows, nullptr));
  EDGESCOPE_TRY(made, answers(*found, after_file, rows, result.rows, &given.loaded.inputs));
  const auto outputs = analysis::match(given.loaded.outputs, made.loaded.outputs);
  if (!outputs) return base::fail({.fault = base::Fault::runtime, .what = "the int8 model has other outputs"});
  result.on = found->name + " " + given.loaded.version;
  for (std::size_t i = 0; i < outputs->size(); ++i) {
    const std::size_t other = (*outputs)[i];
    EDGESCOPE_TRY(one, analysis::difference({given.loaded.outputs[i], given.outputs[i]},
                                            {made.loaded.outputs[other], made.outputs[other]}, result.rows,
                                            outputs->size() == 1));
    if (one.agreement == analysis::Agreement::Differs)
      result.failure = fmt::format(
          "the int8 model's output `{}` is too far from the float model's: its error is more than half of what the "
          "values vary by",
          one.name);
    result.outputs.push_back(std::move(one));
  }
  return {};
}

// ai-edge-quantizer reaches a model by its signature only: one without is given the usual one.
base::Status with_signature(graph::Model model, const std::string& path) {
  graph::Signature signature{.key = "serving_default", .subgraph = 0};
  const graph::Subgraph& graph = model.subgraphs.front();
  for (const int tensor : graph.inputs)
    signature.inputs.push_back({graph.tensors[static_cast<std::size_t>(tensor)].name, tensor});
  for (const int tensor : graph.outputs)
    signature.outputs.push_back({graph.tensors[static_cast<std::size_t>(tensor)].name, tensor});
  model.signatures.push_back(std::move(signature));
  return format::tflite::write(model, path);
}

// What the script said in its last line, or how it ended.
std::string complaint(const base::ProgramRun& run) {
  constexpr std::string_view mark = "quantize: ";
  if (const auto at = run.output.rfind(mark); at != std::string::npos)
    return run.output.substr(at + mark.size(), run.output.find('\n', at) - at - mark.size());
  constexpr std::size_t kQuoted = 300;
  return run.how + ": " + run.output.substr(run.output.size() - std::min(run.output.size(), kQuoted));
}

}  // namespace

base::Result<std::string> find_quantizer(const runtime::Places& places) {
  const char* set = std::getenv("EDGESCOPE_QUANTIZE_PYTHON");
  const fs::path python = set && *set ? fs::path(set)
                                      : fs::path(runtime::runtimes_folder(places)).lexically_normal().parent_path() /
                                            ".venv-quantize/bin/python";
  std::error_code ignored;
  if (fs::exists(python, ignored)) return python.string();
  return base::fail({.fault = base::Fault::missing,
                     .what = "the Python environment that quantises is not installed",
                     .file = python.string(),
                     .remedy = "`scripts/setup.sh venv quantize` brings it (ai-edge-quantizer and NNCF), or set "
                               "EDGESCOPE_QUANTIZE_PYTHON to a Python that has them."});
}

base::Result<Quantized> quantize(const graph::Model& before, const std::string& before_file,
                                 const std::string& after_file, const QuantizeRequest& request) {
  if (is_quantized(before))
    return base::fail({.what = "it is quantised already",
                       .file = before_file,
                       .remedy = "Leave --quantize out, or give the float model that it was made from."});
  if (before.format == graph::Format::Onnx)
    return base::fail({.fault = base::Fault::usage,
                       .what = "ONNX models are not quantised here",
                       .remedy = "Name the result OUT.tflite or OUT.xml: the model is converted first."});
  EDGESCOPE_TRY(python, find_quantizer(request.places));
  const bool tflite = before.format == graph::Format::TfLite;
  std::string file = before_file;
  std::optional<base::TemporaryFolder> folder;
  if (tflite && before.signatures.empty()) {
    EDGESCOPE_TRY(made, base::TemporaryFolder::make());
    folder.emplace(std::move(made));
    file = folder->path() + "/signed.tflite";
    EDGESCOPE_CHECK(with_signature(before, file));
  }
  base::ProgramSpec spec{.program = python,
                         .arguments = {"-c", std::string(quantize_script), file, after_file},
                         .environment = base::plain_environment(),
                         .time_limit = kLongest,
                         .interrupted = request.interrupted};
  spec.arguments.insert(spec.arguments.end(), request.rows.begin(), request.rows.end());
  EDGESCOPE_TRY(run, base::run_program(spec));
  if (run.end == base::ProgramRun::End::Interrupted)
    return base::fail({.fault = base::Fault::interrupted, .what = "stopped while quantising"});
  if (run.end != base::ProgramRun::End::Exit || run.exit_code != 0)
    return base::fail({.what = "it cannot be quantised: " + complaint(run), .file = before_file});
  Quantized result{.by = tflite ? "ai-edge-quantizer" : "NNCF", .on = {}, .outputs = {}, .failure = {}};
  EDGESCOPE_CHECK(compare(before, before_file, after_file, request, result));
  return result;
}

Json to_json(const Quantized& quantized) {
  const auto optional = [](const auto& value) { return value ? Json(*value) : Json(); };
  Json outputs = Json::array();
  for (const analysis::Difference& one : quantized.outputs)
    outputs.push_back({{"name", one.name},
                       {"values", one.values},
                       {"max_difference", one.absolute.max},
                       {"mean_difference", one.absolute.mean},
                       {"signal_to_noise_db", optional(one.snr_db)},
                       {"top1", optional(one.top1)}});
  return {{"by", quantized.by},           {"on", quantized.on},
          {"rows", quantized.rows},       {"outputs", std::move(outputs)},
          {"equivalence", "approximate"}, {"failure", quantized.failure.empty() ? Json() : Json(quantized.failure)},
          {"basis", "measured"}};
}

}  // namespace edgescope::rewrite
