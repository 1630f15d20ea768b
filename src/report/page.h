// The HTML report's page as the build made it of src/report/web/ and the chart library
// (cmake/report_page.cmake); between its two parts goes the document.
#pragma once

#include <string_view>

namespace edgescope::report {

extern const std::string_view page_head;
extern const std::string_view page_tail;

}  // namespace edgescope::report
