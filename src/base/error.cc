#include "base/error.h"

#include <fmt/format.h>

#include "base/terminal.h"

namespace edgescope::base {

std::string Error::message() const {
  std::string text;
  if (!file.empty()) text += file + ": ";
  if (offset) text += fmt::format("at byte {}: ", *offset);
  text += what;
  if (!node.empty()) text += fmt::format(" (in `{}`)", node);
  if (!remedy.empty()) text += fmt::format(". {}", remedy);
  return printable(text);
}

int exit_code(Fault fault) {
  switch (fault) {
    case Fault::usage:
      return 2;
    case Fault::input:
      return 3;
    case Fault::missing:
      return 4;
    case Fault::interrupted:
      return 130;
    case Fault::runtime:
    case Fault::output:
      break;
  }
  return 70;
}

}  // namespace edgescope::base
