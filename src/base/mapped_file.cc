#include "base/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/checked.h"

namespace edgescope::base {

Result<MappedFile> MappedFile::open(const std::string& path) {
  const auto unreadable = [&](std::string why) {
    return fail({.fault = Fault::input, .what = "cannot be read: " + std::move(why), .file = path});
  };
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return unreadable(std::strerror(errno));
  const std::unique_ptr<const int, void (*)(const int*)> closer(&fd, [](const int* f) { ::close(*f); });
  struct stat status {};
  if (::fstat(fd, &status) != 0) return unreadable(std::strerror(errno));
  if (S_ISDIR(status.st_mode)) return unreadable("it is a folder");
  if (!S_ISREG(status.st_mode)) return unreadable("it is not a regular file");

  MappedFile file;
  file.path_ = path;
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size == 0) return file;
  void* address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
  if (address == MAP_FAILED) return unreadable(std::strerror(errno));
  file.mapping_ = std::shared_ptr<const void>(address, [size](const void* p) { ::munmap(const_cast<void*>(p), size); });
  file.bytes_ = {static_cast<const std::byte*>(address), size};
  return file;
}

void MappedFile::release(std::uint64_t offset, std::uint64_t size) const {
  if (!mapping_ || !within(offset, size, bytes_.size())) return;
  const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  const std::uint64_t begin = offset / page * page;
  const std::uint64_t end = offset + size == bytes_.size() ? offset + size : (offset + size) / page * page;
  if (begin >= end) return;
  // A private mapping that nobody writes to: the file still has what is dropped.
  ::madvise(const_cast<std::byte*>(bytes_.data()) + begin, end - begin, MADV_DONTNEED);
}

MappedFile MappedFile::borrow(std::span<const std::byte> bytes, std::string path) {
  MappedFile file;
  file.bytes_ = bytes;
  file.path_ = std::move(path);
  return file;
}

}  // namespace edgescope::base
