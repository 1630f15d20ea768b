// What a file will hold, piece after piece: bytes that were made for it, and bytes that stand elsewhere (weights
// in a mapped file) and are not copied. So a model of gigabytes is written with the memory of its description.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace edgescope::base {

class Pieces {
 public:
  // Bytes that the pieces own from here on.
  void own(std::string bytes) {
    const auto made = std::make_shared<const std::string>(std::move(bytes));
    refer(std::string_view(*made));
    keep(made);
  }
  // Bytes that somebody else keeps for as long as the pieces are used.
  void refer(std::string_view bytes) {
    size_ += bytes.size();
    if (!bytes.empty()) list_.push_back(bytes);
  }
  void refer(std::span<const std::byte> bytes) {
    refer(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  }
  void zeros(std::size_t count) {
    if (count > 0) own(std::string(count, '\0'));
  }
  // What must live as long as the bytes that were referred to.
  void keep(std::shared_ptr<const void> owner) { kept_.push_back(std::move(owner)); }
  // Zeros up to the next multiple.
  void align(std::size_t multiple) { zeros((multiple - size_ % multiple) % multiple); }
  // All of `other` behind what is here.
  void append(Pieces&& other) {
    list_.insert(list_.end(), other.list_.begin(), other.list_.end());
    kept_.insert(kept_.end(), other.kept_.begin(), other.kept_.end());
    size_ += other.size_;
    other = {};
  }

  std::uint64_t size() const { return size_; }
  std::span<const std::string_view> list() const { return list_; }

 private:
  std::vector<std::string_view> list_;
  std::vector<std::shared_ptr<const void>> kept_;
  std::uint64_t size_ = 0;
};

}  // namespace edgescope::base
