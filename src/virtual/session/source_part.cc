#include "virtual/session/source_part.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "runtime/tflite/tflite_session.h"

namespace edgescope::virtual_usb {
namespace {

struct Part {
  std::string model, library;
  std::unique_ptr<runtime::Session> session = {};
  runtime::Loaded loaded = {};

  base::Result<std::vector<coral::Values>> run(const std::vector<coral::Values>& inputs) {
    if (!session) {
      auto made = runtime::make_tflite_session(runtime::TfLiteKernels::Builtin);
      EDGESCOPE_TRY(ports, made->load({.model = model, .library = library}));
      loaded = std::move(ports);
      session = std::move(made);
    }
    if (loaded.inputs.size() != inputs.size())
      return base::fail(
          {.what = fmt::format("it has {} inputs, the compiled operator {}", loaded.inputs.size(), inputs.size()),
           .file = model});
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const auto buffer = session->input(i);
      if (buffer.size() != inputs[i].size())
        return base::fail(
            {.what = fmt::format("it takes {} B, the compiled operator {} B", buffer.size(), inputs[i].size()),
             .file = model,
             .node = loaded.inputs[i].name});
      std::memcpy(buffer.data(), inputs[i].data(), buffer.size());
    }
    EDGESCOPE_CHECK(session->run());
    std::vector<coral::Values> outputs;
    for (std::size_t i = 0; i < loaded.outputs.size(); ++i) {
      const auto bytes = session->output(i);
      outputs.emplace_back(bytes.size());
      std::memcpy(outputs.back().data(), bytes.data(), bytes.size());
    }
    return outputs;
  }
};

}  // namespace

coral::Compute source_part(std::string model, std::string tflite_library) {
  auto part = std::make_shared<Part>(Part{std::move(model), std::move(tflite_library)});
  return [part](const std::vector<coral::Values>& inputs) { return part->run(inputs); };
}

}  // namespace edgescope::virtual_usb
