# edgescope_version(TARGET): the version and git_id.h for the target's sources. The header is looked at in
# every build and written when the commit has changed.
function(edgescope_version target)
  set(folder ${CMAKE_BINARY_DIR}/generated/version)
  add_custom_target(edgescope_git_id BYPRODUCTS ${folder}/git_id.h
    COMMAND ${CMAKE_COMMAND} -DSOURCE=${CMAKE_SOURCE_DIR} -DOUTPUT=${folder}/git_id.h -P ${CMAKE_SOURCE_DIR}/cmake/git_id.cmake
    VERBATIM)
  add_dependencies(${target} edgescope_git_id)
  set_property(SOURCE ${CMAKE_SOURCE_DIR}/src/cli/version.cc APPEND PROPERTY COMPILE_DEFINITIONS EDGESCOPE_VERSION="${PROJECT_VERSION}")
  set_property(SOURCE ${CMAKE_SOURCE_DIR}/src/cli/version.cc APPEND PROPERTY INCLUDE_DIRECTORIES ${folder})
endfunction()
