#include "plugins/log/format.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "dns/printable.h"

namespace fairlead::plugins::log {

namespace {

using dns::NameView;

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

bool has_soa(const dns::Answer& answer) {
  return std::ranges::any_of(answer.records(), [](const dns::Record& r) {
    return r.section == dns::Section::Authority && r.type == dns::RrType::Soa;
  });
}

bool is_transfer(dns::RrType type) {
  return type == dns::RrType::Axfr || type == dns::RrType::Ixfr;
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

void append_line(std::span<const Piece> format, const Entry& entry, std::string& out) {
  out += "[INFO] ";
  append_message(format, entry, out);
  out += '\n';
}

uint8_t classify(const dns::Query& query, const dns::Answer& answer) {
  if (query.opcode != dns::Opcode::Query || is_transfer(query.qtype)) return kError;
  const bool no_error = answer.rcode == dns::Rcode::NoError;
  if (answer.rcode == dns::Rcode::NxDomain) return kDenial;
  if (!no_error) return kError;
  if (answer.count(dns::Section::Answer) > 0) return kSuccess;
  return has_soa(answer) ? kDenial : kSuccess;
}

std::string_view class_word(uint8_t reply_class) {
  return reply_class == kSuccess ? "success" : reply_class == kDenial ? "denial" : "error";
}

std::string_view type_of(const dns::Query& query, const dns::Answer& answer) {
  if (query.opcode == dns::Opcode::Update) return "UPDATE";
  if (query.opcode == dns::Opcode::Notify || is_transfer(query.qtype)) return "META";
  switch (answer.rcode) {
    case dns::Rcode::NxDomain:
      return "NXDOMAIN";
    case dns::Rcode::ServFail:
    case dns::Rcode::NotImp:
      return "SERVERERROR";
    case dns::Rcode::NoError:
      break;
    default:
      return "OTHERERROR";
  }
  if (answer.count(dns::Section::Answer) > 0) return "NOERROR";
  if (has_soa(answer)) return "NODATA";
  const bool referral = std::ranges::any_of(answer.records(), [](const dns::Record& r) {
    return r.section == dns::Section::Authority && r.type == dns::RrType::Ns;
  });
  return referral ? "DELEGATION" : "NOERROR";
}

size_t uncompressed_size(const dns::Query& query, const dns::Answer& answer) {
  constexpr size_t kHeader = 12;
  constexpr size_t kQuestionFixed = 4;
  constexpr size_t kRecordFixed = 10;
  size_t size = kHeader;
  if (query.has_question) size += query.qname.size() + kQuestionFixed;
  for (const dns::Record& r : answer.records()) {
    size += answer.name(r.owner, query.qname).size() + kRecordFixed + r.rdata_size;
  }
  return size;
}

Filter::Filter(const Options& options) {
  for (const Rule& rule : options.rules) {
    if (const auto zone = dns::Name::from_text(rule.zone)) {
      scopes_.push_back({zone->lowered(), rule});
    }
  }
}

const Rule* Filter::find(const dns::Query& query, uint8_t reply_class) const {
  for (const Scope& scope : scopes_) {
    if (!dns::is_at_or_below(query.lower_qname.view(), scope.zone.view())) continue;
    return (scope.rule.classes & reply_class) != 0 ? &scope.rule : nullptr;
  }
  return nullptr;
}

}  // namespace fairlead::plugins::log
