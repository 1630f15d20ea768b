#include "format/read_forest.h"

#include <fmt/format.h>

#include "format/exporters.h"
#include "format/forest/lightgbm.h"
#include "format/forest/onnx.h"
#include "format/forest/treelite.h"
#include "format/forest/xgboost.h"
#include "format/onnx/reader.h"

namespace edgescope::format {
namespace {

base::Result<Forest> with(Content content, base::Result<forest::Ensemble> read) {
  EDGESCOPE_TRY(ensemble, std::move(read));
  return Forest{.ensemble = std::move(ensemble), .content = content, .model = std::nullopt};
}

base::Result<Forest> read_graph(const base::MappedFile& file) {
  EDGESCOPE_TRY(model, onnx::read(file));
  EDGESCOPE_TRY(forest, with(Content::Onnx, forest::read_onnx(model)));
  forest.model = std::move(model);
  return forest;
}

}  // namespace

bool only_forests(Content content) {
  return content == Content::Xgboost || content == Content::LightGbm || content == Content::Treelite;
}

std::string_view forest_format_name(Content content) {
  switch (content) {
    case Content::Xgboost:
      return "xgboost";
    case Content::LightGbm:
      return "lightgbm";
    case Content::Treelite:
      return "treelite";
    default:
      return "onnx";
  }
}

base::Result<Forest> read_forest(const base::MappedFile& file) {
  const Content content = recognise(file.bytes());
  switch (content) {
    case Content::Xgboost:
      return with(content, forest::read_xgboost(file));
    case Content::LightGbm:
      return with(content, forest::read_lightgbm(file));
    case Content::Treelite:
      return with(content, forest::read_treelite(file));
    case Content::Onnx:
      return read_graph(file);
    case Content::TfLite:
    case Content::OpenVinoIr:
      return base::fail(
          {.what = fmt::format("is {}, and no tree ensemble", content_name(content)), .file = file.path()});
    default:
      return base::fail(no_reader(content, file.bytes(), file.path()));
  }
}

base::Result<Forest> read_forest(const std::string& path) {
  EDGESCOPE_TRY(file, base::MappedFile::open(path));
  return read_forest(file);
}

}  // namespace edgescope::format
