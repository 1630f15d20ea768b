#include "base/atomic_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace edgescope::base {

namespace {

constexpr std::size_t kGathered = 1 << 20;

// 0, or what failed.
int write_all(int fd, std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno != EINTR) return errno;
    if (written > 0) content.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

}  // namespace

Status write_file(const std::string& path, std::string_view content) {
  Pieces pieces;
  pieces.refer(content);
  return write_file(path, pieces);
}

Status write_file(const std::string& path, const Pieces& content) {
  const std::string beside = fmt::format("{}.{}.part", path, ::getpid());
  const auto failed = [&](int error) {
    ::unlink(beside.c_str());
    return fail(
        {.fault = Fault::output, .what = fmt::format("cannot be written: {}", std::strerror(error)), .file = path});
  };
  const int fd = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (fd < 0) return failed(errno);
  // Small pieces are written together: a call for each would take longer than the bytes.
  std::string gathered;
  int error = 0;
  for (const std::string_view each : content.list()) {
    if (error == 0 && gathered.size() + each.size() > kGathered) {
      error = write_all(fd, gathered);
      gathered.clear();
    }
    if (each.size() < kGathered)
      gathered += each;
    else if (error == 0)
      error = write_all(fd, each);
  }
  if (error == 0) error = write_all(fd, gathered);
  if (error != 0) {
    ::close(fd);
    return failed(error);
  }
  if (::close(fd) != 0) return failed(errno);
  if (std::rename(beside.c_str(), path.c_str()) != 0) return failed(errno);
  return {};
}

}  // namespace edgescope::base
