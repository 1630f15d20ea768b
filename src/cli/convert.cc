// edgescope convert MODEL -o OUT: a model of one format in another's words, or the operators that it has none for.
#include "format/convert.h"

#include <filesystem>
#include <memory>

#include "cli/commands.h"
#include "format/format.h"
#include "format/onnx/writer.h"
#include "report/views/convert.h"

namespace edgescope::cli {
namespace {

using base::Json;

struct Options {
  std::string input, output;
  int ir_version = 11;
  int opset = format::onnx::kNewestOpset;
};

// What the file of this name is made of.
std::vector<std::string> files(const format::Destination& destination, const std::string& output) {
  std::vector<std::string> list = {output};
  if (destination.format == graph::Format::OpenVinoIr)
    list.push_back(std::filesystem::path(output).replace_extension(".bin").string());
  if (destination.format == graph::Format::Onnx && std::filesystem::exists(output + ".data"))
    list.push_back(output + ".data");
  return list;
}

std::size_t operators(const graph::Model& model) {
  std::size_t count = 0;
  for (const graph::Subgraph& each : model.subgraphs) count += each.operators.size();
  return count;
}

base::Result<int> run_convert(const Shared& shared, const Options& options) {
  EDGESCOPE_TRY(destination, format::destination(options.output));
  destination.ir_version = options.ir_version;
  destination.opset = options.opset;
  EDGESCOPE_TRY(source, format::read_model(options.input));
  EDGESCOPE_TRY(conversion, format::convert(source, destination));

  Json document = report::document("convert", options.input);
  document["from"] = {{"format", format_name(source.format)}};
  document["to"] = {{"format", format_name(destination.format)}};
  if (destination.format == graph::Format::OpenVinoIr) document["to"]["ir_version"] = destination.ir_version;
  if (destination.format == graph::Format::Onnx) document["to"]["opset"] = destination.opset;
  document["operators"] = conversion.operators;
  document["refused"] = Json::array();
  for (const format::Refusal& each : conversion.refused)
    document["refused"].push_back({{"name", each.name}, {"source_kind", each.source_kind}, {"reason", each.reason}});
  document["notes"] = conversion.notes;
  document["outputs"] = Json::array();
  if (conversion.refused.empty()) {
    EDGESCOPE_CHECK(format::write(conversion.model, destination, options.output));
    // What was written is what the reader makes of it.
    EDGESCOPE_TRY(written, format::read_model(options.output));
    document["outputs"] = files(destination, options.output);
    document["written_operators"] = operators(written);
    document["transposes"] = conversion.transposes;
  }
  EDGESCOPE_CHECK(print(shared, document, report::convert_view));
  return conversion.refused.empty() ? 0 : 1;
}

}  // namespace

void add_convert(CLI::App& app, Shared& shared) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = add_command(app, shared, "convert",
                                  "A model in another format: TFLite, ONNX, OpenVINO IR; or an IR for OpenVINO 2021",
                                  [&shared, options] { return run_convert(shared, *options); });
  command->add_option("MODEL", options->input, "TFLite, ONNX or OpenVINO IR (.xml)")->required()->type_name("");
  command->add_option("-o,--output", options->output, "OUT.tflite, OUT.onnx or OUT.xml (OUT.bin beside it)")
      ->required()
      ->type_name("PATH");
  command->add_option("--ir-version", options->ir_version, "Of an IR: 10 for OpenVINO 2021 and the NCS2, else 11")
      ->check(CLI::Range(10, 11))
      ->type_name("N");
  command->add_option("--opset", options->opset, "Of an ONNX model: 11 for OpenVINO 2021 (18)")
      ->check(CLI::Range(format::onnx::kOldOpset, format::onnx::kNewestOpset))
      ->type_name("N");
}

}  // namespace edgescope::cli
