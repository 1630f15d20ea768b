// What went wrong, said so that a person can act on it.
//
// An error names what was being done, to which file, at which byte offset or graph node, and what to
// do about it. Its fault decides the program's exit code (docs/json.md). No exception crosses a
// module: functions that can fail return Result<T>.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace edgescope::base {

enum class Fault {
  usage,       // the command line asks for something that does not exist
  input,       // a file cannot be read or is not what it claims to be
  missing,     // a device, runtime or program is absent
  runtime,     // vendor code failed, crashed, hung or answered nonsense
  output,      // a result could not be written
  interrupted  // the user stopped the run
};

struct Error {
  Fault fault = Fault::input;
  std::string what;                                    // "tensor 3 points outside the file"
  std::string file = {};                               // path, empty where no file is concerned
  std::optional<std::uint64_t> offset = std::nullopt;  // bytes from the start of `file`
  std::string node = {};                               // operator or tensor name
  std::string remedy = {};                             // what to do about it, a sentence or a command

  // "model.tflite: at byte 1234: tensor 3 points outside the file (in `conv1`). Try ..."
  std::string message() const;
};

template <typename T>
using Result = tl::expected<T, Error>;

using Status = Result<void>;

inline tl::unexpected<Error> fail(Error error) { return tl::unexpected<Error>(std::move(error)); }

// Exit codes of the program: 2 usage, 3 input, 4 missing, 130 interrupted, 70 for the others
// (BSD sysexits' EX_SOFTWARE).
int exit_code(Fault fault);

}  // namespace edgescope::base

// Returns the error of a Result to the caller, or goes on: `EDGESCOPE_TRY(file, MappedFile::open(path));`
#define EDGESCOPE_CONCAT_(a, b) a##b
#define EDGESCOPE_CONCAT(a, b) EDGESCOPE_CONCAT_(a, b)
#define EDGESCOPE_TRY(name, expression)                                                                              \
  auto EDGESCOPE_CONCAT(name, _result) = (expression);                                                               \
  if (!EDGESCOPE_CONCAT(name, _result)) return ::tl::unexpected(std::move(EDGESCOPE_CONCAT(name, _result)).error()); \
  auto name = std::move(*EDGESCOPE_CONCAT(name, _result))
#define EDGESCOPE_CHECK(expression)                                 \
  do {                                                              \
    if (auto edgescope_status = (expression); !edgescope_status)    \
      return ::tl::unexpected(std::move(edgescope_status).error()); \
  } while (false)
