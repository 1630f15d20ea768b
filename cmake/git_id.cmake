# Writes OUTPUT, a header with the id of SOURCE's commit, when that has changed. Runs at every build.
execute_process(COMMAND git describe --always --dirty --abbrev=10 WORKING_DIRECTORY ${SOURCE}
                OUTPUT_VARIABLE id OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
if(failed OR NOT id)
  set(id "no git")
endif()
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT "#define EDGESCOPE_GIT_ID \"@id@\"\n" @ONLY)
