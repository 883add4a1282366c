// Lines of the log as JSON objects (RFC 8259), one a line, with the keys that CoreDNS's -log-format
// json has.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace fairlead::net {

/// Appends `text` as a JSON string, quotes included. Octets that are no UTF-8 become U+FFFD.
void append_json_string(std::string_view text, std::string& out);

/// Appends {"time":…,"level":…,"msg":…,"plugin":…: whoever calls adds more members, and the brace.
/// `level` is DEBUG, INFO, WARN, ERROR or FATAL; no `plugin` when it is empty.
void begin_json_line(std::chrono::system_clock::time_point now, std::string_view level,
                     std::string_view plugin, std::string_view text, std::string& out);

}  // namespace fairlead::net
