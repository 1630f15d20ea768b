// edgescope forest FOREST -o OUT: a tree ensemble as a tensor program for a target, with what the host does before
// and after it.
#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <optional>

#include "analysis/check_edgetpu.h"
#include "analysis/check_ncs2.h"
#include "analysis/forest_build.h"
#include "base/atomic_file.h"
#include "cli/commands.h"
#include "cli/edgetpu_flags.h"
#include "forest/fit.h"
#include "forest/header.h"
#include "format/read_forest.h"
#include "report/views/forest_program.h"
#include "target/edgetpu/mapping.h"

namespace edgescope::cli {
namespace {

using base::Json;
using graph::Format;

struct Options {
  std::string forest, strategy = "auto", target = "cpu", output, header;
  int batch = 1, height = 0;
  analysis::EdgeTpuOptions edgetpu;

  bool for_edgetpu() const { return target == "edgetpu"; }
  bool for_ncs2() const { return target == "ncs2"; }
};

base::Result<Format> format_of(const Options& options) {
  const std::string extension = std::filesystem::path(options.output).extension().string();
  std::optional<Format> format;
  if (extension == ".tflite") format = Format::TfLite;
  if (extension == ".onnx") format = Format::Onnx;
  if (extension == ".xml") format = Format::OpenVinoIr;
  if (!format)
    return base::fail(
        {.fault = base::Fault::usage,
         .what = fmt::format("the program's format is told by the file's extension, and {} is none of ours",
                             extension.empty() ? "none" : extension),
         .remedy = "Write `-o FOREST.tflite`, `-o FOREST.onnx` or `-o FOREST.xml` (OpenVINO)."});
  if (options.for_edgetpu() && format != Format::TfLite)
    return base::fail({.fault = base::Fault::usage,
                       .what = "the Edge TPU's compiler takes TFLite models only",
                       .remedy = "Write `-o FOREST.tflite`."});
  if (options.for_ncs2() && format == Format::TfLite)
    return base::fail({.fault = base::Fault::usage,
                       .what = "the NCS2's plugin does not read TFLite models",
                       .remedy = "Write `-o FOREST.xml` or `-o FOREST.onnx`."});
  return *format;
}

analysis::ForestTarget target_of(const Options& options) {
  return options.for_edgetpu() ? analysis::ForestTarget::EdgeTpu
         : options.for_ncs2()  ? analysis::ForestTarget::Ncs2
                               : analysis::ForestTarget::Cpu;
}

base::Result<analysis::ForestProgram> build(const forest::Ensemble& ensemble, const Options& options,
                                            const analysis::ForestPlan& plan) {
  if (plan.strategy != "exact" && (!options.header.empty() || options.height != 0))
    return base::fail(
        {.fault = base::Fault::usage,
         .what = fmt::format("--emit-header and --height are for the exact program, this one is {}", plan.strategy),
         .remedy = "Write `--strategy exact`."});
  return analysis::build_forest(ensemble, plan);
}

Json forest_json(const forest::Ensemble& ensemble) {
  std::size_t nodes = 0, leaves = 0;
  int depth = 0;
  for (const forest::Tree& tree : ensemble.trees) {
    nodes += tree.nodes.size() - static_cast<std::size_t>(tree.leaves());
    leaves += static_cast<std::size_t>(tree.leaves());
    depth = std::max(depth, forest::depth(tree));
  }
  return {{"producer", ensemble.producer},
          {"classifier", ensemble.classifier},
          {"features", ensemble.features},
          {"trees", ensemble.trees.size()},
          {"depth", depth},
          {"nodes", nodes},
          {"leaves", leaves},
          {"columns", ensemble.columns()},
          {"basis", "exact"}};
}

Json tensor_json(const graph::Tensor& tensor) {
  return {{"name", tensor.name}, {"type", graph::element_type_name(tensor.type)}, {"shape", tensor.shape.dims}};
}

Json program_json(const graph::Model& model, const std::vector<std::string>& files, int batch) {
  const graph::Subgraph& main = model.subgraphs.front();
  std::uint64_t bytes = 0, parameters = 0;
  for (const std::string& file : files) {
    std::error_code ignored;
    bytes += std::filesystem::file_size(file, ignored);
  }
  for (const graph::Tensor& tensor : main.tensors) parameters += tensor.data.size();
  Json operators = Json::object();
  for (const graph::Operator& op : main.operators) {
    Json& count = operators[std::string(graph::kind_name(op.kind))];
    count = count.is_null() ? 1 : count.get<int>() + 1;
  }
  return {{"files", files},
          {"format", graph::format_name(model.format)},
          {"bytes", bytes},
          {"parameter_bytes", parameters},
          {"batch", batch},
          {"operators", std::move(operators)},
          {"input", tensor_json(main.tensors[static_cast<std::size_t>(main.inputs.front())])},
          {"output", tensor_json(main.tensors[static_cast<std::size_t>(main.outputs.front())])},
          {"basis", "exact"}};
}

Json fit_json(const forest::ExactProgram& program, const analysis::EdgeTpuOptions& options) {
  const auto memory = target::edgetpu::predict_memory(program.model.subgraphs.front(), {}, options.compiler);
  const forest::Fit fit = forest::fit_on_chip(program, memory);
  return {{"fits", fit.fits},
          {"rows", fit.rows},
          {"rows_available", fit.rows_available},
          {"rows_available_range", {fit.rows_available_low, fit.rows_available_high}},
          {"trees_on_one_stick", fit.trees},
          {"sticks", fit.sticks},
          {"stored_bytes", memory.stored_bytes},
          {"streamed_bytes", memory.streamed_bytes},
          {"basis", "predicted"}};
}

Json host_json(const forest::ExactProgram& program, const Options& options) {
  return {{"columns", program.encoder.columns},
          {"pieces", program.pieces},
          {"height", program.plan.height},
          {"input_bytes", program.input_cells * program.cell_bytes()},
          {"output_bytes", program.output_cells * program.cell_bytes()},
          {"header", options.header.empty() ? Json() : Json(options.header)}};
}

base::Result<int> run(const Shared& shared, const Options& options) {
  EDGESCOPE_TRY(format, format_of(options));
  EDGESCOPE_TRY(read, format::read_forest(options.forest));
  const analysis::ForestChoice choice =
      analysis::choose_strategy(read.ensemble, target_of(options), format, options.batch);
  // A header is asked for by those who want the program that it is for.
  const bool chosen = options.strategy == "auto" && options.header.empty();
  const std::string strategy = chosen                       ? choice.candidates[choice.chosen].strategy
                               : options.strategy == "auto" ? "exact"
                                                            : options.strategy;
  const analysis::ForestPlan plan{.strategy = strategy,
                                  .target = target_of(options),
                                  .format = format,
                                  .batch = options.batch,
                                  .height = options.height};
  EDGESCOPE_TRY(built, build(read.ensemble, options, plan));
  EDGESCOPE_TRY(files, analysis::write_forest(built.model, plan, options.output));
  if (!options.header.empty())
    EDGESCOPE_CHECK(
        base::write_file(options.header, forest::emit_header(*built.exact, forest::header_name(options.header))));

  Json document = report::document("forest", options.forest);
  document["target"] = options.target;
  document["strategy"] = strategy;
  document["why"] = chosen ? choice.why : "It was asked for.";
  document["candidates"] = analysis::choice_json(choice);
  document["forest"] = forest_json(read.ensemble);
  document["program"] = program_json(built.model, files, options.batch);
  document["host"] = built.exact ? host_json(*built.exact, options) : Json();
  if (options.for_edgetpu()) {
    if (built.exact) document["fit"] = fit_json(*built.exact, options.edgetpu);
    document["check"] = analysis::check_edgetpu(built.model, options.edgetpu);
  }
  if (options.for_ncs2()) document["check"] = analysis::check_ncs2(built.model);
  EDGESCOPE_CHECK(print(shared, document, report::forest_program_view));
  return 0;
}

}  // namespace

void add_forest(CLI::App& app, Shared& shared) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = add_command(app, shared, "forest", "A tree ensemble as a tensor program for a device",
                                  [&shared, options] { return run(shared, *options); });
  command->add_option("FOREST", options->forest, "XGBoost, LightGBM, Treelite or ONNX")->required()->type_name("");
  command->add_option("-o,--output", options->output, "The program: .tflite, .onnx or .xml (OpenVINO)")
      ->required()
      ->type_name("FILE");
  add_choice<std::string>(*command, "--strategy", options->strategy,
                          {{"auto", "auto"}, {"exact", "exact"}, {"ptt", "ptt"}, {"tt", "tt"}, {"gemm", "gemm"}},
                          "How; auto is the least predicted time (auto)");
  add_choice<std::string>(*command, "--target", options->target,
                          {{"cpu", "cpu"}, {"edgetpu", "edgetpu"}, {"ncs2", "ncs2"}}, "For what (cpu)");
  command->add_option("--batch", options->batch, "Rows of a run (1)")->check(CLI::Range(1, 100000));
  command->add_option("--height", options->height, "exact: levels of the pieces that trees are cut into (the best)")
      ->check(CLI::Range(1, 6));
  command
      ->add_option("--emit-header", options->header,
                   "exact: also write what the host does as one C++ header for your application")
      ->type_name("FILE");
  add_edgetpu_flags(*command, options->edgetpu);
}

}  // namespace edgescope::cli
