#include "runtime/inference_engine/ie_api.h"

#include <cstddef>

namespace edgescope::runtime::inference_engine {

base::Result<Api> Api::open(const std::string& path) {
  EDGESCOPE_TRY(library, Library::open(path));
  Api api;
  // std::map<std::string, std::string>, of which each name repeats what it said before by another number.
#define SETTINGS(string, key) "RKSt3mapISsSsSt4lessISsESaISt4pairI" key string "EEE"
  library.need("GetInferenceEngineVersion", api.version)
      .need("_ZN15InferenceEngine4CoreC1ERKSs", api.core)
      .need("_ZNK15InferenceEngine4Core11ReadNetworkERKSsS2_", api.read)
      .need("_ZNK15InferenceEngine10CNNNetwork13getInputsInfoEv", api.network_inputs)
      .need("_ZNK15InferenceEngine10CNNNetwork14getOutputsInfoEv", api.network_outputs)
      .need("_ZNK15InferenceEngine4Data12getPrecisionEv", api.precision)
      .need("_ZN15InferenceEngine4Data12setPrecisionERKNS_9PrecisionE", api.set_precision)
      .need("_ZN15InferenceEngine10CNNNetwork9addOutputERKSsm", api.add_output)
      .need("_ZN15InferenceEngine4Core11LoadNetworkERKNS_10CNNNetworkERKSs" SETTINGS("Ss", "S4_"), api.load)
      .need("_ZNK15InferenceEngine4Core12QueryNetworkERKNS_10CNNNetworkERKSs" SETTINGS("Ss", "S4_"), api.query)
      .need("_ZNK15InferenceEngine4Core9GetMetricERKSsS2_", api.metric)
      .need("_ZNK15InferenceEngine4Core9GetConfigERKSsS2_", api.setting)
      .need("_ZN15InferenceEngine4Core9SetConfigERKSt3mapISsSsSt4lessISsESaISt4pairIKSsSsEEERS5_", api.set)
      .need("_ZNK15InferenceEngine10CNNNetwork9serializeERKSsS2_", api.serialize)
      .need("_ZN15InferenceEngine17ExecutableNetwork6ExportERKSs", api.export_to)
      .need("_ZN15InferenceEngine17ExecutableNetwork16GetExecGraphInfoEv", api.graph)
      .need("_ZNK15InferenceEngine17ExecutableNetwork9GetMetricERKSs", api.executable_metric)
      .need("_ZN15InferenceEngine17ExecutableNetwork18CreateInferRequestEv", api.request)
      .need("_ZNK15InferenceEngine17ExecutableNetwork13GetInputsInfoEv", api.inputs)
      .need("_ZNK15InferenceEngine17ExecutableNetwork14GetOutputsInfoEv", api.outputs)
      .need("_ZN15InferenceEngine12InferRequest7GetBlobERKSs", api.blob)
      .need("_ZN15InferenceEngine12InferRequest5InferEv", api.infer)
      .need("_ZN15InferenceEngine12InferRequest10StartAsyncEv", api.start)
      .need("_ZN15InferenceEngine12InferRequest4WaitEl", api.wait)
      .need("_ZN15InferenceEngine12InferRequest25SetCompletionCallbackImplESt8functionIFvvEE", api.on_done)
      .need("_ZNK15InferenceEngine12InferRequest20GetPerformanceCountsEv", api.times);
#undef SETTINGS
  EDGESCOPE_CHECK(library.status());
  return api;
}

void* data_of(void* input) {
  // Behind what is done to an image before the network sees it: a list of channels and three choices.
  struct Input {
    std::vector<std::shared_ptr<void>> channels;
    int mean, resize, colours;
    std::shared_ptr<void> data;
  };
  return static_cast<Input*>(input)->data.get();
}

void* memory_of(Blob& blob) {
  constexpr std::size_t kBuffer = 9;  // in the table of virtual functions
  using Buffer = LockedMemory* (*)(void* place, Blob*);
  const auto buffer = reinterpret_cast<Buffer>((*reinterpret_cast<void***>(&blob))[kBuffer]);
  // Never given back: the lock of memory on the host does nothing, and a session ends with its process.
  auto* place = new std::max_align_t[sizeof(LockedMemory) / sizeof(std::max_align_t) + 1];
  return buffer(place, &blob)->get();
}

}  // namespace edgescope::runtime::inference_engine
