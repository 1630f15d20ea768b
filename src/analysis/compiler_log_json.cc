#include "analysis/compiler_log_json.h"

#include "format/edgetpu/compiler_log.h"

namespace edgescope::analysis {
namespace {

template <typename T>
base::Json or_null(const std::optional<T>& value) {
  return value ? base::Json(*value) : base::Json();
}

}  // namespace

base::Json compiler_log_json(std::string_view text) {
  base::Json list = base::Json::array();
  for (const auto& model : format::edgetpu::parse_compiler_log(text)) {
    base::Json rows = base::Json::array();
    for (const auto& row : model.rows) rows.push_back({row.op, row.count, row.status});
    list.push_back({{"input_model", model.input_model},
                    {"output_model", model.output_model},
                    {"compiler", model.compiler},
                    {"on_chip_used", or_null(model.on_chip_used)},
                    {"on_chip_available", or_null(model.on_chip_available)},
                    {"on_chip_remaining", or_null(model.on_chip_remaining)},
                    {"off_chip_used", or_null(model.off_chip_used)},
                    {"subgraphs", or_null(model.subgraphs)},
                    {"operations", or_null(model.operations)},
                    {"failure", model.failure},
                    {"rows", std::move(rows)}});
  }
  return list;
}

}  // namespace edgescope::analysis
