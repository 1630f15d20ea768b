// The part of libedgetpu's C interface that we call. Names of functions are the library's without "edgetpu_".
#pragma once

#include <cstddef>

#include "runtime/library.h"
#include "runtime/tflite/tflite_api.h"

namespace edgescope::runtime::edgetpu {

struct Device {
  int type;  // 0 PCIe, 1 USB
  const char* path;
};

struct Option {
  const char* name;
  const char* value;
};

struct Api {
  Device* (*list_devices)(std::size_t* count);
  tflite::Delegate* (*create_delegate)(int type, const char* path, const Option* options, std::size_t count);
  const char* (*version)();

  static base::Result<Api> open(const std::string& path);
};

}  // namespace edgescope::runtime::edgetpu
