// edgescope inspect FILE, inspect NEW -- OLD: what is inside, and what is different.
#include <algorithm>
#include <memory>

#include "analysis/compiled_edgetpu.h"
#include "analysis/compiler_log_json.h"
#include "analysis/findings.h"
#include "analysis/inspection_json.h"
#include "analysis/model_difference.h"
#include "base/heap.h"
#include "base/mapped_file.h"
#include "cli/commands.h"
#include "format/edgetpu/compiler_log.h"
#include "format/format.h"
#include "report/views/difference.h"
#include "report/views/edgetpu.h"
#include "report/views/inspect.h"

namespace edgescope::cli {
namespace {

struct Options {
  std::string file;
  report::InspectOptions view;
};

base::Result<int> inspect_log(const Shared& shared, const base::MappedFile& file) {
  base::Json document = report::document("inspect", file.path());
  document["compiler_log"] = analysis::compiler_log_json({reinterpret_cast<const char*>(file.bytes().data()), file.size()});
  EDGESCOPE_CHECK(print(shared, document, report::compiler_log_view));
  return 0;
}

// A log is recognised where the compiler's version stands at its beginning, shell prompts aside.
bool is_log(const base::MappedFile& file) {
  constexpr std::size_t kBeginning = 65536;
  return format::edgetpu::is_compiler_log({reinterpret_cast<const char*>(file.bytes().data()), std::min<std::size_t>(file.size(), kBeginning)});
}

base::Result<int> inspect(const Shared& shared, const Options& options) {
  if (const auto file = base::MappedFile::open(options.file); file && is_log(*file)) return inspect_log(shared, *file);
  base::prefer_large_pages();
  EDGESCOPE_TRY(read, format::read_model(options.file));
  // Never freed: that is a tenth of the time for a large model, and the process ends after this.
  static const graph::Model& model = *new graph::Model(std::move(read));
  EDGESCOPE_TRY(edgetpu, analysis::edgetpu_operators(model));
  const analysis::Inspection inspection = analysis::inspect(model);
  const std::vector<analysis::Finding> findings = analysis::findings_in(model, inspection);
  const auto write = [&](base::JsonWriter& json) {
    report::begin_document(json, "inspect", options.file);
    json.key("findings");
    analysis::write_findings(json, findings);
    json.key("model");
    analysis::write_inspection(json, model, inspection);
    if (!edgetpu.empty()) json.member("edgetpu", analysis::edgetpu_json(model, edgetpu));
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

base::Result<int> execute(const Shared& shared, const Options& options) {
  if (shared.after_dashes.empty()) return inspect(shared, options);
  if (shared.after_dashes.size() == 1) return compare(shared, options.file, shared.after_dashes.front());
  return base::fail({.fault = base::Fault::usage,
                     .what = "one older file is compared with",
                     .remedy = "Write `edgescope inspect NEW -- OLD`"});
}

}  // namespace

void add_inspect(CLI::App& app, Shared& shared) {
  const auto options = std::make_shared<Options>();
  CLI::App* command = add_command(app, shared, "inspect", "What is inside a model; `inspect NEW -- OLD`: what is different",
                                  [&shared, options] { return execute(shared, *options); });
  command->add_option("FILE", options->file, "A model (TFLite, also compiled for the Edge TPU, ONNX, OpenVINO IR), or a log of edgetpu_compiler")->required()->type_name("");
  command->add_option("--operators", options->view.operators, "Rows of the operator table (all)")->type_name("N");
  using report::OperatorOrder;
  add_choice<OperatorOrder>(*command, "--sort", options->view.order,
                            {{"order", OperatorOrder::File}, {"bytes", OperatorOrder::Bytes}, {"macs", OperatorOrder::Macs}},
                            "Operators in the file's order, or those with most bytes or MACs first");
  command->add_flag("--tensors", options->view.tensors, "Show the tensors; csv and jsonl then write them");
}

}  // namespace edgescope::cli
