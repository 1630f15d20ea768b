# The HTML report's page, made at build time of its source and the chart library that set-up brings.
set(EDGESCOPE_CHART_JS ${CMAKE_SOURCE_DIR}/runtimes/web/chart.js/package/dist/chart.umd.min.js
    CACHE FILEPATH "Chart.js 4 as one script (chart.umd.min.js)")
if(NOT EXISTS ${EDGESCOPE_CHART_JS})
  message(FATAL_ERROR "The HTML report's chart library is missing: ${EDGESCOPE_CHART_JS}\n"
    "Run `make setup`, which brings it, or name another copy with -DEDGESCOPE_CHART_JS=FILE.")
endif()

# edgescope_report_page(TARGET): adds the page to the target.
function(edgescope_report_page target)
  set(web ${CMAKE_SOURCE_DIR}/src/report/web)
  # In the order in which they need each other.
  list(TRANSFORM ARGN PREPEND ${web}/ OUTPUT_VARIABLE scripts)
  list(JOIN scripts | joined)
  set(output ${CMAKE_CURRENT_BINARY_DIR}/report_page.cc)
  add_custom_command(OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -DPAGE=${web}/page.html -DSTYLE=${web}/style.css -DCHARTS=${EDGESCOPE_CHART_JS}
      "-DSCRIPTS=${joined}" -DOUTPUT=${output} -P ${CMAKE_SOURCE_DIR}/cmake/report_page.cmake
    DEPENDS ${web}/page.html ${web}/style.css ${scripts} ${EDGESCOPE_CHART_JS} ${CMAKE_SOURCE_DIR}/cmake/report_page.cmake
    COMMENT "HTML report's page" VERBATIM)
  target_sources(${target} PRIVATE ${output})
endfunction()
