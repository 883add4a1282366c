// Giving back what only the start of the process needed.
#pragma once

namespace fairlead::net {

/// Heap that is free, and the pages of code and constants that were used so far: starting takes
/// parsers, TLS and JSON that answering never comes back to. What is needed again is mapped again
/// from the page cache, a fault each. Any thread.
void give_back_start_memory();

}  // namespace fairlead::net
