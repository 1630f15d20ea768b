// The part of LiteRT's C interface that we call, declared from its public description: the library
// comes without headers. Names of functions are the library's without the prefix "LiteRt".
#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/library.h"

namespace edgescope::runtime::litert {

using Status = int;  // 0 is success
struct Environment;
struct Model;
struct Signature;
struct Subgraph;
struct Tensor;
struct Options;
struct OpaqueOptions;
struct CompiledModel;
struct Requirements;
struct Buffer;
struct Profiler;

inline constexpr int kAcceleratorCpu = 1;
inline constexpr int kBufferHostMemory = 1;
inline constexpr int kLockReadWrite = 2;
inline constexpr int kQuantizationPerTensor = 1;
inline constexpr int kRanked = 0;
inline constexpr int kMaxRank = 8;

struct Layout {
  unsigned int rank : 7;
  unsigned int has_strides : 1;
  std::int32_t dimensions[kMaxRank];
  std::uint32_t strides[kMaxRank];
};
static_assert(sizeof(Layout) == 68);

struct TensorType {
  int element_type;  // TFLite's numbers
  Layout layout;
};
static_assert(sizeof(TensorType) == 72);

struct PerTensorQuantization {
  float scale;
  std::int64_t zero_point;
};
static_assert(sizeof(PerTensorQuantization) == 16);

// Of Event::type.
inline constexpr int kEventOperator = 2;                  // on a built-in kernel
inline constexpr int kEventDelegateProfiledOperator = 8;  // one of those that a delegate took

struct MemoryUsage {
  std::size_t total, in_use, private_footprint;
};

struct Event {
  const char* tag;
  int type;
  std::uint64_t start_us;
  std::uint64_t elapsed_us;
  MemoryUsage begin, end;
  std::uint64_t metadata1, metadata2;
  int source;
};

struct Api {
  Status (*CreateEnvironment)(int count, const void* options, Environment**);
  Status (*CreateModelFromFile)(Environment*, const char* path, Model**);
  Status (*GetNumModelSignatures)(Model*, std::size_t*);
  Status (*GetModelSignature)(Model*, std::size_t index, Signature**);
  Status (*GetNumSignatureInputs)(Signature*, std::size_t*);
  Status (*GetNumSignatureOutputs)(Signature*, std::size_t*);
  Status (*GetSignatureInputName)(Signature*, std::size_t index, const char**);
  Status (*GetSignatureOutputName)(Signature*, std::size_t index, const char**);
  Status (*GetSignatureInputTensorByIndex)(Signature*, std::size_t index, Tensor**);
  Status (*GetSignatureOutputTensorByIndex)(Signature*, std::size_t index, Tensor**);
  Status (*GetTensorTypeId)(Tensor*, int*);
  Status (*GetRankedTensorType)(Tensor*, TensorType*);
  Status (*GetQuantizationTypeId)(Tensor*, int*);
  Status (*GetPerTensorQuantization)(Tensor*, PerTensorQuantization*);
  Status (*CreateOptions)(Options**);
  Status (*SetOptionsHardwareAccelerators)(Options*, int set);
  Status (*CreateOpaqueOptions)(const char* identifier, void* payload, void (*free)(void*), OpaqueOptions**);
  Status (*AddOpaqueOptions)(Options*, OpaqueOptions*);
  Status (*CreateCompiledModel)(Environment*, Model*, Options*, CompiledModel**);
  Status (*CompiledModelResizeInputTensor)(CompiledModel*, std::size_t signature, std::size_t index, const int* dims,
                                           std::size_t rank);
  Status (*GetCompiledModelInputTensorLayout)(CompiledModel*, std::size_t signature, std::size_t index, Layout*);
  Status (*GetCompiledModelOutputTensorLayouts)(CompiledModel*, std::size_t signature, std::size_t count, Layout*,
                                                bool update);
  Status (*GetCompiledModelInputBufferRequirements)(CompiledModel*, std::size_t signature, std::size_t index,
                                                    Requirements**);
  Status (*GetCompiledModelOutputBufferRequirements)(CompiledModel*, std::size_t signature, std::size_t index,
                                                     Requirements**);
  Status (*GetTensorBufferRequirementsBufferSize)(Requirements*, std::size_t*);
  Status (*CreateManagedTensorBuffer)(Environment*, int type, const TensorType*, std::size_t bytes, Buffer**);
  Status (*LockTensorBuffer)(Buffer*, void** address, int mode);
  Status (*UnlockTensorBuffer)(Buffer*);
  Status (*RunCompiledModel)(CompiledModel*, std::size_t signature, std::size_t inputs, Buffer**, std::size_t outputs,
                             Buffer**);
  // Newer than the rest: null where they are absent.
  Status (*CompiledModelIsFullyAccelerated)(CompiledModel*, bool*);
  Status (*CompiledModelGetErrorMessages)(CompiledModel*, char**);
  Status (*CompiledModelGetProfiler)(CompiledModel*, Profiler**);
  Status (*StartProfiler)(Profiler*);
  Status (*GetNumProfilerEvents)(Profiler*, int*);
  Status (*GetProfilerEvents)(Profiler*, int count, Event*);

  static base::Result<Api> open(const std::string& path);
};

}  // namespace edgescope::runtime::litert
