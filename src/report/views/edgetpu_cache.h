// How several compiled Edge TPU models that share a stick read: the document of `inspect A B --target edgetpu`.
#pragma once

#include "report/view.h"

namespace edgescope::report {

Blocks edgetpu_cache_view(const base::Json& document);

}  // namespace edgescope::report
