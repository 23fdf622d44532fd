// How many descriptors this process may have open: a server of many connections needs more than is usual,
// while the programs that we start shall find what is usual.
#pragma once

namespace buildlab::process {

// Raises the limit to the most that this process may give itself. Children are still started with the limit
// that this process was started with. Called once, before the first child.
void raise_descriptor_limit();

}  // namespace buildlab::process
