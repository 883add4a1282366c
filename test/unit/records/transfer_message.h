// Messages of a transfer of x.test, made of records as text.
#pragma once

#include <doctest/doctest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "dns/answer.h"
#include "dns/name.h"
#include "dns/query.h"
#include "dns/render.h"
#include "dns/text_record.h"

namespace fairlead::test {

using Octets = std::vector<uint8_t>;
using Lines = std::vector<std::string>;

inline const std::string kSoa = "x.test 60 SOA ns.x.test h.x.test 7 2 3 4 5";

inline dns::Name name(const std::string& text) {
  return *dns::Name::from_text(text);
}

inline dns::Query transfer_query(uint16_t id = 9) {
  dns::Query query;
  query.id = id;
  query.transport = dns::Transport::Tcp;
  query.has_question = true;
  query.qtype = dns::RrType::Axfr;
  static const dns::Name zone = name("x.test");  // the query refers to it
  query.set_name(zone.view());
  return query;
}

/// The reply with `lines` in its answer section as a server renders it, with compressed names.
inline Octets render_lines(const dns::Query& query, dns::Answer& answer, const Lines& lines) {
  answer.authoritative = true;
  for (const std::string& line : lines) {
    dns::TextRecord record;
    REQUIRE(record.read(line).empty());
    answer.add_raw(dns::Section::Answer, answer.add_name(record.owner()), record.type(),
                   record.ttl(), record.rdata());
  }
  Octets out(dns::kMaxTcpReply);
  out.resize(dns::render(query, answer, out));
  return out;
}

}  // namespace fairlead::test
