// edgescope inspect FILE, inspect NEW -- OLD: what is inside, and what is different; inspect A B C --target edgetpu:
// what compiled models do to each other on one stick.
#include "report/views/inspect.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "analysis/compiled_edgetpu.h"
#include "analysis/compiler_log_json.h"
#include "analysis/edgetpu_cache.h"
#include "analysis/edgetpu_findings.h"
#include "analysis/findings.h"
#include "analysis/forest_inspection.h"
#include "analysis/inspection_json.h"
#include "analysis/model_difference.h"
#include "analysis/myriad_findings.h"
#include "analysis/myriad_json.h"
#include "base/heap.h"
#include "base/mapped_file.h"
#include "cli/commands.h"
#include "format/edgetpu/compiler_log.h"
#include "format/forest/onnx.h"
#include "format/format.h"
#include "format/myriad/blob.h"
#include "format/myriad/memory_dump.h"
#include "format/read_forest.h"
#include "report/views/difference.h"
#include "report/views/edgetpu.h"
#include "report/views/edgetpu_cache.h"
#include "report/views/forest.h"
#include "report/views/myriad.h"

namespace edgescope::cli {
namespace {

struct Options {
  std::vector<std::string> files;
  std::string target;
  std::string source;  // of a compiled model
  report::InspectOptions view;
};

std::string_view text_of(const base::MappedFile& file) {
  return {reinterpret_cast<const char*>(file.bytes().data()), file.size()};
}

base::Result<int> inspect_log(const Shared& shared, const base::MappedFile& file) {
  base::Json document = report::document("inspect", file.path());
  document["compiler_log"] = analysis::compiler_log_json(text_of(file));
  EDGESCOPE_CHECK(print(shared, document, report::compiler_log_view));
  return 0;
}

base::Result<int> inspect_blob(const Shared& shared, const base::MappedFile& file) {
  EDGESCOPE_TRY(blob, format::myriad::read_blob(file.bytes(), file.path()));
  base::Json document = report::document("inspect", file.path());
  document["findings"] = analysis::findings_json(analysis::myriad_findings(blob));
  document["myriad"] = analysis::myriad_json(blob);
  EDGESCOPE_CHECK(print(shared, document, report::myriad_view));
  return 0;
}

base::Result<int> inspect_memory(const Shared& shared, const base::MappedFile& file) {
  EDGESCOPE_TRY(dump, format::myriad::read_memory_dump(text_of(file), file.path()));
  base::Json document = report::document("inspect", file.path());
  document["myriad_memory"] = analysis::myriad_memory_json(dump);
  EDGESCOPE_CHECK(print(shared, document, report::myriad_memory_view));
  return 0;
}

// A file that holds a tree ensemble and nothing else.
base::Result<int> inspect_forest(const Shared& shared, const base::MappedFile& file) {
  EDGESCOPE_TRY(forest, format::read_forest(file));
  base::Json document = report::document("inspect", file.path());
  document["forest"] = analysis::forest_json(forest.ensemble, format::forest_format_name(forest.content));
  EDGESCOPE_CHECK(print(shared, document, report::forest_view));
  return 0;
}

// The ensemble in a graph; where it cannot be read as one, the graph is still shown, and this says why.
void write_forest_of(base::JsonWriter& json, const graph::Model& model) {
  if (!forest::has_trees(model)) return;
  const auto ensemble = forest::read_onnx(model);
  if (ensemble)
    json.member("forest", analysis::forest_json(*ensemble, "onnx"));
  else
    json.member("forest_reason", ensemble.error().message());
}

// A log is recognised where the compiler's version stands within its first `bytes`, shell prompts aside.
bool is_log(const base::MappedFile& file, std::size_t bytes) {
  return format::edgetpu::is_compiler_log(text_of(file).substr(0, bytes));
}

// The model that a compiled one was made from, where --source names it.
base::Result<std::optional<analysis::EdgeTpuSource>> source_of(
    const Options& options, const graph::Model& model, const std::vector<analysis::EdgeTpuOperator>& operators) {
  if (options.source.empty()) return std::nullopt;
  if (operators.empty())
    return base::fail(
        {.fault = base::Fault::usage,
         .what = fmt::format("--source belongs to a compiled Edge TPU model, and {} is none", options.files.front()),
         .remedy = "Write `edgescope inspect X_edgetpu.tflite --source X.tflite`"});
  EDGESCOPE_TRY(source, format::read_model(options.source));
  EDGESCOPE_TRY(matched, analysis::match_source(model, operators, source));
  return matched;
}

base::Result<int> inspect(const Shared& shared, const Options& options) {
  constexpr std::size_t kBeginning = 65536, kPage = 64 << 20;
  const std::string& name = options.files.front();
  const auto file = base::MappedFile::open(name);
  if (file && is_log(*file, kBeginning)) return inspect_log(shared, *file);
  if (file && format::myriad::is_memory_dump(text_of(*file))) return inspect_memory(shared, *file);
  if (file && format::myriad::find_blob(file->bytes())) return inspect_blob(shared, *file);
  if (file && format::only_forests(format::recognise(file->bytes()))) return inspect_forest(shared, *file);
  base::prefer_large_pages();
  auto opened = format::read_model(name);
  // What is no model may be a long page or notebook that quotes a log.
  if (!opened && file && is_log(*file, kPage)) return inspect_log(shared, *file);
  EDGESCOPE_TRY(read, std::move(opened));
  // Never freed: that is a tenth of the time for a large model, and the process ends after this.
  static const graph::Model& model = *new graph::Model(std::move(read));
  EDGESCOPE_TRY(edgetpu, analysis::edgetpu_operators(model));
  EDGESCOPE_TRY(source, source_of(options, model, edgetpu));
  const analysis::Inspection inspection = analysis::inspect(model);
  std::vector<analysis::Finding> findings = analysis::edgetpu_findings(model, edgetpu, source ? &*source : nullptr);
  if (edgetpu.empty() && model.format == graph::Format::TfLite &&
      (!options.target.empty() || analysis::named_as_compiled(name)))
    findings.push_back(analysis::not_compiled(name));
  for (analysis::Finding& finding : analysis::findings_in(model, inspection)) findings.push_back(std::move(finding));
  const auto write = [&](base::JsonWriter& json) {
    report::begin_document(json, "inspect", name);
    json.key("findings");
    analysis::write_findings(json, findings);
    json.key("model");
    analysis::write_inspection(json, model, inspection);
    write_forest_of(json, model);
    if (!edgetpu.empty()) {
      base::Json inside = analysis::edgetpu_json(model, edgetpu);
      if (source) inside["source"] = analysis::edgetpu_source_json(*source);
      json.member("edgetpu", inside);
    }
    json.end_object();
  };
  EDGESCOPE_CHECK(print(shared, write, report::inspect_view(options.view)));
  return 0;
}

base::Result<int> compare(const Shared& shared, const std::string& file, const std::string& old_file) {
  EDGESCOPE_TRY(model, format::read_model(file));
  EDGESCOPE_TRY(old_model, format::read_model(old_file));
  base::Json document = report::document("inspect", base::Json::array({file, old_file}));
  document["differences"] =
      analysis::model_difference(model, analysis::inspect(model), old_model, analysis::inspect(old_model));
  EDGESCOPE_CHECK(print(shared, document, report::difference_view));
  return 0;
}

// Several compiled models that take turns on one stick.
base::Result<int> take_turns(const Shared& shared, const Options& options) {
  std::vector<graph::Model> models;  // keep the files mapped that the operators look into
  std::vector<analysis::CacheMember> members;
  for (const std::string& name : options.files) {
    EDGESCOPE_TRY(model, format::read_model(name));
    EDGESCOPE_TRY(operators, analysis::edgetpu_operators(model));
    models.push_back(std::move(model));
    members.push_back({name, std::move(operators)});
  }
  base::Json document = report::document("inspect", options.files);
  document["findings"] = analysis::findings_json(analysis::edgetpu_cache_findings(members));
  document["edgetpu_cache"] = analysis::edgetpu_cache_json(members);
  EDGESCOPE_CHECK(print(shared, document, report::edgetpu_cache_view));
  return 0;
}

base::Result<int> execute(const Shared& shared, const Options& options) {
  if (shared.after_dashes.empty() && options.files.size() == 1) return inspect(shared, options);
  if (shared.after_dashes.empty()) {
    if (!options.target.empty() && options.source.empty()) return take_turns(shared, options);
    return base::fail({.fault = base::Fault::usage,
                       .what = "several files are inspected together for a target only",
                       .remedy = "Write `edgescope inspect A B --target edgetpu` for compiled models that share a "
                                 "stick, or `edgescope inspect NEW -- OLD` for a comparison"});
  }
  if (shared.after_dashes.size() == 1 && options.files.size() == 1 && options.source.empty())
    return compare(shared, options.files.front(), shared.after_dashes.front());
  return base::fail({.fault = base::Fault::usage,
                     .what = "one older file is compared with",
                     .remedy = "Write `edgescope inspect NEW -- OLD`"});
}

}  // namespace

void add_inspect(CLI::App& app, Shared& shared) {
  const auto options = std::make_shared<Options>();
  CLI::App* command =
      add_command(app, shared, "inspect", "What is inside a model; `inspect NEW -- OLD`: what is different",
                  [&shared, options] { return execute(shared, *options); });
  command
      ->add_option(
          "FILE", options->files,
          "A model (TFLite, also compiled for the Edge TPU, ONNX, OpenVINO IR), a tree ensemble (XGBoost, LightGBM, "
          "Treelite, ONNX), a blob for the NCS2, or a log of edgetpu_compiler")
      ->required()
      ->type_name("");
  command
      ->add_option("--target", options->target,
                   "With several compiled models: what they do to each other on one device")
      ->check(CLI::IsMember({"edgetpu"}))
      ->type_name("WORD");
  command
      ->add_option("--source", options->source,
                   "The model that FILE was compiled from: what became of its parameters and operators")
      ->type_name("MODEL");
  command->add_option("--operators", options->view.operators, "Rows of the operator table (all)")->type_name("N");
  using report::OperatorOrder;
  add_choice<OperatorOrder>(
      *command, "--sort", options->view.order,
      {{"order", OperatorOrder::File}, {"bytes", OperatorOrder::Bytes}, {"macs", OperatorOrder::Macs}},
      "Operators in the file's order, or those with most bytes or MACs first");
  command->add_flag("--tensors", options->view.tensors, "Show the tensors; csv and jsonl then write them");
}

}  // namespace edgescope::cli
