#include "base/units.h"

#include <fmt/format.h>

#include <cmath>

namespace edgescope::base {
namespace {

// Three or four significant digits, the decimals that are left after the integer part.
std::string figure(double value) {
  const double magnitude = std::abs(value);
  if (magnitude >= 1000) return fmt::format("{:.0f}", value);
  if (magnitude >= 100) return fmt::format("{:.1f}", value);
  return fmt::format("{:.2f}", value);
}

}  // namespace

std::string bytes_text(std::uint64_t bytes) {
  if (bytes < 1024) return fmt::format("{} B", bytes);
  const char* const units[] = {"KiB", "MiB", "GiB", "TiB"};
  double value = static_cast<double>(bytes) / 1024;
  int unit = 0;
  while (value >= 1024 && unit < 3) {
    value /= 1024;
    ++unit;
  }
  return figure(value) + " " + units[unit];
}

std::string count_text(std::uint64_t count) {
  if (count < 1000) return std::to_string(count);
  const char* const units[] = {"k", "M", "G", "T"};
  double value = static_cast<double>(count) / 1000;
  int unit = 0;
  while (value >= 1000 && unit < 3) {
    value /= 1000;
    ++unit;
  }
  return figure(value) + " " + units[unit];
}

std::string microseconds_text(double microseconds) {
  const double magnitude = std::abs(microseconds);
  if (magnitude >= 1e6) return figure(microseconds / 1e6) + " s";
  if (magnitude >= 1e3) return figure(microseconds / 1e3) + " ms";
  if (magnitude > 0 && magnitude < 0.99995) return figure(microseconds * 1e3) + " ns";
  return figure(microseconds) + " us";
}

}  // namespace edgescope::base
