// The heap in large pages, for work that is known to need tens of megabytes in small pieces.
//
// A model of ten thousand operators is some hundred thousand of them. The first touch of each 4 KiB is a
// page fault; that is a fifth of the time of `inspect`. A large page needs one for 2 MiB.
#pragma once

namespace edgescope::base {

// Makes room for the next 64 MiB at once and asks the system to back it with large pages. A wish: where the
// system has none, all goes on as without. Memory counts when it is touched, so at most one page is in vain.
void prefer_large_pages();

}  // namespace edgescope::base
