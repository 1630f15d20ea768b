// The one place that knows whether somebody is looking: colours, width, progress.
//
// NO_COLOR, CLICOLOR_FORCE and TERM=dumb are heeded (no-color.org, bixense.com/clicolors). Progress
// appears on stderr, on a terminal only, and only for what lasts longer than a second.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace edgescope::base {

enum class ProgressMode { Auto, Always, Never };

struct Terminal {
  bool color = false;
  int width = 0;  // columns; 0 where the output is not a terminal: lines are then never cut
};

Terminal stdout_terminal();

// Names come from files, and a file can be hostile: control characters as \x1b, so that a name neither ends a
// line nor moves the cursor.
std::string printable(std::string_view text);

class Progress {
 public:
  explicit Progress(ProgressMode mode);
  ~Progress() { clear(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Shows `text` in place of the last one. `fraction` in [0, 1] adds the time that remains; negative: unknown.
  void update(std::string_view text, double fraction = -1);
  void clear();

 private:
  bool shown_ = false;
  bool enabled_ = false;
  bool immediate_ = false;
  std::chrono::steady_clock::time_point start_, last_;
};

}  // namespace edgescope::base
