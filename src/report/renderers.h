// Blocks in each format that people and programs read; report/view.h chooses.
#pragma once

#include <string>

#include "report/view.h"

namespace edgescope::report {

std::string render_text(const Blocks& blocks, const base::Terminal& terminal);
std::string render_markdown(const Blocks& blocks);
std::string render_csv(const Blocks& blocks);         // RFC 4180, with a header line
std::string render_json_lines(const Blocks& blocks);  // one record a line

// A cell as text: the column's format where the record has a value, else "".
std::string cell(const Column& column, const base::Json& record);

}  // namespace edgescope::report
