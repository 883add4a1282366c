#include "listen/doh.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "dns/numbers.h"
#include "dns/parse.h"
#include "dns/record_reader.h"

namespace fairlead::listen {
namespace {

constexpr std::string_view kPath = "/dns-query";
constexpr std::string_view kMessageType = "application/dns-message";
constexpr uint32_t kLongest = 3600;
constexpr uint32_t kUnknown = 5;

using Octets = std::vector<uint8_t>;

DohQuery refuse(uint16_t status, std::string_view text, bool head = false) {
  return {.status = status, .text = text, .head = head};
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// %XX; nothing when it is not whole.
std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (text.size() - i < 3) return std::nullopt;
    const int high = hex_digit(text[i + 1]);
    const int low = hex_digit(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high << 4 | low);
    i += 2;
  }
  return out;
}

int base64url_value(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  if (c == '-') return 62;
  return c == '_' ? 63 : -1;
}

// RFC 4648 §5. RFC 8484 §6 has no padding; whole one does no harm.
std::optional<Octets> base64url_decoded(std::string_view text) {
  if (text.size() % 4 == 0) {
    for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  }
  if (text.size() % 4 == 1) return std::nullopt;
  Octets out;
  out.reserve(text.size() * 3 / 4);
  uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const int value = base64url_value(c);
    if (value < 0) return std::nullopt;
    bits = (bits << 6 | static_cast<uint32_t>(value)) & 0xffff;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out.push_back(static_cast<uint8_t>(bits >> count));
  }
  return out;
}

// The one parameter `dns`; others are nobody's concern.
DohQuery from_parameters(std::string_view parameters, bool head) {
  std::optional<std::string> found;
  while (!parameters.empty()) {
    const size_t end = std::min(parameters.find('&'), parameters.size());
    const std::string_view parameter = parameters.substr(0, end);
    parameters.remove_prefix(std::min(end + 1, parameters.size()));
    const size_t equals = std::min(parameter.find('='), parameter.size());
    if (parameter.substr(0, equals) != "dns") continue;
    if (found) return refuse(400, "invalid request: more than one dns parameter\n", head);
    const auto value = percent_decoded(parameter.substr(std::min(equals + 1, parameter.size())));
    if (!value) return refuse(400, "invalid request: bad escape in its parameters\n", head);
    found = *value;
  }
  if (!found) return refuse(400, "invalid request: no dns parameter\n", head);
  auto message = base64url_decoded(*found);
  if (!message) return refuse(400, "invalid request: dns is not base64url\n", head);
  return {.head = head, .message = std::move(*message)};
}

// Without its parameters, in any case (RFC 9110 §8.3.1).
bool is_message_type(std::string_view type) {
  type = type.substr(0, std::min(type.find(';'), type.size()));
  while (type.ends_with(' ') || type.ends_with('\t')) type.remove_suffix(1);
  return std::ranges::equal(type, kMessageType, {}, [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
}

bool can_be_asked(std::span<const uint8_t> message) {
  dns::Query query;
  const dns::Parsed parsed = dns::parse_query(message, dns::Transport::Tcp, query);
  if (parsed.verdict == dns::Verdict::Answer) return true;
  return parsed.verdict == dns::Verdict::Refuse && parsed.rcode != dns::Rcode::FormErr &&
         parsed.rcode != dns::Rcode::NotImp;
}

// RFC 2308 §5: not the SOA's own TTL alone, but its minimum as well, the last of its numbers.
uint32_t denial_ttl(const dns::RecordAt& soa, std::span<const uint8_t> message) {
  if (soa.rdata_size < 4) return soa.ttl;
  return std::min(soa.ttl, dns::soa_minimum(message.subspan(soa.rdata_at, soa.rdata_size)));
}

uint32_t max_age(std::span<const uint8_t> message) {
  const auto rcode = static_cast<dns::Rcode>(message[3] & 0x0f);
  if (rcode != dns::Rcode::NoError && rcode != dns::Rcode::NxDomain) return kUnknown;
  dns::RecordReader records(message);
  uint32_t least = kLongest;
  size_t seen = 0;
  for (dns::RecordAt record; records.next(record);) {
    if (record.type == dns::RrType::Opt || record.type == dns::RrType::Tsig) continue;
    ++seen;
    const bool denies =
        record.section == dns::Section::Authority && record.type == dns::RrType::Soa;
    least = std::min(least, denies ? denial_ttl(record, message) : record.ttl);
  }
  return seen != 0 && records.ok() ? least : kUnknown;
}

}  // namespace

DohQuery doh_query(HttpRequest& request) {
  const std::string_view target = request.target;
  const size_t end = std::min(target.find('?'), target.size());
  const bool head = request.method == "HEAD";
  if (target.substr(0, end) != kPath) return refuse(404, "404 page not found\n", head);
  DohQuery query;
  if (request.method == "GET" || head) {
    query = from_parameters(target.substr(std::min(end + 1, target.size())), head);
  } else if (request.method != "POST") {
    query = refuse(405, "GET or POST is expected\n");
    query.allow = "GET, HEAD, POST";
  } else if (!request.content_type.empty() && !is_message_type(request.content_type)) {
    query = refuse(415, "application/dns-message is expected\n");
  } else {
    query.message = std::move(request.body);
  }
  if (query.status == 200 && !can_be_asked(query.message))
    return refuse(400, "invalid request: this is no query of DNS\n", head);
  return query;
}

HttpReply doh_reply(std::span<const uint8_t> message, bool head) {
  return {.content_type = kMessageType, .max_age = max_age(message), .body = message, .head = head};
}

}  // namespace fairlead::listen
