# edgescope_host_code(TARGET headers of src/forest): their text, for the headers that the program writes.
function(edgescope_host_code target)
  list(TRANSFORM ARGN PREPEND ${CMAKE_SOURCE_DIR}/src/forest/ OUTPUT_VARIABLE headers)
  list(JOIN headers | joined)
  set(output ${CMAKE_CURRENT_BINARY_DIR}/forest_host_code.cc)
  set(script ${CMAKE_SOURCE_DIR}/cmake/host_code_text.cmake)
  add_custom_command(OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} "-DHEADERS=${joined}" -DOUTPUT=${output} -P ${script}
    DEPENDS ${headers} ${script} COMMENT "Text of the forest's host code" VERBATIM)
  target_sources(${target} PRIVATE ${output})
endfunction()
