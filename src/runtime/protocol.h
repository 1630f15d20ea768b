// What the main program and its workers say to each other: one JSON object a line.
//
//   {"request": "load", "on": "litert", "model": ..., "library": ..., "threads": 1, "profile": false,
//    "properties": {...}, "host": ..., "alternate": [...], "sticks": 1, "also_outputs": [...],
//    "half_ends": false} (the last five may be absent)
//                                            -> {"ok": true, "loaded": {...}, "load_ns": n}
//   {"request": "sample", "count": n, "max_seconds": s, "seed": n, "fresh_inputs": true}
//                                            -> {"ok": true, "durations_ns": [...], "first_ns": n}
//   {"request": "stream", "requests": n, "count": n, "max_seconds": s, "seed": n}
//                                            -> {"ok": true, "requests": n, "durations_ns": [...]}
//   {"request": "infer", "rows": n, "seed": n, "inputs": [files], "outputs": folder}
//                                            -> {"ok": true, "outputs": [files]}
//   {"request": "profile", "count": n, "seed": n} -> {"ok": true, "operators": [...]}
//   {"request": "version", "on": ..., "library": ...} -> {"ok": true, "version": ...}
//   {"request": "query", and what `load` takes} -> {"ok": true, "supported": [layers]}
//   {"request": "compile", and what `load` takes, "blob": file, "graph": file} -> {"ok": true, "compile_ns": n}
//   {"request": "properties", "on": ..., "library": ...}
//                                            -> {"ok": true, "settings": {...}, "metrics": {...}, "words": {...}}
//   {"request": "exit"}                      -> the worker ends without an answer
// A request that fails is answered by {"ok": false, "error": {...}}.
#pragma once

#include "base/json.h"
#include "runtime/session.h"

namespace edgescope::runtime {

base::Json to_json(const LoadRequest& request);
base::Json to_json(const Loaded& loaded);
base::Json to_json(const std::vector<OperatorTime>& operators);
base::Json to_json(const base::Error& error);

// Fault::runtime where a member is missing or of another type: the other side is not to be trusted.
base::Result<LoadRequest> load_request_from(const base::Json& json);
base::Result<Loaded> loaded_from(const base::Json& json);
base::Result<std::vector<OperatorTime>> operators_from(const base::Json& json);
base::Result<base::Error> error_from(const base::Json& json);

// Reads members of a message; what is absent or of another type makes it fail as a whole.
template <typename Read>
auto read_message(const base::Json& json, Read read) -> base::Result<decltype(read(json))> {
  try {
    return read(json);
  } catch (const base::Json::exception& error) {
    return base::fail({.fault = base::Fault::runtime, .what = std::string("is not a message: ") + error.what()});
  }
}

}  // namespace edgescope::runtime
