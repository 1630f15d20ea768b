#include "format/convert.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "format/legalise.h"
#include "format/onnx/lower.h"
#include "format/onnx/writer.h"
#include "format/openvino/lower.h"
#include "format/openvino/writer.h"
#include "format/raise.h"
#include "format/relayout.h"
#include "format/tflite/lower.h"
#include "format/tflite/writer.h"
#include "graph/elements.h"

namespace edgescope::format {
namespace {

using graph::ElementType;
using graph::Format;
using graph::Operator;

// Until IR v10 the newest operator set was the seventh.
constexpr std::int64_t kOldOpset = 7;

std::string name_of(const graph::Subgraph& graph, const Operator& op) {
  if (!op.name.empty() || op.outputs.empty() || op.outputs[0] < 0) return op.name;
  return graph.tensors[static_cast<std::size_t>(op.outputs[0])].name;
}

base::Status lower(graph::Model& model, const Destination& destination) {
  switch (destination.format) {
    case Format::TfLite:
      return tflite::lower(model);
    case Format::Onnx:
      return onnx::lower(model, destination.opset);
    case Format::OpenVinoIr:
      return openvino::lower(model);
  }
  return {};
}

class Converter {
 public:
  Converter(const graph::Model& source, const Destination& destination) : source_(source), destination_(destination) {}

  base::Result<Conversion> run() {
    result_.model = source_;
    for (const graph::Subgraph& each : source_.subgraphs) result_.operators += static_cast<int>(each.operators.size());
    if (source_.format == destination_.format) {
      EDGESCOPE_CHECK(within_format());
    } else {
      EDGESCOPE_CHECK(across_formats());
    }
    if (result_.refused.empty()) refused_by_writer();
    return std::move(result_);
  }

 private:
  graph::Model& model() { return result_.model; }
  graph::Subgraph& main() { return result_.model.subgraphs.front(); }

  void refuse(const graph::Subgraph& graph, const Operator& op, std::string reason) {
    result_.refused.push_back({name_of(graph, op), op.source_kind, std::move(reason)});
  }

  // An ONNX model of a newer operator set in the words of an older one.
  base::Status older_opset() {
    if (std::none_of(source_.opsets.begin(), source_.opsets.end(), [&](const graph::Opset& each) {
          return each.domain == "ai.onnx" && each.version > destination_.opset;
        }))
      return {};
    if (source_.subgraphs.size() > 1) return several_graphs();
    const graph::Subgraph& from = source_.subgraphs.front();
    for (const NotRaised& each : raise_all(model()))
      refuse(from, from.operators[static_cast<std::size_t>(each.op)], each.why.what);
    if (!result_.refused.empty()) return {};
    plain_constants();
    drop_source();
    return {};
  }

  // An IR for OpenVINO 2021: operators that are newer than it become older ones, the others stay as they are.
  base::Status within_format() {
    if (source_.format == Format::Onnx) return older_opset();
    if (source_.format != Format::OpenVinoIr || destination_.ir_version > 10) return {};
    for (std::size_t g = 0; g < source_.subgraphs.size(); ++g) {
      const graph::Subgraph& from = source_.subgraphs[g];
      graph::Subgraph& to = model().subgraphs[g];
      for (std::size_t i = 0; i < from.operators.size(); ++i) {
        const Operator& op = from.operators[i];
        if (op.custom) {
          refuse(from, op, "it is no operator of an operator set");
        } else if (op.version > kOldOpset) {
          auto raised = raise(source_, from, op);
          if (raised)
            to.operators[i] = *std::move(raised);
          else
            refuse(from, op, raised.error().what);
        }
      }
      if (result_.refused.empty()) legalise(model(), to, destination_);
    }
    return {};
  }

  base::Status across_formats() {
    if (source_.subgraphs.size() > 1) return several_graphs();
    EDGESCOPE_CHECK(quantised());
    const graph::Subgraph& from = source_.subgraphs.front();
    for (const NotRaised& each : raise_all(model()))
      refuse(from, from.operators[static_cast<std::size_t>(each.op)], each.why.what);
    if (!result_.refused.empty()) return {};
    plain_constants();
    drop_source();
    legalise(model(), main(), destination_);
    const auto layout =
        destination_.format == Format::TfLite ? graph::Layout::ChannelsLast : graph::Layout::ChannelsFirst;
    result_.transposes = relayout(model(), main(), layout, destination_.format == Format::TfLite);
    model().layout = layout;
    model().format = destination_.format;
    if (destination_.format != Format::OpenVinoIr) whole_numbers();
    if (destination_.format == Format::TfLite) unknown_types();
    return {};
  }

  base::Status several_graphs() const {
    return base::fail({.what = fmt::format("it has {} graphs: loops, conditions and functions are not converted",
                                           source_.subgraphs.size()),
                       .file = file()});
  }

  std::string file() const { return source_.files.empty() ? "" : source_.files.front().path(); }

  // Integer arithmetic on quantised data is TensorFlow Lite's own: other formats say it in floats and round at other
  // places, so a result would be another model under the same name.
  base::Status quantised() const {
    for (const graph::Tensor& each : source_.subgraphs.front().tensors)
      if (each.quantization != nullptr && !each.quantization->scales.empty())
        return base::fail(
            {.what = fmt::format("it is quantised (`{}`), and integer arithmetic is not the same in other "
                                 "formats",
                                 each.name),
             .file = file(),
             .remedy = "Convert the float model that it was made from, and quantise that for the target."});
    return {};
  }

  // Constants whose encoding only the source's reader knows.
  void plain_constants() {
    for (graph::Tensor& each : main().tensors) {
      if (!each.constant || each.encoding == graph::Encoding::Raw) continue;
      auto data = graph::packed_elements(each);
      if (!data) continue;
      model().owned.push_back(std::make_shared<const std::vector<std::byte>>(*std::move(data)));
      each.data = *model().owned.back();
      each.encoding = graph::Encoding::Raw;
    }
  }

  // Writers take from a model's files what their own format has beside the graph; these are another format's. They
  // stay mapped for the constants' sake.
  void drop_source() {
    struct Kept {
      std::vector<base::MappedFile> files;
      std::vector<std::byte> nothing;
    };
    const auto kept = std::make_shared<const Kept>(Kept{std::move(model().files), {}});
    model().owned.emplace_back(kept, &kept->nothing);
    model().files.clear();
    model().extents.clear();
    model().opsets.clear();
    model().format_version = 0;
    model().producer = "edgescope";
    if (!source_.metadata.empty()) result_.notes.push_back("The model's metadata are left out.");
    if (!source_.signatures.empty())
      result_.notes.push_back("Its signatures are left out; names of inputs and outputs stay.");
    model().metadata.clear();
    model().signatures.clear();
    for (graph::Tensor& each : main().tensors) {
      each.shape.symbols.clear();
      each.shape.resizable.clear();
      each.quantization = nullptr;
    }
  }

  // IR takes functions of reals of whole numbers, too. The other formats' specifications do not.
  void whole_numbers() {
    using graph::Kind;
    constexpr Kind kOfReals[] = {Kind::Exp,  Kind::Log,  Kind::Sqrt, Kind::Rsqrt,    Kind::Sin,
                                 Kind::Cos,  Kind::Tan,  Kind::Tanh, Kind::Logistic, Kind::Elu,
                                 Kind::Sinh, Kind::Cosh, Kind::Gelu, Kind::Softmax,  Kind::LogSoftmax};
    const bool tflite = destination_.format == Format::TfLite;
    for (const Operator& op : main().operators) {
      if (op.inputs.empty() || op.inputs[0] < 0) continue;
      const ElementType type = main().tensors[static_cast<std::size_t>(op.inputs[0])].type;
      if (graph::is_float(type)) continue;
      const bool of_reals = std::find(std::begin(kOfReals), std::end(kOfReals), op.kind) != std::end(kOfReals);
      const bool square = tflite && op.kind == Kind::Square;
      const bool wide = tflite && type == ElementType::Int64 &&
                        (op.kind == Kind::FloorDivide || op.kind == Kind::Power || op.kind == Kind::TopK);
      if (of_reals || square || wide)
        refuse(main(), op, fmt::format("{} of {} is not there", kind_name(op.kind), element_type_name(type)));
    }
  }

  // TensorFlow Lite keeps some types, and moves them about, but has no arithmetic in them.
  void unknown_types() {
    using graph::Kind;
    constexpr ElementType kTypes[] = {ElementType::Float16, ElementType::Float64, ElementType::UInt16,
                                      ElementType::UInt32, ElementType::UInt64};
    constexpr Kind kMove[] = {Kind::Cast,  Kind::Dequantize, Kind::Identity,     Kind::Reshape,       Kind::Squeeze,
                              Kind::Slice, Kind::Unsqueeze,  Kind::Transpose,    Kind::Concatenation, Kind::Split,
                              Kind::Pack,  Kind::Unpack,     Kind::StridedSlice, Kind::Gather,        Kind::Expand};
    for (const Operator& op : main().operators) {
      if (op.outputs.empty() || std::find(std::begin(kMove), std::end(kMove), op.kind) != std::end(kMove)) continue;
      const ElementType type = main().tensors[static_cast<std::size_t>(op.outputs[0])].type;
      if (std::find(std::begin(kTypes), std::end(kTypes), type) != std::end(kTypes))
        refuse(main(), op, fmt::format("TensorFlow Lite does not compute in {}", element_type_name(type)));
    }
  }

  // The writer stops at the first operator that it cannot say; a person wants them all.
  void refused_by_writer() {
    graph::Model whole = model();
    if (lower(whole, destination_)) return;
    for (const graph::Subgraph& graph : model().subgraphs)
      for (const Operator& op : graph.operators) {
        graph::Model one{.format = model().format, .layout = model().layout};
        one.subgraphs.push_back({.tensors = graph.tensors, .operators = {op}});
        if (const auto status = lower(one, destination_); !status) refuse(graph, op, status.error().what);
      }
  }

  const graph::Model& source_;
  const Destination& destination_;
  Conversion result_;
};

}  // namespace

base::Result<Destination> destination(const std::string& path) {
  const std::string extension = std::filesystem::path(path).extension().string();
  if (extension == ".tflite") return Destination{.format = Format::TfLite};
  if (extension == ".onnx") return Destination{.format = Format::Onnx};
  if (extension == ".xml") return Destination{.format = Format::OpenVinoIr};
  return base::fail({.fault = base::Fault::usage,
                     .what = fmt::format("`{}` does not say a format", path),
                     .remedy = "End it in .tflite, .onnx or .xml."});
}

base::Result<Conversion> convert(const graph::Model& source, const Destination& destination) {
  return Converter(source, destination).run();
}

base::Status write(const graph::Model& model, const Destination& destination, const std::string& path) {
  switch (destination.format) {
    case Format::TfLite:
      return tflite::write(model, path);
    case Format::Onnx:
      return onnx::write(model, path, destination.opset);
    case Format::OpenVinoIr:
      return openvino::write(model, path, destination.ir_version);
  }
  return {};
}

}  // namespace edgescope::format
