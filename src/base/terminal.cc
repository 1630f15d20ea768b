#include "base/terminal.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace edgescope::base {
namespace {

bool set(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0';
}

bool dumb() {
  const char* term = std::getenv("TERM");
  return term != nullptr && std::string_view(term) == "dumb";
}

bool colored(int fd) {
  if (set("NO_COLOR")) return false;
  if (const char* force = std::getenv("CLICOLOR_FORCE"); force && *force && std::string_view(force) != "0") return true;
  return ::isatty(fd) == 1 && !dumb();
}

int columns(int fd) {
  winsize size{};
  if (::isatty(fd) != 1 || ::ioctl(fd, TIOCGWINSZ, &size) != 0) return 0;
  return size.ws_col;
}

}  // namespace

Terminal stdout_terminal() { return {.color = colored(STDOUT_FILENO), .width = columns(STDOUT_FILENO)}; }

std::string printable(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      out += fmt::format("\\x{:02x}", c);
    else
      out += c;
  }
  return out;
}

Progress::Progress(ProgressMode mode)
    : enabled_(mode == ProgressMode::Always || (mode == ProgressMode::Auto && ::isatty(STDERR_FILENO) == 1 && !dumb())),
      immediate_(mode == ProgressMode::Always),
      start_(std::chrono::steady_clock::now()),
      last_(start_) {}

void Progress::update(std::string_view text, double fraction) {
  if (!enabled_) return;
  const auto now = std::chrono::steady_clock::now();
  const std::chrono::duration<double> elapsed = now - start_;
  if (!immediate_ && elapsed.count() < 1) return;
  if (shown_ && now - last_ < std::chrono::milliseconds(100)) return;
  last_ = now;
  std::string line(text);
  if (fraction > 0 && fraction <= 1)
    line += fmt::format("  {:.0f} %, {:.0f} s left", 100 * fraction, elapsed.count() * (1 - fraction) / fraction);
  if (const int width = columns(STDERR_FILENO); width > 1 && line.size() >= static_cast<std::size_t>(width))
    line.resize(static_cast<std::size_t>(width) - 1);
  std::fprintf(stderr, "\r%s\x1b[K", line.c_str());
  std::fflush(stderr);
  shown_ = true;
}

void Progress::clear() {
  if (!shown_) return;
  std::fputs("\r\x1b[K", stderr);
  std::fflush(stderr);
  shown_ = false;
}

}  // namespace edgescope::base
