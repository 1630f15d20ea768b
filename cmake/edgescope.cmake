# What every module of the project has in common.

add_library(edgescope_options INTERFACE)
target_include_directories(edgescope_options INTERFACE ${CMAKE_SOURCE_DIR}/src)
target_compile_options(edgescope_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Werror)
# gcc 12 warns of its own inlined std::string and std::variant code when it optimises (GCC bugs 105329, 105562).
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  target_compile_options(edgescope_options INTERFACE -Wno-restrict -Wno-maybe-uninitialized -Wno-missing-field-initializers)
else()
  target_compile_options(edgescope_options INTERFACE -Wno-missing-field-initializers -Wno-gnu-zero-variadic-macro-arguments)
endif()
if(EDGESCOPE_SANITIZE)
  # FlatBuffers are read at any address, and the Edge TPU's compiler nests them at odd ones; every machine that
  # this runs on loads unaligned words.
  target_compile_options(edgescope_options INTERFACE -fsanitize=address,undefined -fno-sanitize=alignment
    -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(edgescope_options INTERFACE -fsanitize=address,undefined)
endif()
if(EDGESCOPE_FUZZ)
  target_compile_options(edgescope_options INTERFACE -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize=alignment -fno-omit-frame-pointer)
  target_link_options(edgescope_options INTERFACE -fsanitize=address,undefined)
endif()

# edgescope_module(NAME folder/of/sources DEPENDS modules and libraries)
# One static library for the folder's sources, and one test program for the x_test.cc beside them.
# Sources are found by name, so that adding a file is all it takes.
function(edgescope_module name folder)
  cmake_parse_arguments(PARSE_ARGV 2 ARG "" "" "DEPENDS;EXCLUDE")
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${folder}/*.cc)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "(_test|[/_]main)\\.cc$")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  if(NOT sources)
    add_library(edgescope_${name} INTERFACE)
    return()
  endif()
  add_library(edgescope_${name} STATIC ${sources})
  target_link_libraries(edgescope_${name} PUBLIC edgescope_options fmt::fmt nlohmann_json::nlohmann_json ${ARG_DEPENDS})
  if(EDGESCOPE_TESTS AND tests)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE edgescope_${name} edgescope_testing)
    set_property(GLOBAL APPEND PROPERTY EDGESCOPE_TEST_PROGRAMS ${name}_test)
  endif()
endfunction()

# edgescope_flatbuffer(MODULE schema.fbs): <schema>_generated.h for the module's sources, made by flatc.
find_program(FLATC flatc REQUIRED)
function(edgescope_flatbuffer module schema)
  get_filename_component(stem ${schema} NAME_WE)
  set(folder ${CMAKE_BINARY_DIR}/generated/${stem})
  set(header ${folder}/${stem}_generated.h)
  add_custom_command(OUTPUT ${header}
    COMMAND ${FLATC} --cpp -o ${folder} ${ARGN} ${CMAKE_SOURCE_DIR}/schemas/${schema}
    DEPENDS ${CMAKE_SOURCE_DIR}/schemas/${schema} VERBATIM)
  target_sources(edgescope_${module} PRIVATE ${header})
  target_include_directories(edgescope_${module} SYSTEM PUBLIC ${folder})
endfunction()

if(EDGESCOPE_TESTS)
  find_package(GTest REQUIRED)
  add_library(edgescope_testing INTERFACE)
  target_include_directories(edgescope_testing INTERFACE ${CMAKE_SOURCE_DIR}/tests)
  target_compile_definitions(edgescope_testing INTERFACE EDGESCOPE_SOURCE_DIR="${CMAKE_SOURCE_DIR}" EDGESCOPE_BINARY_DIR="${CMAKE_BINARY_DIR}")
  target_link_libraries(edgescope_testing INTERFACE GTest::gtest_main GTest::gmock)
  # Tests are compiled once and run for milliseconds: optimising them costs more than it brings.
  target_compile_options(edgescope_testing INTERFACE -O0)
endif()
