// The runtimes that edgescope knows, where each one's library lies on this machine, and what to do
// where it is missing. Linked into the main program: it looks for files and never opens a library.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "graph/model.h"

namespace edgescope::runtime {

// Where to look, from the command line; what is empty comes from the environment, then from the
// project's own runtimes/ folder.
struct Places {
  std::map<std::string, std::string> libraries;  // family -> shared library, or a folder that holds it
  std::string folder;                            // in place of runtimes/
};

struct Found {
  std::string name;                      // "openvino:CPU"
  std::string library;                   // absolute path; empty for "null"
  std::string host = {};                 // of a delegate: the library that runs the graph around it
  std::string source;                    // "--runtime-library", "EDGESCOPE_OPENVINO", "runtimes folder", "built in"
  std::vector<std::string> search_path;  // folders of the libraries that it needs in turn; a stand-in's first
  std::map<std::string, std::string> environment = {};  // that its worker needs beside
};

// The folder that set-up fills, or the one that takes its place.
std::string runtimes_folder(const Places& places = {});

// Every name that works out of the box, in the order of reports: litert, tflite, tflite+xnnpack,
// openvino:CPU, edgetpu, edgetpu:virtual, ie2021:CPU, ie2021:MYRIAD, ncs2:virtual, null. `openvino:<DEVICE>` exists
// for any device that the user's install has, `edgetpu:<N>` for the stick of that number.
const std::vector<std::string>& known();

// "openvino" of "openvino:CPU", "tflite" of "tflite+xnnpack": those that share one library.
std::string_view family(std::string_view name);

// Fault::usage for a name that nobody knows, Fault::missing (with the command that brings it) where
// the library is not there.
base::Result<Found> find(std::string_view name, const Places& places = {});

// True for sticks that are simulated: bytes, stages, memory; never a latency, and results that may mean nothing.
bool is_virtual(std::string_view name);

// The runtimes of today for the CPU whose libraries are here: what a user who names none wants. Without "null" and
// without OpenVINO 2021, which is here for its devices.
std::vector<Found> installed(const Places& places = {});

// Whether the runtime reads this format itself. "null" takes all.
bool accepts(std::string_view name, graph::Format format);

// The program that holds it: "edgescope-worker", or one of its own where it needs another C++ ABI.
std::string_view worker_of(std::string_view name);

}  // namespace edgescope::runtime
