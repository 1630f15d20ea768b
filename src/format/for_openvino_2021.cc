#include "format/for_openvino_2021.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "format/convert.h"
#include "format/format.h"

namespace edgescope::format {
namespace {

constexpr std::int64_t kNewestIr = 10, kNewestOpset = 13;

// What keeps it from being read as it is; empty where nothing does.
std::string obstacle(const graph::Model& model) {
  switch (model.format) {
    case graph::Format::TfLite:
      return "TensorFlow Lite";
    case graph::Format::OpenVinoIr:
      return model.format_version > kNewestIr ? fmt::format("IR version {}", model.format_version) : "";
    case graph::Format::Onnx:
      for (const graph::Opset& opset : model.opsets)
        if ((opset.domain.empty() || opset.domain == "ai.onnx") && opset.version > kNewestOpset)
          return fmt::format("ONNX opset {}", opset.version);
      return "";
  }
  return "";
}

}  // namespace

base::Result<Readable> for_openvino_2021(graph::Model model) {
  const std::string unread = obstacle(model);
  if (unread.empty()) return Readable{.model = std::move(model), .note = {}, .folder = {}};
  const Destination destination{.format = graph::Format::OpenVinoIr, .ir_version = static_cast<int>(kNewestIr)};
  EDGESCOPE_TRY(conversion, convert(model, destination));
  if (!conversion.refused.empty()) {
    const Refusal& first = conversion.refused.front();
    return base::fail(
        {.what = fmt::format("OpenVINO 2021 does not read {}, and {} cannot be said in IR version {}: {}", unread,
                             first.source_kind, kNewestIr, first.reason),
         .file = model.files.empty() ? std::string() : std::string(model.files.front().path()),
         .node = first.name,
         .remedy = "`edgescope convert` lists all such operators; export the model as ONNX of opset 11."});
  }
  EDGESCOPE_TRY(folder, base::TemporaryFolder::make());
  const std::string path = folder.path() + "/model.xml";
  EDGESCOPE_CHECK(write(conversion.model, destination, path));
  EDGESCOPE_TRY(written, read_model(path));
  return Readable{.model = std::move(written),
                  .note = fmt::format("OpenVINO 2021 does not read {}: converted to IR version {}", unread, kNewestIr),
                  .folder = std::move(folder)};
}

}  // namespace edgescope::format
