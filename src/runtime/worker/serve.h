// The worker's loop: reads requests, drives one session, answers. The language is in runtime/protocol.h.
#pragma once

#include <cstdio>

namespace edgescope::runtime {

// Until `exit` or the end of `requests`. Answers the process's exit code.
int serve(std::FILE* requests, std::FILE* answers);

}  // namespace edgescope::runtime
