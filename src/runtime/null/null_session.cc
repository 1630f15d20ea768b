#include "runtime/null/null_session.h"

#include <charconv>

namespace edgescope::runtime {
namespace {

constexpr std::uint64_t kMaxPortBytes = 1u << 30;

class NullSession final : public Session {
 public:
  base::Result<std::string> version(const std::string&) override { return "1"; }

  base::Result<Loaded> load(const LoadRequest& request) override {
    Loaded loaded{.version = "1", .kernels = "none", .precision = "none", .threads = request.threads};
    EDGESCOPE_CHECK(make_ports(request, "inputs", loaded.inputs, inputs_));
    EDGESCOPE_CHECK(make_ports(request, "outputs", loaded.outputs, outputs_));
    return loaded;
  }

  std::span<std::byte> input(std::size_t index) override { return inputs_[index]; }
  std::span<const std::byte> output(std::size_t index) override { return outputs_[index]; }
  base::Status run() override { return {}; }

 private:
  static base::Status make_ports(const LoadRequest& request, const std::string& key, std::vector<Port>& ports,
                                 std::vector<std::vector<std::byte>>& buffers) {
    const auto property = request.properties.find(key);
    const std::string list = property == request.properties.end() ? "4" : property->second;
    buffers.clear();
    for (std::size_t at = 0; at < list.size();) {
      std::uint64_t bytes = 0;
      const auto [end, error] = std::from_chars(list.data() + at, list.data() + list.size(), bytes);
      at = static_cast<std::size_t>(end - list.data());
      if (error != std::errc() || bytes > kMaxPortBytes || (at < list.size() && list[at] != ','))
        return base::fail({.fault = base::Fault::usage, .what = "null: \"" + list + "\" is not a list of byte counts"});
      ++at;
      ports.push_back({.name = key + std::to_string(ports.size()),
                       .type = graph::ElementType::UInt8,
                       .shape = {static_cast<std::int64_t>(bytes)},
                       .bytes = bytes});
      buffers.emplace_back(bytes);
    }
    return {};
  }

  std::vector<std::vector<std::byte>> inputs_, outputs_;
};

}  // namespace

std::unique_ptr<Session> make_null_session() { return std::make_unique<NullSession>(); }

}  // namespace edgescope::runtime
