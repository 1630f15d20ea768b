#include "virtual/coral/stick.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "virtual/coral/wire.h"

namespace edgescope::virtual_usb::coral {
namespace {

using format::edgetpu::DmaStep;
using format::edgetpu::Executable;
using format::edgetpu::ExecutableType;
using format::edgetpu::InstructionChunk;
using format::edgetpu::Layer;
using format::edgetpu::PatchedField;

constexpr std::uint8_t kBulkOut = 0x01, kOutputs = 0x81, kEvents = 0x82;
constexpr std::size_t kHeader = 8, kEventBytes = 16;
constexpr std::uint32_t kScuCtrl3 = 0x1a318;
constexpr std::uint8_t kClassRequest = 0x20, kVendorRequest = 0x40, kTypeMask = 0x60;

std::uint64_t little_endian(std::span<const std::uint8_t> bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = std::min<std::size_t>(bytes.size(), 8); i-- > 0;) value = value << 8 | bytes[i];
  return value;
}

const char* tag_name(std::uint8_t tag) {
  constexpr const char* names[] = {"instructions", "input", "parameters"};
  return tag < 3 ? names[tag] : "an unknown tag";
}

// Which tag the host uses for a step that goes in; -1 for steps that go out.
int tag_of(DmaStep::Kind kind) {
  switch (kind) {
    case DmaStep::Kind::Instructions:
      return 0;
    case DmaStep::Kind::Input:
    case DmaStep::Kind::ScratchIn:
      return 1;
    case DmaStep::Kind::Parameters:
      return 2;
    default:
      return -1;
  }
}

}  // namespace

Stick::Stick(std::vector<Operator> operators, Speed speed, bool has_firmware, Listener listener)
    : operators_(std::move(operators)), speed_(speed), running_(has_firmware), listener_(std::move(listener)) {
  registers_[kScuCtrl3] = 0x80050410;
}

std::vector<std::uint8_t> Stick::configuration_descriptor() const {
  if (!running_) {
    // One DFU interface (class 0xFE, subclass 1) and its functional descriptor: 256-byte blocks, down and up.
    return {9,    2, 27, 0, 1, 1,    0,    0x80, 0xFA, 9,    4,    0,    0,   0,
            0xFE, 1, 2,  0, 9, 0x21, 0x07, 0xE8, 0x03, 0x00, 0x01, 0x10, 0x01};
  }
  const std::uint16_t packet = speed_ == Speed::Super ? 1024 : 512;
  const auto low = static_cast<std::uint8_t>(packet & 0xFF), high = static_cast<std::uint8_t>(packet >> 8);
  return {9,    2, 46, 0, 1,    1, 0,   0x80, 0xFA, 9, 4, 0,    0, 4,   0xFF, 0xFF, 0xFF, 0, 7,    5, 0x01, 2, low,
          high, 0, 7,  5, 0x81, 2, low, high, 0,    7, 5, 0x82, 2, low, high, 0,    7,    5, 0x83, 3, 4,    0, 1};
}

std::optional<std::vector<std::uint8_t>> Stick::control(const Setup& setup, std::span<const std::uint8_t> data) {
  constexpr std::uint8_t kGetDescriptor = 6, kDevice = 1, kConfiguration = 2;
  if ((setup.request_type & kTypeMask) == kVendorRequest)
    return running_ ? register_request(setup, data) : std::nullopt;
  if ((setup.request_type & kTypeMask) == kClassRequest) return firmware_request(setup, data);
  if (setup.request == kGetDescriptor && setup.value >> 8 == kDevice) return device_descriptor();
  if (setup.request == kGetDescriptor && setup.value >> 8 == kConfiguration) return configuration_descriptor();
  return std::vector<std::uint8_t>{};
}

std::optional<std::vector<std::uint8_t>> Stick::firmware_request(const Setup& setup,
                                                                 std::span<const std::uint8_t> data) {
  enum : std::uint8_t { kDetach, kDownload, kUpload, kGetStatus, kClearStatus, kGetState, kAbort };
  constexpr std::size_t kBlock = 256;
  switch (setup.request) {
    case kDownload:
      if (setup.value == 0) firmware_.clear();
      firmware_.insert(firmware_.end(), data.begin(), data.end());
      firmware_state_ = data.empty() ? 2 : 5;
      return std::vector<std::uint8_t>{};
    case kUpload: {
      const std::size_t begin = std::min<std::size_t>(setup.value * kBlock, firmware_.size());
      const std::size_t end = std::min<std::size_t>(begin + setup.length, firmware_.size());
      return std::vector<std::uint8_t>(firmware_.begin() + static_cast<std::ptrdiff_t>(begin),
                                       firmware_.begin() + static_cast<std::ptrdiff_t>(end));
    }
    case kGetStatus:
      return std::vector<std::uint8_t>{0, 0, 0, 0, firmware_state_, 0};
    case kGetState:
      return std::vector<std::uint8_t>{firmware_state_};
    case kClearStatus:
    case kAbort:
      firmware_state_ = 2;
      return std::vector<std::uint8_t>{};
    case kDetach:
      return std::vector<std::uint8_t>{};
    default:
      return std::nullopt;
  }
}

std::optional<std::vector<std::uint8_t>> Stick::register_request(const Setup& setup,
                                                                 std::span<const std::uint8_t> data) {
  const std::uint32_t offset = setup.value | static_cast<std::uint32_t>(setup.index) << 16;
  const std::size_t width = setup.request == 0 ? 8 : 4;
  if (setup.request > 1 || setup.length != width) return std::nullopt;
  if (setup.request_type & 0x80) {
    std::vector<std::uint8_t> answer(width);
    const auto it = registers_.find(offset);
    const std::uint64_t value = it == registers_.end() ? 0 : it->second;
    for (std::size_t i = 0; i < width; ++i) answer[i] = static_cast<std::uint8_t>(value >> (8 * i));
    return answer;
  }
  std::uint64_t value = little_endian(data);
  if (offset == kScuCtrl3) {
    // Force sleep (bits 22-23 = 3) brings the power state (bits 8-9) to 2 and loses the core's registers.
    const bool sleep = (value >> 22 & 3) == 3;
    value = (value & ~std::uint64_t{0x300}) | (sleep ? 0x200u : 0u);
    if (sleep) {
      registers_.erase(registers_.lower_bound(0x40000), registers_.lower_bound(0x50000));
      cached_.clear();
    }
  }
  registers_[offset] = value;
  return std::vector<std::uint8_t>{};
}

bool Stick::bulk_out(std::uint8_t endpoint, std::span<const std::uint8_t> data) {
  if (!running_ || halted_ || endpoint != kBulkOut) return false;
  pending_.insert(pending_.end(), data.begin(), data.end());
  std::size_t done = 0;
  while (!halted_ && pending_.size() - done >= kHeader) {
    const auto left = std::span<const std::uint8_t>(pending_).subspan(done);
    const std::size_t length = little_endian(left.first(4));
    if (left.size() < kHeader + length) break;
    message(left[4] & 0xF, left.subspan(kHeader, length));
    done += kHeader + length;
  }
  pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(done));
  return !halted_;
}

void Stick::message(std::uint8_t tag, std::span<const std::uint8_t> data) {
  if (!current_) {
    if (tag != 0 || !recognise(data))
      return error(fmt::format("{} B of {} begin no executable of the models that this stick was told about",
                               data.size(), tag_name(tag)));
    if (!begin()) return;
  }
  if (!current_ || step_ >= current_->steps.size()) return;
  const DmaStep& step = current_->steps[step_];
  const auto type = executable_type_name(current_->type);
  if (tag_of(step.kind) != tag)
    return error(fmt::format("step {} of {}: {} B of {} came, the hints say {} B of {}", step_, type, data.size(),
                             tag_name(tag), step.bytes, dma_kind_name(step.kind)));
  if (data.size() != step.bytes)
    return error(fmt::format("step {} of {}: {} B of {} came, the hints say {} B", step_, type, data.size(),
                             tag_name(tag), step.bytes));
  if (step.kind == DmaStep::Kind::Input) keep_input(step, data);
  listener_({.op = op_, .executable = current_->type, .step = step.kind, .layer = step.layer, .bytes = data.size()});
  ++step_;
  advance();
}

// The driver has patched addresses into the instructions: those bits are left out of the comparison.
bool Stick::recognise(std::span<const std::uint8_t> instructions) {
  for (op_ = 0; op_ < operators_.size(); ++op_)
    for (const Executable& executable : operators_[op_].package->executables) {
      if (executable.instructions.empty()) continue;
      const InstructionChunk& chunk = executable.instructions.front();
      if (chunk.bytes.size() != instructions.size()) continue;
      std::vector<std::uint8_t> mask(instructions.size(), 0xFF);
      for (const PatchedField& field : chunk.fields)
        for (std::uint64_t bit = field.bit; bit < field.bit + 32; ++bit)
          mask[bit / 8] = static_cast<std::uint8_t>(mask[bit / 8] & ~(1u << bit % 8));
      bool equal = true;
      for (std::size_t i = 0; i < instructions.size() && equal; ++i)
        equal = ((instructions[i] ^ std::to_integer<std::uint8_t>(chunk.bytes[i])) & mask[i]) == 0;
      if (!equal) continue;
      current_ = &executable;
      return true;
    }
  return false;
}

// Parameters of another token, or none, would make the answer wrong without a word.
bool Stick::begin() {
  step_ = 0;
  inputs_.clear();
  computed_.clear();
  if (current_->type == ExecutableType::ExecutionOnly && !cached_.contains(op_)) {
    error(fmt::format(
        "an inference needs parameters of token {:016x}, the chip holds {}", current_->caching_token,
        cached_.empty()
            ? "none"
            : fmt::format("those of {} with token {:016x}",
                          cached_.size() == 1 ? "one operator" : fmt::format("{} operators", cached_.size()), token_)));
    return false;
  }
  // Whatever is not an inference on cached parameters writes over them.
  if (current_->type == ExecutableType::StandAlone ||
      (current_->type == ExecutableType::ParameterCaching && current_->caching_token != token_))
    cached_.clear();
  advance();
  return true;
}

void Stick::keep_input(const DmaStep& step, std::span<const std::uint8_t> data) {
  if (!operators_[op_].compute) return;
  Values& layer = inputs_[step.layer];
  if (layer.size() < step.offset + data.size()) layer.resize(step.offset + data.size());
  std::copy(data.begin(), data.end(), layer.begin() + static_cast<std::ptrdiff_t>(step.offset));
}

void Stick::advance() {
  while (current_ && step_ < current_->steps.size()) {
    const DmaStep& step = current_->steps[step_];
    if (tag_of(step.kind) >= 0) return;
    if (step.kind == DmaStep::Kind::Output || step.kind == DmaStep::Kind::ScratchOut) {
      outputs_.push_back(output(step));
      if (halted_) return;
      listener_({.op = op_, .executable = current_->type, .step = step.kind, .layer = step.layer, .bytes = step.bytes});
    } else if (step.kind == DmaStep::Kind::Interrupt) {
      std::vector<std::uint8_t> event(kEventBytes, 0);
      event[12] = static_cast<std::uint8_t>(4 + step.index);
      events_.push_back(std::move(event));
    }
    ++step_;
  }
  finish();
}

Values Stick::output(const DmaStep& step) {
  Values data(step.bytes, 0);
  if (!operators_[op_].compute || step.kind != DmaStep::Kind::Output) return data;
  if (computed_.empty()) compute();
  if (const auto it = computed_.find(step.layer); it != computed_.end() && step.offset < it->second.size()) {
    const auto begin = it->second.begin() + static_cast<std::ptrdiff_t>(step.offset);
    std::copy_n(begin, std::min<std::size_t>(data.size(), it->second.size() - step.offset), data.begin());
  }
  return data;
}

void Stick::compute() {
  std::vector<Values> values;
  for (const Layer& layer : current_->inputs) values.push_back(from_wire(layer, inputs_[layer.name]));
  const auto answers = operators_[op_].compute(values);
  if (!answers) return error("the values of the source model: " + answers.error().message());
  for (std::size_t i = 0; i < current_->outputs.size() && i < answers->size(); ++i) {
    auto wire = to_wire(current_->outputs[i], (*answers)[i]);
    if (!wire) return error(wire.error().message());
    computed_[current_->outputs[i].name] = std::move(*wire);
  }
}

void Stick::finish() {
  if (!current_) return;
  if (current_->type == ExecutableType::ParameterCaching) {
    token_ = current_->caching_token;
    cached_.insert(op_);
  }
  listener_({.kind = Event::Kind::Done, .op = op_, .executable = current_->type});
  current_ = nullptr;
}

std::optional<std::vector<std::uint8_t>> Stick::in(std::uint8_t endpoint, std::size_t limit) {
  if (endpoint == kOutputs && !outputs_.empty()) {
    std::vector<std::uint8_t>& front = outputs_.front();
    const std::size_t size = std::min(limit, front.size() - output_at_);
    const auto begin = front.begin() + static_cast<std::ptrdiff_t>(output_at_);
    std::vector<std::uint8_t> packet(begin, begin + static_cast<std::ptrdiff_t>(size));
    output_at_ += size;
    if (output_at_ == front.size()) {
      outputs_.pop_front();
      output_at_ = 0;
    }
    return packet;
  }
  // An executable is done when its outputs have been fetched.
  if (endpoint == kEvents && !events_.empty() && outputs_.empty()) {
    std::vector<std::uint8_t> event = std::move(events_.front());
    events_.pop_front();
    return event;
  }
  return std::nullopt;
}

void Stick::reset() {
  if (!running_ && !firmware_.empty()) {
    running_ = true;
    listener_({.kind = Event::Kind::Firmware, .bytes = firmware_.size()});
  }
  stop();
  halted_ = false;
  cached_.clear();
  registers_.clear();
  registers_[kScuCtrl3] = 0x80050410;
}

void Stick::closed() {
  if (current_ && !halted_) error(fmt::format("closed at step {} of {}", step_, current_->steps.size()));
  stop();
}

// Nothing is under way any more.
void Stick::stop() {
  pending_.clear();
  current_ = nullptr;
  outputs_.clear();
  events_.clear();
  output_at_ = 0;
}

void Stick::error(std::string text) {
  halted_ = true;
  listener_({.kind = Event::Kind::Error, .message = std::move(text)});
}

}  // namespace edgescope::virtual_usb::coral
