// A document as one HTML file that needs nothing else: no network, no files beside it. Style, script
// and chart library come from the build (src/report/web/); the page draws itself from the document,
// which it holds as JSON, so that it can never say anything that the JSON does not.
#pragma once

#include <cstddef>
#include <string>

#include "base/json.h"

namespace edgescope::report {

// The page stays below 1.5 MB whatever the model: a document that is too long for that loses, in this
// order, the model's tensors, the details of operators that the page does not show, and the last rows of
// lists of operators. What is left out is named in the page (`left_out`).
std::string html(const base::Json& document);

// The document, made to take at most `bytes` as far as leaving those out can do it.
base::Json fitted(base::Json document, std::size_t bytes);

}  // namespace edgescope::report
