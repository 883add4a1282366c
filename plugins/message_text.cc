#include "plugins/message_text.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "dns/name.h"
#include "dns/printable.h"
#include "query/walk.h"

namespace fairlead::plugins {

namespace {

using dns::NameView;

constexpr std::pair<std::string_view, Field> kFields[] = {
    {"{type}", Field::Type},
    {"{class}", Field::Class},
    {"{name}", Field::Name},
    {"{proto}", Field::Proto},
    {"{size}", Field::Size},
    {"{remote}", Field::Remote},
    {"{port}", Field::Port},
    {"{local}", Field::Local},
    {"{>id}", Field::Id},
    {"{>opcode}", Field::Opcode},
    {"{>do}", Field::Do},
    {"{>bufsize}", Field::BufSize},
    {"{rcode}", Field::Rcode},
    {"{rsize}", Field::ResponseSize},
    {"{duration}", Field::Duration},
    {"{>rflags}", Field::ResponseFlags},
};

void append_literal(std::vector<Piece>& pieces, std::string_view text) {
  if (text.empty()) return;
  if (pieces.empty() || pieces.back().field != Field::Literal) pieces.push_back({});
  pieces.back().text.append(text);
}

// The placeholder `text` begins with, and its length; Literal for none.
std::pair<Piece, size_t> placeholder(std::string_view text) {
  for (const auto& [name, field] : kFields) {
    if (text.starts_with(name)) return {{field, {}}, name.size()};
  }
  const size_t end = text.find('}');
  if (text.starts_with("{/") && end != std::string_view::npos && end > 2) {
    return {{Field::Meta, std::string(text.substr(2, end - 2))}, end + 1};
  }
  return {{}, 1};
}

void append_number(uint64_t number, std::string& out) {
  std::array<char, 20> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), number);
  out.append(text.data(), end.ptr);
}

void append_octet(uint8_t c, std::string& out) {
  if (c >= ' ' && c <= '~') {
    if (std::string_view("\\\".;()'@ ").find(static_cast<char>(c)) != std::string_view::npos) {
      out += '\\';
    }
    out += static_cast<char>(c);
    return;
  }
  out += '\\';
  out += static_cast<char>('0' + c / 100);
  out += static_cast<char>('0' + c / 10 % 10);
  out += static_cast<char>('0' + c % 10);
}

// Not dns::to_text: that one makes a string, and escapes less than CoreDNS's log does.
void append_name(NameView name, std::string& out) {
  if (name.size() <= 1) {
    out += '.';
    return;
  }
  for (size_t at = 0; at < name.size() && name[at] != 0; at += name[at] + size_t{1}) {
    for (const uint8_t c : name.subspan(at + 1, name[at])) append_octet(c, out);
    out += '.';
  }
}

void append_address(const dns::IpAddress& address, std::string& out) {
  if (!address.is_v6()) {
    for (size_t i = 0; i < 4; ++i) {
      if (i > 0) out += '.';
      append_number(address.octets()[i], out);
    }
    return;
  }
  std::array<char, INET6_ADDRSTRLEN> text;
  out += '[';
  out += inet_ntop(AF_INET6, address.octets().data(), text.data(), text.size());
  out += ']';
}

// The shortest decimal text that reads back as the same double, never with an exponent, as Go's
// 'f', -1.
void append_duration(std::chrono::nanoseconds duration, std::string& out) {
  const auto whole = std::chrono::duration_cast<std::chrono::seconds>(duration);
  const double seconds =
      static_cast<double>(whole.count()) + static_cast<double>((duration - whole).count()) / 1e9;
  std::array<char, 64> text;
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), seconds, std::chars_format::fixed);
  out.append(text.data(), end.ptr);
  out += 's';
}

// RFC 1035 §4.1.1 and RFC 4035 §3: the bits of the header's second word, highest first.
void append_flags(uint16_t flags, std::string& out) {
  struct Flag {
    uint16_t bit;
    const char* name;
  };
  static constexpr std::array<Flag, 8> kFlags = {{{0x8000, "qr"},
                                                  {0x0400, "aa"},
                                                  {0x0200, "tc"},
                                                  {0x0100, "rd"},
                                                  {0x0080, "ra"},
                                                  {0x0040, "z"},
                                                  {0x0020, "ad"},
                                                  {0x0010, "cd"}}};
  bool first = true;
  for (const Flag& flag : kFlags) {
    if ((flags & flag.bit) == 0) continue;
    if (!first) out += ',';
    out += flag.name;
    first = false;
  }
}

// What CoreDNS shows: 64K for TCP, at least 512 for UDP.
uint16_t buffer_size(const dns::Query& query) {
  if (query.transport == dns::Transport::Tcp) return 65535;
  return query.has_edns ? std::max<uint16_t>(query.edns.udp_size, 512) : uint16_t{512};
}

void append_question(Field field, const Entry& entry, std::string& out) {
  const dns::Query& query = entry.query;
  if (!query.has_question) {
    out += '-';
  } else if (field == Field::Type) {
    out += dns::to_text(query.qtype);
  } else if (field == Field::Class) {
    out += dns::to_text(query.qclass);
  } else {
    append_name(query.lower_qname.view(), out);
  }
}

void append_reply(Field field, const Entry& entry, std::string& out) {
  if (!entry.rcode) {
    out += '-';
  } else if (field == Field::Rcode) {
    out += dns::to_text(*entry.rcode);
  } else {
    append_flags(entry.reply_flags, out);
  }
}

}  // namespace

Entry entry_of(const query::Walk& walk, const LabelTexts& labels) {
  return {.query = walk.received(),
          .remote = walk.peers().client.address,
          .remote_port = walk.peers().client.port,
          .local = walk.peers().local.address,
          .labels = &labels};
}

void append_field(Field field, const Entry& entry, std::string& out) {
  const dns::Query& query = entry.query;
  switch (field) {
    case Field::Type:
    case Field::Class:
    case Field::Name:
      return append_question(field, entry, out);
    case Field::Proto:
      out += query.transport == dns::Transport::Tcp ? "tcp" : "udp";
      return;
    case Field::Size:
      return append_number(query.size, out);
    case Field::Remote:
      return append_address(entry.remote, out);
    case Field::Port:
      return append_number(entry.remote_port, out);
    case Field::Local:
      return append_address(entry.local, out);
    case Field::Id:
      return append_number(query.id, out);
    case Field::Opcode:
      return append_number(static_cast<uint64_t>(query.opcode), out);
    case Field::Do:
      out += query.has_edns && query.edns.dnssec_ok ? "true" : "false";
      return;
    case Field::BufSize:
      return append_number(buffer_size(query), out);
    case Field::Rcode:
    case Field::ResponseFlags:
      return append_reply(field, entry, out);
    case Field::ResponseSize:
      return append_number(entry.response_size, out);
    case Field::Duration:
      return append_duration(entry.duration, out);
    case Field::Literal:
    case Field::Meta:
      out += '-';
      return;
  }
}

namespace {

void append_label(const std::string& label, const Entry& entry, std::string& out) {
  thread_local std::string text;  // kept for its memory
  text.clear();
  const bool known = entry.labels != nullptr && entry.labels->tell(label, text);
  dns::append_line(known ? text : "-", out);
}

}  // namespace

void append_message(std::span<const Piece> format, const Entry& entry, std::string& out) {
  for (const Piece& piece : format) {
    if (piece.field == Field::Literal) {
      dns::append_line(piece.text, out);
    } else if (piece.field == Field::Meta) {
      append_label(piece.text, entry, out);
    } else {
      append_field(piece.field, entry, out);
    }
  }
}

std::vector<Piece> parse_format(std::string_view text) {
  std::vector<Piece> pieces;
  while (!text.empty()) {
    const size_t brace = std::min(text.find('{'), text.size());
    append_literal(pieces, text.substr(0, brace));
    text.remove_prefix(brace);
    if (text.empty()) break;
    auto [piece, length] = placeholder(text);
    if (piece.field == Field::Literal) {
      append_literal(pieces, text.substr(0, length));
    } else {
      pieces.push_back(std::move(piece));
    }
    text.remove_prefix(length);
  }
  return pieces;
}

}  // namespace fairlead::plugins
