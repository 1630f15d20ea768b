// A child process that answers lines with lines and cannot hurt its parent: time and memory are
// limited, it dies with its process group, and what it writes to stderr (and stdout) is kept apart.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/process.h"

namespace edgescope::measure {

struct ChildSpec {
  std::string program;
  std::map<std::string, std::string> environment;  // all of it: nothing is inherited
  std::uint64_t memory_limit = 0;                  // resident bytes; 0: none
};

class Child {
 public:
  static base::Result<Child> start(const ChildSpec& spec);
  Child(Child&& other) noexcept;
  Child& operator=(Child&& other) noexcept;
  ~Child();

  enum class End {
    Answer,   // `line` holds it
    Gone,     // it ended, or closed its side: see how_it_ended()
    Timeout,  // killed
    Memory,   // killed
    Flood,    // killed: it wrote without end to stderr or answered without end
  };
  struct Reply {
    End end = End::Gone;
    std::string line = {};
  };
  // Sends a line and waits for one. After any end but Answer the child is dead.
  Reply ask(std::string_view line, std::chrono::milliseconds limit);

  bool alive() const { return process_.alive(); }
  int pid() const { return process_.pid(); }
  std::string how_it_ended() const { return process_.how_it_ended(); }
  std::string said(std::size_t bytes) const;  // the end of what it wrote, whole lines where possible
  void kill() { process_.kill(); }

 private:
  Child() = default;
  std::optional<End> over_a_limit() const;

  base::Process process_;
  int socket_ = -1;
  int log_ = -1;  // a file in memory: written without a reader, and readable after a crash
  std::uint64_t memory_limit_ = 0;
  std::string received_;
};

}  // namespace edgescope::measure
