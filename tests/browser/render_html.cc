// A document from stdin as the HTML report on stdout, for the browser tests: documents of every kind can
// be shown without measuring anything first.
#include <cstdio>
#include <iostream>
#include <iterator>

#include "report/html.h"

int main() {
  const std::string text((std::istreambuf_iterator<char>(std::cin)), std::istreambuf_iterator<char>());
  const auto document = edgescope::base::parse_json(text, "stdin");
  if (!document) {
    std::fprintf(stderr, "%s\n", document.error().message().c_str());
    return 3;
  }
  std::cout << edgescope::report::html(*document);
  return 0;
}
