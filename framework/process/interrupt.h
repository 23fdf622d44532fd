// One process-wide note that SIGINT or SIGTERM came, and a descriptor to wait on for it.
#pragma once

namespace buildlab::process {

// Installs the handlers; called once by the command and by the driver. A second signal ends the process
// at once with the default action.
void catch_interrupts();
bool interrupted();
// Becomes readable when interrupted() does; never read from it. -1 when catch_interrupts was not called.
int interrupt_fd();

}  // namespace buildlab::process
