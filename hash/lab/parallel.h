// Many independent tasks on all cores, with a progress bar on a terminal.
//
// Tasks are numbered; each writes only what is its own, so that the result does not depend on the number of threads or
// on who comes first. Called from the main thread, which waits.
#pragma once

#include <cstddef>
#include <functional>
#include <string>

namespace ecmpd::hash::lab {

/// Runs task(0) .. task(count - 1). `threads` 0: one for each core. The bar, with the time left, is shown on stderr if
/// that is a terminal and the work takes more than a moment; `what` stands before it.
void run_parallel(size_t count, unsigned threads, const std::string& what, const std::function<void(size_t)>& task);

}  // namespace ecmpd::hash::lab
