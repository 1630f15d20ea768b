#include "runtime/tflite/tflite_session.h"

#include <fmt/format.h>

#include <optional>

#include "runtime/messages.h"
#include "runtime/tflite/tflite_graph.h"

namespace edgescope::runtime {
namespace {

using namespace tflite;

class TfLiteSession final : public Session {
 public:
  explicit TfLiteSession(TfLiteKernels kernels) : kernels_(kernels) {}

  base::Result<std::string> version(const std::string& library) override {
    EDGESCOPE_TRY(api, Api::open(library));
    return std::string(api.Version());
  }

  base::Result<Loaded> load(const LoadRequest& request) override {
    model_path_ = request.model;
    EDGESCOPE_TRY(api, Api::open(request.library));
    api_ = api;
    graph_.emplace(api_);
    Loaded loaded{
        .version = api_.Version(), .kernels = "builtin", .precision = "as in the model", .threads = request.threads};
    const StderrSince log;
    if (!graph_->read(request.model)) return base::fail(error("cannot read the model", log.text()));

    if (kernels_ == TfLiteKernels::Xnnpack) {
      if (api_.XNNPackDelegateCreate == nullptr) {
        loaded.notes.push_back("The library has no XNNPACK; TFLite's built-in kernels run the model.");
      } else if (!prepare(request, kXnnpackSigned8 | kXnnpackUnsigned8) && !prepare(request, kXnnpackSigned8)) {
        loaded.notes.push_back(fmt::format("XNNPACK refuses the model ({}); TFLite's built-in kernels run it.",
                                           graph_->said().substr(0, graph_->said().find('\n'))));
      } else {
        if (graph_->taken() > 0) loaded.kernels = "xnnpack";
        if (graph_->taken() < graph_->operators())
          loaded.notes.push_back(fmt::format("XNNPACK takes {} of {} operators; TFLite's built-in kernels run the {}.",
                                             graph_->taken(), graph_->operators(),
                                             graph_->taken() > 0 ? "others" : "model"));
      }
    }
    if (!graph_->prepared() && !prepare(request, std::nullopt))
      return base::fail(error("cannot prepare the model", graph_->said() + log.text()));
    loaded.inputs = graph_->inputs();
    loaded.outputs = graph_->outputs();
    return loaded;
  }

  std::span<std::byte> input(std::size_t index) override { return graph_->input(index); }
  std::span<const std::byte> output(std::size_t index) override { return graph_->output(index); }

  base::Status run() override {
    if (graph_->invoke()) return {};
    return base::fail(error("failed while running the model", graph_->said()));
  }

 private:
  base::Error error(const std::string& what, const std::string& log) const {
    return runtime_error(kernels_ == TfLiteKernels::Xnnpack ? "tflite+xnnpack" : "tflite", what, model_path_, log);
  }

  bool prepare(const LoadRequest& request, std::optional<std::uint32_t> xnnpack_flags) {
    Delegate* delegate = nullptr;
    if (xnnpack_flags) {
      const XnnpackOptions settings{.threads = request.threads, .flags = *xnnpack_flags};
      delegate = api_.XNNPackDelegateCreate(&settings);
      if (delegate == nullptr) return false;
    }
    return graph_->prepare({.threads = request.threads, .delegate = delegate});
  }

  TfLiteKernels kernels_;
  Api api_{};
  std::string model_path_;
  std::optional<Graph> graph_;
};

}  // namespace

std::unique_ptr<Session> make_tflite_session(TfLiteKernels kernels) { return std::make_unique<TfLiteSession>(kernels); }

}  // namespace edgescope::runtime
