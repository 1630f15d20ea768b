#include "runtime/litert/litert_api.h"

namespace edgescope::runtime::litert {

base::Result<Api> Api::open(const std::string& path) {
  EDGESCOPE_TRY(library, Library::open(path));
  Api api;
#define NEED(name) library.need("LiteRt" #name, api.name)
#define WANT(name) library.want("LiteRt" #name, api.name)
  NEED(CreateEnvironment);
  NEED(CreateModelFromFile);
  NEED(GetNumModelSignatures);
  NEED(GetModelSignature);
  NEED(GetNumSignatureInputs);
  NEED(GetNumSignatureOutputs);
  NEED(GetSignatureInputName);
  NEED(GetSignatureOutputName);
  NEED(GetSignatureInputTensorByIndex);
  NEED(GetSignatureOutputTensorByIndex);
  NEED(GetTensorTypeId);
  NEED(GetRankedTensorType);
  NEED(GetQuantizationTypeId);
  NEED(GetPerTensorQuantization);
  NEED(CreateOptions);
  NEED(SetOptionsHardwareAccelerators);
  NEED(CreateOpaqueOptions);
  NEED(AddOpaqueOptions);
  NEED(CreateCompiledModel);
  NEED(CompiledModelResizeInputTensor);
  NEED(GetCompiledModelInputTensorLayout);
  NEED(GetCompiledModelOutputTensorLayouts);
  NEED(GetCompiledModelInputBufferRequirements);
  NEED(GetCompiledModelOutputBufferRequirements);
  NEED(GetTensorBufferRequirementsBufferSize);
  NEED(CreateManagedTensorBuffer);
  NEED(LockTensorBuffer);
  NEED(UnlockTensorBuffer);
  NEED(RunCompiledModel);
  WANT(CompiledModelIsFullyAccelerated);
  WANT(CompiledModelGetErrorMessages);
  WANT(CompiledModelGetProfiler);
  WANT(StartProfiler);
  WANT(GetNumProfilerEvents);
  WANT(GetProfilerEvents);
#undef NEED
#undef WANT
  EDGESCOPE_CHECK(library.status());
  return api;
}

}  // namespace edgescope::runtime::litert
