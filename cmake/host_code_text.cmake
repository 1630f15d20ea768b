# Makes one C++ file of headers' text, for headers that the program writes. Run with cmake -P.
#   -DHEADERS=a.h|b.h -DOUTPUT=
cmake_policy(VERSION 3.25)
string(REPLACE "|" ";" HEADERS "${HEADERS}")
set(text "")
foreach(header IN LISTS HEADERS)
  file(READ "${header}" code)
  string(REPLACE "#pragma once\n\n" "" code "${code}")
  string(APPEND text "${code}\n")
endforeach()
file(WRITE "${OUTPUT}" "#include \"forest/host_code.h\"\n\nnamespace edgescope::forest {\n\n"
  "const std::string_view host_code = R\"HOSTCODE(${text})HOSTCODE\";\n\n}  // namespace edgescope::forest\n")
