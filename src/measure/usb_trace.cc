#include "measure/usb_trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "measure/statistics.h"

namespace edgescope::measure {
namespace {

using base::Json;

constexpr int kMessages = 0x01, kOutputs = 0x81, kEvents = 0x82, kInterrupts = 0x83;

bool is_coral(int vendor, int product) {
  return (vendor == 0x18d1 && product == 0x9302) || (vendor == 0x1a6e && product == 0x089a);
}

// The little-endian word at `offset` of a transfer's first bytes, which stand in the log as hexadecimal digits.
std::uint64_t word(const std::string& head, std::size_t offset, std::size_t bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes; i-- > 0;) {
    unsigned byte = 0;
    const std::size_t at = 2 * (offset + i);
    if (at + 2 <= head.size()) std::from_chars(head.data() + at, head.data() + at + 2, byte, 16);
    value = value << 8 | byte;
  }
  return value;
}

// Follows the messages to one stick.
class CoralLink {
 public:
  // What an OUT transfer on the endpoint for messages is.
  std::string_view name(const Json& transfer) {
    constexpr std::size_t kHeader = 8;
    constexpr std::string_view kTags[] = {"instructions", "input", "parameters"};
    const auto bytes = transfer.at("bytes").get<std::uint64_t>();
    const std::string head = transfer.at("head");
    if (left_ == 0) {
      if (bytes < kHeader) return "unknown";
      left_ = word(head, 0, 4);
      tag_ = static_cast<std::size_t>(word(head, 4, 1) & 0xF);
      return "header";
    }
    left_ -= std::min(left_, bytes);
    return tag_ < std::size(kTags) ? kTags[tag_] : "unknown";
  }

 private:
  std::uint64_t left_ = 0;
  std::size_t tag_ = 0;
};

std::string name_of(const Json& transfer, bool coral, CoralLink& link) {
  const int endpoint = transfer.at("endpoint");
  if (transfer.at("type") == "control") return "control";
  if (!coral) return transfer.at("type");
  if (endpoint == kMessages) return std::string(link.name(transfer));
  return endpoint == kOutputs      ? "output"
         : endpoint == kEvents     ? "event"
         : endpoint == kInterrupts ? "interrupt"
                                   : "unknown";
}

bool completed(const Json& transfer) { return transfer.at("status") == "completed"; }

struct Reader {
  UsbDevice device;
  CoralLink link;
  UsbInference run;  // under way
  bool begun = false;

  void opened(const Json& line) {
    device.vendor = line.value("vendor", 0);
    device.product = line.value("product", 0);
    device.speed = line.value("speed", "");
  }

  void transfer(const Json& line) {
    int address = line.at("endpoint");
    const std::string type = line.at("type");
    auto it = std::find_if(device.endpoints.begin(), device.endpoints.end(),
                           [&](const UsbEndpoint& e) { return e.address == address && e.type == type; });
    if (it == device.endpoints.end()) it = device.endpoints.insert(it, {.address = address, .type = type});
    ++it->transfers;
    it->bytes += line.at("bytes").get<std::uint64_t>();
    it->failed += !completed(line) && line.at("status") != "cancelled";
    if (device.coral() && completed(line)) follow(line, address);
  }

  void follow(const Json& line, int address) {
    const std::string name = name_of(line, true, link);
    const auto bytes = line.at("bytes").get<std::uint64_t>();
    if (address == kMessages && !std::exchange(begun, true)) run.begin_us = line.at("begin_us");
    if (name == "instructions") run.instructions += bytes;
    if (name == "input") run.input += bytes;
    if (name == "parameters") run.parameters += bytes;
    if (name == "output") run.output += bytes;
    if (name != "event" || !begun) return;
    run.us = line.at("us").get<double>() - run.begin_us;
    if (run.input == 0) {
      ++run.uploads;
      return;
    }
    device.inferences.push_back(run);
    run = {};
    begun = false;
  }
};

Json inference_json(const UsbInference& one) {
  return {{"instructions", one.instructions}, {"input", one.input},
          {"parameters", one.parameters},     {"output", one.output},
          {"parameter_uploads", one.uploads}, {"us", one.us}};
}

}  // namespace

bool UsbDevice::coral() const { return is_coral(vendor, product); }

std::vector<UsbDevice> summarise_usb(const std::vector<Json>& log) {
  std::vector<Reader> readers;
  for (const Json& line : log) {
    const std::string place = line.value("device", "");
    auto it = std::find_if(readers.begin(), readers.end(),
                           [&](const Reader& reader) { return reader.device.place == place; });
    if (it == readers.end()) {
      it = readers.insert(it, Reader{});
      it->device.place = place;
    }
    const std::string event = line.value("event", "");
    if (event == "device") it->opened(line);
    if (event == "transfer") it->transfer(line);
  }
  std::vector<UsbDevice> devices;
  for (Reader& reader : readers) {
    std::sort(reader.device.endpoints.begin(), reader.device.endpoints.end(),
              [](const UsbEndpoint& a, const UsbEndpoint& b) { return a.address < b.address; });
    devices.push_back(std::move(reader.device));
  }
  return devices;
}

Json to_json(const std::vector<UsbDevice>& devices) {
  Json list = Json::array();
  for (const UsbDevice& device : devices) {
    Json endpoints = Json::array();
    for (const UsbEndpoint& e : device.endpoints)
      endpoints.push_back({{"endpoint", fmt::format("0x{:02x}", e.address)},
                           {"direction", e.address & 0x80 ? "in" : "out"},
                           {"type", e.type},
                           {"transfers", e.transfers},
                           {"bytes", e.bytes},
                           {"failed", e.failed}});
    Json entry = {{"place", device.place},
                  {"id", fmt::format("{:04x}:{:04x}", device.vendor, device.product)},
                  {"name", device.coral() ? Json("Coral USB Accelerator") : Json(nullptr)},
                  {"speed", device.speed},
                  {"endpoints", std::move(endpoints)}};
    if (device.coral()) {
      const auto& all = device.inferences;
      Json& inferences = entry["inferences"] = {{"count", all.size()}};
      if (!all.empty()) inferences["first"] = inference_json(all.front());
      if (all.size() > 1) {
        std::vector<double> times;
        for (std::size_t i = 1; i < all.size(); ++i) times.push_back(all[i].us);
        Json& later = inferences["later"] = inference_json(all.back());
        later["us"] = median(times);
        later["us_range"] = {*std::min_element(times.begin(), times.end()),
                             *std::max_element(times.begin(), times.end())};
        later["alike"] = std::all_of(all.begin() + 1, all.end(),
                                     [&](const UsbInference& one) { return one.same_bytes(all.back()); });
      }
      Json& each = inferences["each"] = Json::array();
      for (const UsbInference& one : all) each.push_back(inference_json(one));
    }
    list.push_back(std::move(entry));
  }
  return list;
}

Json chrome_trace(const std::vector<Json>& log, const std::string& note) {
  Json events = Json::array();
  std::map<std::string, int> processes;
  std::map<std::string, bool> corals;
  std::map<std::string, CoralLink> links;
  // An endpoint moves one transfer at a time, so a slice begins where the one before it ends, whenever it was queued.
  std::map<std::pair<int, int>, double> ends;
  double start = -1;
  for (const Json& line : log)
    if (line.value("event", "") == "transfer" && (start < 0 || line.at("begin_us").get<double>() < start))
      start = line.at("begin_us");
  const auto named = [&events](const char* what, int process, int thread, const std::string& name) {
    events.push_back({{"ph", "M"}, {"name", what}, {"pid", process}, {"tid", thread}, {"args", {{"name", name}}}});
  };
  for (const Json& line : log) {
    const std::string place = line.value("device", ""), event = line.value("event", "");
    const auto [it, fresh] = processes.try_emplace(place, static_cast<int>(processes.size()) + 1);
    const int process = it->second;
    if (fresh) named("process_name", process, 0, "USB device " + place);
    if (event == "device") corals[place] = is_coral(line.value("vendor", 0), line.value("product", 0));
    if (event != "transfer") continue;
    const int endpoint = line.at("endpoint");
    const std::string name = name_of(line, corals[place], links[place]);
    const auto [last, first] = ends.try_emplace({process, endpoint}, start);
    if (first)
      named("thread_name", process, endpoint,
            fmt::format("endpoint 0x{:02x} {} ({})", endpoint, endpoint & 0x80 ? "in" : "out",
                        line.at("type").get<std::string>()));
    const double end = line.at("us"), begin = std::min(std::max(line.at("begin_us").get<double>(), last->second), end);
    last->second = end;
    events.push_back(
        {{"ph", "X"},
         {"name", name},
         {"cat", "usb"},
         {"pid", process},
         {"tid", endpoint},
         {"ts", begin - start},
         {"dur", end - begin},
         {"args", {{"bytes", line.at("bytes")}, {"wanted", line.at("wanted")}, {"status", line.at("status")}}}});
  }
  return {{"traceEvents", std::move(events)}, {"displayTimeUnit", "ms"}, {"otherData", {{"note", note}}}};
}

}  // namespace edgescope::measure
