#include "runtime/edgetpu/edgetpu_api.h"

namespace edgescope::runtime::edgetpu {

base::Result<Api> Api::open(const std::string& path) {
  EDGESCOPE_TRY(library, Library::open(path));
  Api api;
  library.need("edgetpu_list_devices", api.list_devices)
      .need("edgetpu_create_delegate", api.create_delegate)
      .need("edgetpu_version", api.version);
  EDGESCOPE_CHECK(library.status());
  return api;
}

}  // namespace edgescope::runtime::edgetpu
