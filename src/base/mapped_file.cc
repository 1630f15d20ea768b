#include "base/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/checked.h"

namespace edgescope::base {
namespace {

struct Mapping {
  void* address = MAP_FAILED;
  std::size_t size = 0;
  int descriptor = -1;

  Mapping() = default;
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping() {
    if (address != MAP_FAILED) ::munmap(address, size);
    if (descriptor >= 0) ::close(descriptor);
  }
};

}  // namespace

Result<MappedFile> MappedFile::open(const std::string& path) {
  const auto unreadable = [&](std::string why) {
    return fail({.fault = Fault::input, .what = "cannot be read: " + std::move(why), .file = path});
  };
  const auto mapping = std::make_shared<Mapping>();
  mapping->descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (mapping->descriptor < 0) return unreadable(std::strerror(errno));
  struct stat status {};
  if (::fstat(mapping->descriptor, &status) != 0) return unreadable(std::strerror(errno));
  if (S_ISDIR(status.st_mode)) return unreadable("it is a folder");
  if (!S_ISREG(status.st_mode)) return unreadable("it is not a regular file");

  MappedFile file;
  file.path_ = path;
  mapping->size = static_cast<std::size_t>(status.st_size);
  if (mapping->size == 0) return file;
  mapping->address = ::mmap(nullptr, mapping->size, PROT_READ, MAP_PRIVATE, mapping->descriptor, 0);
  if (mapping->address == MAP_FAILED) return unreadable(std::strerror(errno));
  file.bytes_ = {static_cast<const std::byte*>(mapping->address), mapping->size};
  file.descriptor_ = mapping->descriptor;
  file.mapping_ = mapping;
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

std::size_t MappedFile::peek(std::uint64_t offset, std::span<std::byte> into) const {
  if (offset >= bytes_.size()) return 0;
  const std::size_t count = std::min<std::uint64_t>(into.size(), bytes_.size() - offset);
  if (mapping_) {
    const ssize_t copied = ::pread(descriptor_, into.data(), count, static_cast<off_t>(offset));
    return copied > 0 ? static_cast<std::size_t>(copied) : 0;
  }
  std::memcpy(into.data(), bytes_.data() + offset, count);
  return count;
}

MappedFile MappedFile::borrow(std::span<const std::byte> bytes, std::string path) {
  MappedFile file;
  file.bytes_ = bytes;
  file.path_ = std::move(path);
  return file;
}

}  // namespace edgescope::base
