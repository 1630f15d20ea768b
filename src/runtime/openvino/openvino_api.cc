#include "runtime/openvino/openvino_api.h"

namespace edgescope::runtime::openvino {

base::Result<Api> Api::open(const std::string& path) {
  EDGESCOPE_TRY(library, Library::open(path));
  Api api;
#define NEED(name) library.need("ov_" #name, api.name)
  NEED(get_error_info);
  NEED(free);
  NEED(get_openvino_version);
  NEED(version_free);
  NEED(core_create);
  NEED(core_read_model);
  NEED(core_set_property);
  NEED(core_get_property);
  NEED(core_compile_model);
  NEED(model_inputs_size);
  NEED(model_const_input_by_index);
  NEED(model_reshape_by_port_indexes);
  NEED(port_get_partial_shape);
  NEED(partial_shape_create);
  NEED(partial_shape_free);
  NEED(port_get_any_name);
  NEED(output_const_port_free);
  NEED(compiled_model_inputs_size);
  NEED(compiled_model_outputs_size);
  NEED(compiled_model_input_by_index);
  NEED(compiled_model_output_by_index);
  NEED(compiled_model_export_model);
  NEED(compiled_model_get_property);
  NEED(compiled_model_create_infer_request);
  NEED(infer_request_get_input_tensor_by_index);
  NEED(infer_request_get_output_tensor_by_index);
  NEED(infer_request_infer);
  NEED(infer_request_start_async);
  NEED(infer_request_wait);
  NEED(infer_request_set_callback);
  NEED(infer_request_get_profiling_info);
  NEED(profiling_info_list_free);
  NEED(shape_create);
  NEED(shape_free);
  NEED(tensor_create);
  NEED(tensor_get_element_type);
  NEED(tensor_get_shape);
  NEED(tensor_get_byte_size);
  NEED(tensor_data);
  NEED(tensor_free);
#undef NEED
  library.want("ov_get_last_err_msg", api.get_last_err_msg);
  EDGESCOPE_CHECK(library.status());
  return api;
}

}  // namespace edgescope::runtime::openvino
