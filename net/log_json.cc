#include "net/log_json.h"

#include <array>
#include <cstdint>
#include <cstdio>
#include <ctime>

#include "net/utf8.h"

namespace fairlead::net {
namespace {

void append_control(uint8_t octet, std::string& out) {
  static constexpr char kHex[] = "0123456789abcdef";
  if (octet == '\n') {
    out += "\\n";
  } else {
    out += "\\u00";
    out += {kHex[octet >> 4U], kHex[octet & 15U]};
  }
}

// RFC 3339 with nanoseconds, as Go writes it.
void append_time(std::chrono::system_clock::time_point now, std::string& out) {
  using std::chrono::nanoseconds;
  const nanoseconds since = now.time_since_epoch();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since);
  const std::time_t whole = seconds.count();
  std::tm utc{};
  gmtime_r(&whole, &utc);
  std::array<char, 64> text{};
  const size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &utc);
  out.append(text.data(), size);
  const auto rest = static_cast<long>(nanoseconds(since - seconds).count());
  const int more = std::snprintf(text.data(), text.size(), ".%09ldZ", rest);
  out.append(text.data(), static_cast<size_t>(more));
}

}  // namespace

void append_json_string(std::string_view text, std::string& out) {
  out += '"';
  for (size_t at = 0; at < text.size();) {
    const auto octet = static_cast<uint8_t>(text[at]);
    const size_t size = utf8_size(text, at);
    if (size == 0) {
      out += kReplacementCharacter;
    } else if (octet < ' ' || octet == 0x7f) {
      append_control(octet, out);
    } else {
      if (octet == '"' || octet == '\\') out += '\\';
      out += text.substr(at, size);
    }
    at += size == 0 ? 1 : size;
  }
  out += '"';
}

void begin_json_line(std::chrono::system_clock::time_point now, std::string_view level,
                     std::string_view plugin, std::string_view text, std::string& out) {
  out += "{\"time\":\"";
  append_time(now, out);
  out += "\",\"level\":\"";
  out += level;
  out += "\",\"msg\":";
  append_json_string(text, out);
  if (plugin.empty()) return;
  out += ",\"plugin\":";
  append_json_string(plugin, out);
}

}  // namespace fairlead::net
