// A log of USB transfers (virtual/log.h) made readable: sums by endpoint, and for a Coral stick what each transfer was
// and where one inference ends and the next begins, read off the protocol alone, without the model.
//
// A message to the stick is a header with length and tag, then its data; an event on endpoint 0x82 ends the run of an
// executable. A run that gets no input uploads parameters and counts with the inference behind it. What the chip spills
// to the host and reads back cannot be told from inputs and outputs here.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/json.h"

namespace edgescope::measure {

struct UsbEndpoint {
  int address = 0;  // with the direction in its highest bit; 0 and 0x80 are control transfers
  std::string type;
  std::uint64_t transfers = 0, bytes = 0;
  std::uint64_t failed = 0;  // cancelled ones not counted: that is how a queue of waiting reads ends
};

struct UsbInference {
  double begin_us = 0, us = 0;
  std::uint64_t instructions = 0, input = 0, parameters = 0, output = 0;
  std::uint64_t uploads = 0;  // runs without input

  bool same_bytes(const UsbInference& other) const {
    return instructions == other.instructions && input == other.input && parameters == other.parameters &&
           output == other.output;
  }
};

struct UsbDevice {
  std::string place;            // bus and ports
  int vendor = 0, product = 0;  // as it was when it was opened last
  std::string speed;
  std::vector<UsbEndpoint> endpoints;
  std::vector<UsbInference> inferences;  // Coral sticks only

  bool coral() const;
};

// In the order in which the devices were first used.
std::vector<UsbDevice> summarise_usb(const std::vector<base::Json>& log);

// The member `devices` of the trace document (docs/json.md). Where the device is simulated its times say nothing.
base::Json to_json(const std::vector<UsbDevice>& devices);

// Every transfer as a slice of the Chrome trace format, which Perfetto reads: a process a device, a thread an endpoint.
base::Json chrome_trace(const std::vector<base::Json>& log, const std::string& note);

}  // namespace edgescope::measure
