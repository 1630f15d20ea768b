// Figures as people read them. JSON keeps plain numbers; these are for text, Markdown and HTML.
#pragma once

#include <cstdint>
#include <string>

namespace edgescope::base {

std::string bytes_text(std::uint64_t bytes);         // "128 B", "4.25 KiB", "8.09 MiB"
std::string count_text(std::uint64_t count);         // "999", "1.20 k", "300.4 M", "1.10 G"
std::string microseconds_text(double microseconds);  // "0.31 us", "37.5 us", "3.42 ms", "1.20 s"

}  // namespace edgescope::base
