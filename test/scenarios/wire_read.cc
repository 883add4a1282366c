// Replies, read back.
#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <stdexcept>

#include "dns/numbers.h"
#include "dns/types.h"
#include "test/scenarios/wire.h"

namespace fairlead::scenarios {
namespace {

[[noreturn]] void fail(const char* what) {
  throw std::runtime_error(what);
}

void append_label_octet(std::string& out, uint8_t c) {
  if (std::string_view("\"().;\\@$").find(static_cast<char>(c)) != std::string_view::npos) {
    out += '\\';
    out += static_cast<char>(c);
  } else if (c > 0x20 && c < 0x7f) {
    out += static_cast<char>(c);
  } else {
    char buffer[8];
    std::snprintf(buffer, sizeof buffer, "\\%03d", c);
    out += buffer;
  }
}

class MessageReader {
 public:
  explicit MessageReader(std::span<const uint8_t> message) : message_(message) {}

  Reply read() {
    Reply reply;
    reply.id = u16();
    reply.flags = u16();
    reply.rcode = reply.flags & 0xf;
    std::array<uint16_t, 4> counts{};
    for (uint16_t& count : counts) count = u16();
    for (int i = 0; i < counts[0]; ++i) {
      Reply::Asked asked;
      asked.name = name(message_.size());
      asked.type = u16();
      asked.rr_class = u16();
      reply.question.push_back(asked);
    }
    for (int i = 0; i < counts[1]; ++i) record(reply, reply.answer);
    for (int i = 0; i < counts[2]; ++i) record(reply, reply.authority);
    for (int i = 0; i < counts[3]; ++i) record(reply, reply.additional);
    if (at_ != message_.size()) fail("octets behind the last record");
    return reply;
  }

 private:
  uint8_t u8() {
    if (at_ >= message_.size()) fail("message ends too early");
    return message_[at_++];
  }
  uint16_t u16() {
    const uint8_t high = u8();
    return static_cast<uint16_t>(high << 8 | u8());
  }
  uint32_t u32() {
    const uint32_t high = u16();
    return high << 16 | u16();
  }

  // A name that must end before `end` unless a pointer leads away from it.
  std::string name(size_t end) {
    std::string text;
    size_t size = 1;
    size_t after = 0;  // where reading goes on once a pointer was followed
    size_t start = at_;
    for (;;) {
      const uint8_t length = u8();
      if (length >= 0xc0) {
        const size_t target = static_cast<size_t>(length & 0x3f) << 8 | u8();
        if (after == 0) after = at_;
        if (target >= start || target < 12) fail("a pointer that does not lead backwards");
        start = at_ = target;
        continue;
      }
      if (length > 63) fail("label longer than 63");
      if (length == 0) break;
      size += length + 1U;
      if (size > 255) fail("name longer than 255");
      for (int i = 0; i < length; ++i) append_label_octet(text, u8());
      text += '.';
    }
    if (after != 0) at_ = after;
    if (at_ > end) fail("name beyond its rdata");
    return text.empty() ? "." : text;
  }

  void record(Reply& reply, std::vector<std::string>& section) {
    const std::string owner = name(message_.size());
    const uint16_t type = u16();
    const uint16_t rr_class = u16();
    const uint32_t ttl = u32();
    const size_t size = u16();
    if (size > message_.size() - at_) fail("RDLENGTH beyond the end");
    const size_t end = at_ + size;
    if (type == 41) {
      if (&section != &reply.additional || reply.edns || owner != ".") fail("misplaced OPT");
      reply.rcode = static_cast<uint16_t>(reply.rcode | ttl >> 24 << 4);
      reply.edns = Reply::Edns{rr_class, static_cast<uint8_t>(ttl >> 16),
                               static_cast<uint16_t>(ttl), octets(end)};
      return;
    }
    const std::string type_text = dns::to_text(static_cast<dns::RrType>(type));
    std::string text = owner + " " + std::to_string(ttl) + " ";
    if (rr_class != 1) text += dns::to_text(static_cast<dns::RrClass>(rr_class)) + " ";
    text += type_text + " " + rdata(type, end);
    if (at_ != end) fail("rdata shorter than RDLENGTH");
    section.push_back(text);
  }

  Octets octets(size_t end) {
    Octets result(message_.begin() + static_cast<long>(at_),
                  message_.begin() + static_cast<long>(end));
    at_ = end;
    return result;
  }

  std::string numbers(int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += std::to_string(u16()) + " ";
    return text;
  }

  std::string address(int family, size_t size, size_t end) {
    if (end - at_ != size) fail("address of a wrong size");
    char buffer[INET6_ADDRSTRLEN];
    inet_ntop(family, message_.data() + at_, buffer, sizeof buffer);
    at_ = end;
    return buffer;
  }

  std::string strings(size_t end) {
    std::string text;
    while (at_ < end) {
      const uint8_t length = u8();
      if (length > end - at_) fail("character-string beyond its rdata");
      text += text.empty() ? "\"" : " \"";
      for (int i = 0; i < length; ++i) append_string_octet(text, u8());
      text += '"';
    }
    return text;
  }

  static void append_string_octet(std::string& out, uint8_t c) {
    if (c == '"' || c == '\\') out += '\\';
    if (c >= 0x20 && c < 0x7f) {
      out += static_cast<char>(c);
    } else {
      append_label_octet(out, c);
    }
  }

  std::string soa(size_t end) {
    const std::string mname = name(end);
    const std::string rname = name(end);
    std::string text = mname + " " + rname;
    for (int i = 0; i < 5; ++i) text += " " + std::to_string(u32());
    return text;
  }

  std::string hexadecimal(size_t end) {
    std::string text = "\\# " + std::to_string(end - at_) + " ";
    char buffer[4];
    while (at_ < end) {
      std::snprintf(buffer, sizeof buffer, "%02x", u8());
      text += buffer;
    }
    return text;
  }

  // With its times, and without a real signature: that differs each time.
  std::string rrsig(size_t end) {
    std::string text = dns::to_text(static_cast<dns::RrType>(u16()));
    for (int i = 0; i < 2; ++i) text += " " + std::to_string(u8());
    for (int i = 0; i < 3; ++i) text += " " + std::to_string(u32());
    text += " " + std::to_string(u16());
    text += " " + name(end);
    constexpr size_t kMade = 32;
    if (end - at_ < kMade) return text + " " + hexadecimal(end);
    at_ = end;
    return text + " *";
  }

  std::string nsec(size_t end) {
    std::string text = name(end);
    while (at_ + 2 <= end) {
      const int block = u8() << 8;
      const int octets = u8();
      for (int i = 0; i < octets * 8; i += 8) {
        const int octet = u8();
        for (int bit = 0; bit < 8; ++bit) {
          if ((octet & 0x80 >> bit) != 0)
            text += " " + dns::to_text(static_cast<dns::RrType>(block + i + bit));
        }
      }
    }
    return text;
  }

  std::string rdata(uint16_t type, size_t end) {
    switch (static_cast<dns::RrType>(type)) {
      case dns::RrType::A:
        return address(AF_INET, 4, end);
      case dns::RrType::Aaaa:
        return address(AF_INET6, 16, end);
      case dns::RrType::Ns:
      case dns::RrType::Cname:
      case dns::RrType::Ptr:
        return name(end);
      case dns::RrType::Mx:
        return numbers(1).append(name(end));
      case dns::RrType::Srv:
        return numbers(3).append(name(end));
      case dns::RrType::Soa:
        return soa(end);
      case dns::RrType::Txt:
        return strings(end);
      case dns::RrType::Rrsig:
        return rrsig(end);
      case dns::RrType::Nsec:
        return nsec(end);
      default:
        return hexadecimal(end);
    }
  }

  std::span<const uint8_t> message_;
  size_t at_ = 0;
};

// "… SOA MNAME RNAME SERIAL …" -> "… SOA MNAME RNAME * …"
std::string without_serial(std::string record) {
  size_t at = record.find(' ', record.find(' ') + 1);  // behind owner and TTL
  if (record.compare(at, 5, " SOA ") != 0) return record;
  at += 5;
  for (int words = 0; words < 2; ++words) at = record.find(' ', at) + 1;
  return record.replace(at, record.find(' ', at) - at, "*");
}

void add_records(std::vector<std::string>& lines, const char* section,
                 const std::vector<std::string>& records, bool in_order) {
  const auto first = static_cast<long>(lines.size());
  for (const std::string& record : records)
    lines.push_back(std::string(section) + " " + without_serial(record));
  if (!in_order) std::sort(lines.begin() + first, lines.end());
}

std::string reply_line(const Reply& reply) {
  constexpr std::array<std::pair<uint16_t, const char*>, 7> kFlags{{{0x400, " aa"},
                                                                    {0x200, " tc"},
                                                                    {0x100, " rd"},
                                                                    {0x80, " ra"},
                                                                    {0x40, " z"},
                                                                    {0x20, " ad"},
                                                                    {0x10, " cd"}}};
  std::string line = "reply " + dns::to_text(static_cast<dns::Rcode>(reply.rcode));
  for (const auto& [bit, word] : kFlags) {
    if ((reply.flags & bit) != 0) line += word;
  }
  const int opcode = reply.flags >> 11 & 15;
  if (opcode != 0) line += " opcode=" + std::to_string(opcode);
  if ((reply.flags & 0x8000) == 0) line += " notareply";
  return line;
}

constexpr int kExpire = 9;          // RFC 7314
constexpr int kExtendedError = 15;  // RFC 8914

std::string edns_line(const Reply::Edns& edns) {
  std::string line =
      "edns version=" + std::to_string(edns.version) + " size=" + std::to_string(edns.size);
  if ((edns.flags & 0x8000) != 0) line += " do";
  const Octets& octets = edns.options;
  for (size_t at = 0; at + 4 <= octets.size();) {
    const int code = octets[at] << 8 | octets[at + 1];
    const auto size = static_cast<size_t>(octets[at + 2] << 8 | octets[at + 3]);
    at += 4;
    if (code == kExtendedError && size >= 2 && at + size <= octets.size()) {
      line += " ede=" + std::to_string(octets[at] << 8 | octets[at + 1]);
    } else if (code == kExpire && size == 4 && at + size <= octets.size()) {
      line += " expire=" + std::to_string(dns::number_of(std::span(octets).subspan(at, size)));
    } else {
      line += " option=" + std::to_string(code);
    }
    at += size;
  }
  return line;
}

}  // namespace

std::optional<Reply> decode(std::span<const uint8_t> message, std::string* error) {
  try {
    return MessageReader(message).read();
  } catch (const std::runtime_error& failure) {
    if (error != nullptr) *error = failure.what();
    return std::nullopt;
  }
}

std::vector<std::string> reply_lines(const Question& question, std::span<const uint8_t> message) {
  if (message.empty()) return {"noreply"};
  std::string error;
  const auto reply = decode(message, &error);
  if (!reply) return {"unreadable: " + error};
  std::vector<std::string> lines{reply_line(*reply)};
  if (reply->question.empty()) {
    lines.emplace_back("question none");
  } else {
    const Octets sent = encode(question);
    const size_t size = encode_name(question.name).size() + 4;
    const bool repeated = message.size() >= 12 + size &&
                          std::equal(sent.begin() + 12, sent.begin() + 12 + static_cast<long>(size),
                                     message.begin() + 12);
    if (!repeated || reply->question.size() != 1)
      lines.push_back("question " + reply->question[0].name);
  }
  if (reply->edns) lines.push_back(edns_line(*reply->edns));
  if (reply->truncated()) return lines;
  add_records(lines, "answer", reply->answer, question.in_order);
  add_records(lines, "authority", reply->authority, question.in_order);
  add_records(lines, "additional", reply->additional, question.in_order);
  return lines;
}

}  // namespace fairlead::scenarios
