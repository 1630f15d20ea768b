#include "base/atomic_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace edgescope::base {

Status write_file(const std::string& path, std::string_view content) {
  const std::string beside = fmt::format("{}.{}.part", path, ::getpid());
  const auto failed = [&](int error) {
    ::unlink(beside.c_str());
    return fail(
        {.fault = Fault::output, .what = fmt::format("cannot be written: {}", std::strerror(error)), .file = path});
  };
  const int fd = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0) return failed(errno);
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      const int error = errno;
      ::close(fd);
      return failed(error);
    }
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::close(fd) != 0) return failed(errno);
  if (std::rename(beside.c_str(), path.c_str()) != 0) return failed(errno);
  return {};
}

}  // namespace edgescope::base
