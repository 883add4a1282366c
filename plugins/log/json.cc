#include "plugins/log/json.h"

#include <string_view>

#include "net/log_json.h"

namespace fairlead::plugins::log {
namespace {

struct Member {
  std::string_view name;
  Field field;
  bool is_text;
};

constexpr Member kMembers[] = {
    {"client_ip", Field::Remote, true},
    {"client_port", Field::Port, false},
    {"qname", Field::Name, true},
    {"qtype", Field::Type, true},
    {"qclass", Field::Class, true},
    {"protocol", Field::Proto, true},
    {"id", Field::Id, false},
    {"opcode", Field::Opcode, false},
    {"request_size", Field::Size, false},
    {"dnssec_ok", Field::Do, false},
    {"bufsize", Field::BufSize, false},
    {"rcode", Field::Rcode, true},
    {"response_size", Field::ResponseSize, false},
    {"duration_seconds", Field::Duration, false},
};

// What a line of text shows of it, but without brackets and units.
std::string_view bare(Field field, std::string_view text) {
  if (field == Field::Duration) text.remove_suffix(1);
  if (field == Field::Remote && text.starts_with('[')) text = text.substr(1, text.size() - 2);
  return text;
}

}  // namespace

void append_json_line(std::span<const Piece> format, const Entry& entry,
                      std::chrono::system_clock::time_point now, std::string& out) {
  thread_local std::string text;  // kept for its memory
  text.clear();
  append_message(format, entry, text);
  net::begin_json_line(now, "INFO", "log", text, out);
  for (const Member& member : kMembers) {
    text.clear();
    append_field(member.field, entry, text);
    out += ",\"";
    out += member.name;
    out += "\":";
    if (text == "-") {
      out += "null";
    } else if (member.is_text) {
      net::append_json_string(bare(member.field, text), out);
    } else {
      out += bare(member.field, text);
    }
  }
  out += "}\n";
}

}  // namespace fairlead::plugins::log
