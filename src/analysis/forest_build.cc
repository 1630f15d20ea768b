#include "analysis/forest_build.h"

#include <filesystem>

#include "forest/program.h"
#include "format/onnx/writer.h"
#include "format/openvino/writer.h"
#include "format/tflite/writer.h"

namespace edgescope::analysis {

using graph::Format;

int ForestPlan::opset() const {
  return target == ForestTarget::Ncs2 ? format::onnx::kOldOpset : format::onnx::kNewestOpset;
}

std::uint64_t ForestProgram::parameter_bytes() const {
  std::uint64_t bytes = 0;
  for (const graph::Tensor& tensor : model.subgraphs.front().tensors) bytes += tensor.data.size();
  return bytes;
}

base::Result<ForestProgram> build_forest(const forest::Ensemble& ensemble, const ForestPlan& plan) {
  const bool ncs2 = plan.target == ForestTarget::Ncs2;
  if (plan.strategy == "exact") {
    const auto form = forest::exact_form(ensemble, plan.target == ForestTarget::EdgeTpu, ncs2, plan.format, plan.batch);
    EDGESCOPE_TRY(exact,
                  forest::exact_program(
                      ensemble, {.form = form, .format = plan.format, .batch = plan.batch, .height = plan.height}));
    graph::Model model = exact.model;
    return ForestProgram{std::move(model), std::move(exact)};
  }
  forest::ProgramPlan classical{.format = plan.format, .ncs2 = ncs2, .opset = plan.opset(), .batch = plan.batch};
  for (const forest::Strategy known : {forest::Strategy::Gemm, forest::Strategy::Tt, forest::Strategy::Ptt})
    if (plan.strategy == forest::strategy_name(known)) classical.strategy = known;
  EDGESCOPE_TRY(program, forest::program(ensemble, classical));
  return ForestProgram{std::move(program.model), std::nullopt};
}

base::Result<std::vector<std::string>> write_forest(const graph::Model& model, const ForestPlan& plan,
                                                    const std::string& path) {
  std::vector<std::string> files = {path};
  switch (plan.format) {
    case Format::TfLite:
      EDGESCOPE_CHECK(format::tflite::write(model, path));
      break;
    case Format::Onnx:
      EDGESCOPE_CHECK(format::onnx::write(model, path, plan.opset()));
      break;
    case Format::OpenVinoIr:
      EDGESCOPE_CHECK(format::openvino::write(model, path, plan.ir_version()));
      files.push_back(std::filesystem::path(path).replace_extension(".bin").string());
  }
  return files;
}

}  // namespace edgescope::analysis
