// The part of OpenVINO's C interface that we call: what has existed since its version 2.0 came
// (2022.x), so that a user's 2022.3 LTS with its MYRIAD plugin is driven by the same code as today's.
// Names of functions are the library's without the prefix "ov_".
#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/library.h"

namespace edgescope::runtime::openvino {

struct Core;
struct Model;
struct CompiledModel;
struct InferRequest;
struct Tensor;
struct Port;
using Status = int;  // 0 is success

struct Version {
  const char* build;
  const char* description;
};

struct Shape {
  std::int64_t rank;
  std::int64_t* dims;
};

struct Dimension {
  std::int64_t min, max;  // -1: no upper limit
};

struct PartialShape {
  Dimension rank;
  Dimension* dims;
};

struct NodeTime {
  int status;  // 2: executed
  std::int64_t real_us;
  std::int64_t cpu_us;
  const char* name;
  const char* exec_type;  // implementation and precision, "jit_avx512_I8"
  const char* node_type;
};
inline constexpr int kExecuted = 2;

struct Callback {
  void (*function)(void* argument);
  void* argument;
};

struct NodeTimes {
  NodeTime* nodes;
  std::size_t count;
};

struct Api {
  const char* (*get_error_info)(Status);
  void (*free)(const char*);
  Status (*get_openvino_version)(Version*);
  void (*version_free)(Version*);
  Status (*core_create)(Core**);
  Status (*core_read_model)(const Core*, const char* path, const char* weights, Model**);
  Status (*core_set_property)(const Core*, const char* device, ...);  // key, value
  Status (*core_get_property)(const Core*, const char* device, const char* key, char** value);
  Status (*core_compile_model)(const Core*, const Model*, const char* device, std::size_t arguments, CompiledModel**,
                               ...);
  Status (*model_inputs_size)(const Model*, std::size_t*);
  Status (*model_const_input_by_index)(const Model*, std::size_t, Port**);
  Status (*model_reshape_by_port_indexes)(const Model*, const std::size_t* indexes, const PartialShape*, std::size_t);
  Status (*port_get_partial_shape)(const Port*, PartialShape*);
  Status (*partial_shape_create)(std::int64_t rank, const Dimension*, PartialShape*);
  void (*partial_shape_free)(PartialShape*);
  Status (*port_get_any_name)(const Port*, char**);
  void (*output_const_port_free)(Port*);
  Status (*compiled_model_inputs_size)(const CompiledModel*, std::size_t*);
  Status (*compiled_model_outputs_size)(const CompiledModel*, std::size_t*);
  Status (*compiled_model_input_by_index)(const CompiledModel*, std::size_t, Port**);
  Status (*compiled_model_output_by_index)(const CompiledModel*, std::size_t, Port**);
  Status (*compiled_model_export_model)(const CompiledModel*, const char* path);
  Status (*compiled_model_get_property)(const CompiledModel*, const char* key, char** value);
  Status (*compiled_model_create_infer_request)(const CompiledModel*, InferRequest**);
  Status (*infer_request_get_input_tensor_by_index)(const InferRequest*, std::size_t, Tensor**);
  Status (*infer_request_get_output_tensor_by_index)(const InferRequest*, std::size_t, Tensor**);
  Status (*infer_request_infer)(InferRequest*);
  Status (*infer_request_start_async)(InferRequest*);
  Status (*infer_request_wait)(InferRequest*);
  Status (*infer_request_set_callback)(InferRequest*, const Callback*);
  Status (*infer_request_get_profiling_info)(const InferRequest*, NodeTimes*);
  void (*profiling_info_list_free)(NodeTimes*);
  Status (*shape_create)(std::int64_t rank, const std::int64_t* dims, Shape*);
  Status (*shape_free)(Shape*);
  Status (*tensor_create)(int type, Shape, Tensor**);
  Status (*tensor_get_element_type)(const Tensor*, int*);
  Status (*tensor_get_shape)(const Tensor*, Shape*);
  Status (*tensor_get_byte_size)(const Tensor*, std::size_t*);
  Status (*tensor_data)(const Tensor*, void**);
  void (*tensor_free)(Tensor*);
  // Newer than the rest: null where absent.
  const char* (*get_last_err_msg)();

  static base::Result<Api> open(const std::string& path);
};

}  // namespace edgescope::runtime::openvino
