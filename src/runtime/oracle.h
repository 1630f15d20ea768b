// What a runtime tells of a model without running it: whether its compiler takes it, and what it makes of it.
// A session whose runtime can answer is an Oracle too.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "runtime/session.h"

namespace edgescope::runtime {

// Where to put what the compiler made; a path that is empty is not wanted.
struct CompileOutputs {
  std::string blob;   // as the runtime exports it
  std::string graph;  // the network as it will be executed, an IR; not written by a runtime that cannot tell it
};

struct Properties {
  std::map<std::string, std::string> settings;  // that can be set, with their values where the runtime tells
  std::map<std::string, std::string> metrics;   // that can only be read
  // What the runtime says when a setting is given a value that it cannot have, in its own words: mostly which it can.
  std::map<std::string, std::string> words;
};

// A session whose runtime has settings.
class Configurable {
 public:
  virtual ~Configurable() = default;
  virtual base::Result<Properties> properties(const std::string& library) = 0;
};

inline constexpr const char* kNoValue = "edgescope";  // that no setting can have

class Oracle : public Configurable {
 public:
  // Names of the layers that the runtime says it supports, which need not be what compiles.
  virtual base::Result<std::vector<std::string>> query(const LoadRequest& request) = 0;
  virtual base::Status compile(const LoadRequest& request, const CompileOutputs& outputs) = 0;
};

}  // namespace edgescope::runtime
