#include "virtual/log.h"

#include <fcntl.h>
#include <unistd.h>

#include <chrono>

#include "base/mapped_file.h"

namespace edgescope::virtual_usb {

using base::Json;

base::Result<std::shared_ptr<Log>> Log::open(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor < 0)
    return base::fail({.fault = base::Fault::output, .what = "the log of the USB bus cannot be written", .file = path});
  return std::make_shared<Log>(descriptor);
}

Log::~Log() { ::close(descriptor_); }

double Log::now() {
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void Log::write(const std::string& device, Json line) const {
  if (!line.contains("us")) line["us"] = now();
  line["device"] = device;
  const std::string text = base::dump(line) + "\n";
  // One call a line: the system does not mix what is appended by one call with what is appended by another.
  [[maybe_unused]] const ssize_t written = ::write(descriptor_, text.data(), text.size());
}

base::Result<std::vector<Json>> read_log(const std::string& path) {
  EDGESCOPE_TRY(file, base::MappedFile::open(path));
  std::string_view text(reinterpret_cast<const char*>(file.bytes().data()), file.size());
  std::vector<Json> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) break;
    EDGESCOPE_TRY(line, base::parse_json(text.substr(0, end), path));
    lines.push_back(std::move(line));
    text.remove_prefix(end + 1);
  }
  return lines;
}

}  // namespace edgescope::virtual_usb
