// One query and its reply -> one JSON line: what the format says, and beside it a member for each
// thing that a line can tell.
#pragma once

#include <chrono>
#include <span>
#include <string>

#include "plugins/log/format.h"

namespace fairlead::plugins::log {

/// Appends the object and a newline. `now` is when it is written.
void append_json_line(std::span<const Piece> format, const Entry& entry,
                      std::chrono::system_clock::time_point now, std::string& out);

}  // namespace fairlead::plugins::log
