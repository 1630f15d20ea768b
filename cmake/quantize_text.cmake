# Makes a C++ file of the text of src/rewrite/quantize.py, which the program gives to Python. Run with cmake -P.
#   -DSCRIPT= -DOUTPUT=
cmake_policy(VERSION 3.25)
file(READ "${SCRIPT}" text)
file(WRITE "${OUTPUT}" "#include <string_view>\n\nnamespace edgescope::rewrite {\n\n"
  "extern const std::string_view quantize_script;\n"
  "const std::string_view quantize_script = R\"PYTHON(${text})PYTHON\";\n\n}  // namespace edgescope::rewrite\n")
