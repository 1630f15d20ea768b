# Makes one C++ file of the HTML report's source: page.html with the style, the script's parts and the
# chart library put in, cut where the document goes. Run with cmake -P; see src/report/web/.
#   -DPAGE= -DSTYLE= -DCHARTS= -DSCRIPTS=a|b|c -DOUTPUT=
cmake_policy(VERSION 3.25)
file(READ "${PAGE}" page)
file(READ "${STYLE}" style)
file(READ "${CHARTS}" charts)
string(REGEX REPLACE "//# sourceMappingURL=[^\n]*" "" charts "${charts}")
set(script "")
string(REPLACE "|" ";" SCRIPTS "${SCRIPTS}")
foreach(part IN LISTS SCRIPTS)
  file(READ "${part}" text)
  string(APPEND script "${text}\n")
endforeach()
if("${charts}${script}" MATCHES "</[sS][cC][rR][iI][pP][tT]")
  message(FATAL_ERROR "a script of the HTML report would end the page's script element")
endif()
foreach(name STYLE CHARTS SCRIPT)
  string(TOLOWER ${name} variable)
  string(REPLACE "@${name}@" "${${variable}}" page "${page}")
endforeach()
string(FIND "${page}" "@DOCUMENT@" cut)
string(SUBSTRING "${page}" 0 ${cut} head)
math(EXPR rest "${cut} + 10")
string(SUBSTRING "${page}" ${rest} -1 tail)
file(WRITE "${OUTPUT}" "#include \"report/page.h\"\n\nnamespace edgescope::report {\n\n"
  "const std::string_view page_head = R\"EDGESCOPE(${head})EDGESCOPE\";\n\n"
  "const std::string_view page_tail = R\"EDGESCOPE(${tail})EDGESCOPE\";\n\n}  // namespace edgescope::report\n")
