// Durations as Go writes them: 300ms, 1.5h, 2h45m, 0.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace fairlead::corefile {

// Units ns, us (µs), ms, s, m, h; an optional sign; "0" needs no unit. Throws std::invalid_argument
// with Go's words
// (`time: missing unit in duration "5"`).
std::chrono::nanoseconds parse_duration(std::string_view text);
// 1h0m0s, 1.5s, 250ms: as Go prints them.
std::string format_duration(std::chrono::nanoseconds duration);

}  // namespace fairlead::corefile
