#include "analysis/compiled_ncs2.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <string_view>

#include "analysis/inspection.h"
#include "analysis/macs.h"
#include "analysis/myriad_findings.h"
#include "analysis/myriad_json.h"
#include "base/mapped_file.h"
#include "base/temporary_folder.h"
#include "format/myriad/blob.h"
#include "format/openvino/reader.h"
#include "target/ncs2/cost.h"

namespace edgescope::analysis {
namespace {

namespace ncs2 = target::ncs2;

const graph::Tensor* weights_of(const graph::Subgraph& graph, const graph::Operator& op) {
  const int tensor = op.inputs.size() > 1 ? op.inputs[1] : -1;
  return tensor < 0 || !graph.tensors[static_cast<std::size_t>(tensor)].constant
             ? nullptr
             : &graph.tensors[static_cast<std::size_t>(tensor)];
}

// What the stages call an operator: its own name in an IR, that of its result in ONNX.
bool named(const std::set<std::string_view>& layers, const graph::Subgraph& graph, const graph::Operator& op) {
  return layers.contains(op.name) || std::any_of(op.outputs.begin(), op.outputs.end(), [&](int tensor) {
           return tensor >= 0 && layers.contains(graph.tensors[static_cast<std::size_t>(tensor)].name);
         });
}

// What convolutions and fully connected layers compute, by the engine of the stages that were made of them: the
// accelerator, where no stage on the SHAVEs is named after them. Matrix products on the SHAVEs are in the law already,
// as forests have them.
ncs2::Work work_of(const graph::Model& model, std::span<const ncs2::Stage> stages, std::uint64_t batch) {
  std::set<std::string_view> on_shaves;
  bool hardware = false;
  for (const ncs2::Stage& stage : stages) {
    hardware = hardware || stage.kind == "MyriadXHwOp";
    if (is_convolution_on_shave(stage.kind) || stage.kind == "FC" || stage.kind == "GEMM")
      on_shaves.insert(stage.layers.begin(), stage.layers.end());
  }
  using graph::Kind;
  ncs2::Work work{.batch = batch};
  const graph::Subgraph& graph = model.subgraphs.front();
  for (const graph::Operator& op : graph.operators) {
    const bool product = op.kind == Kind::Matmul || op.kind == Kind::FullyConnected;
    const graph::Tensor* weights = weights_of(graph, op);
    const std::uint64_t count = macs(model, graph, op).value_or(0);
    if (!hardware || weights == nullptr || named(on_shaves, graph, op)) {
      if (!product) work.shave_macs += count;
      continue;
    }
    work.hardware_macs += count;
    if (count == 0) continue;
    constexpr std::uint64_t kHalfBytes = 2;
    // Each row of a fully connected layer is a stage of its own, which reads the weights again, as does each image.
    work.weight_bytes += kHalfBytes * (product ? count : batch * weights->shape.elements().value_or(0));
  }
  return work;
}

base::Status read_blob(const std::string& path, Ncs2Compiled& compiled) {
  EDGESCOPE_TRY(file, base::MappedFile::open(path));
  EDGESCOPE_TRY(blob, format::myriad::read_blob(file.bytes(), path));
  compiled.myriad = myriad_json(blob);
  compiled.findings = myriad_findings(blob);
  return {};
}

// What the blob does not know: names, and what the stages make.
base::Status read_graph(const std::string& path, const graph::Model& model, Ncs2Compiled& compiled) {
  EDGESCOPE_TRY(xml, base::MappedFile::open(path));
  EDGESCOPE_TRY(graph, format::openvino::read(xml));
  EDGESCOPE_TRY(stages, ncs2::stages_of(graph));
  base::Json& list = compiled.myriad["stages"];
  if (stages.size() == list.size())
    for (std::size_t i = 0; i < stages.size(); ++i) {
      list[i]["name"] = stages[i].name;
      list[i]["layers"] = stages[i].layers;
    }
  for (Finding& finding : stage_findings(stages)) compiled.findings.push_back(std::move(finding));
  const bool part_of_device = std::any_of(compiled.findings.begin(), compiled.findings.end(),
                                          [](const Finding& f) { return f.kind->id == "ncs2-part-of-the-device"; });
  compiled.prediction = ncs2::predict(stages, work_of(model, stages, compiled.myriad["batch"].get<std::uint64_t>()));
  if (part_of_device)
    compiled.prediction->assumptions.emplace_back(
        "it is compiled for a part of the device here, and the law was fitted on the whole: `edgescope predict` "
        "compiles "
        "for one stream");
  return {};
}

}  // namespace

base::Result<Ncs2Compiled> compiled_ncs2(const std::string& blob) {
  Ncs2Compiled compiled;
  EDGESCOPE_CHECK(read_blob(blob, compiled));
  return compiled;
}

base::Result<Ncs2Compiled> compile_ncs2(const graph::Model& model, measure::Oracle& oracle,
                                        const Ncs2Compile& options) {
  EDGESCOPE_TRY(folder, base::TemporaryFolder::make());
  const std::string blob = options.blob.empty() ? folder.path() + "/blob" : options.blob,
                    graph = folder.path() + "/graph.xml";
  const auto answer = oracle.compile(
      {.model = model.files.front().path(), .properties = options.settings, .half_ends = options.half_ends},
      {.blob = blob, .graph = graph});
  Ncs2Compiled compiled;
  if (!answer) {
    if (answer.error().fault != base::Fault::runtime) return base::fail(answer.error());
    compiled.refusal = answer.error();
    return compiled;
  }
  compiled.compile_us = static_cast<double>(answer->compile_ns) * 1e-3;
  EDGESCOPE_CHECK(read_blob(blob, compiled));
  std::error_code ignored;
  if (std::filesystem::exists(graph, ignored)) EDGESCOPE_CHECK(read_graph(graph, model, compiled));
  return compiled;
}

}  // namespace edgescope::analysis
