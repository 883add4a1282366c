// What an upstream sends, read as the forwarder reads it: the first octet chooses the type that was
// asked and whether with DO; the name is the message's own. What was taken is written for a client
// and must be readable.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "dns/extended_error.h"
#include "dns/reader.h"
#include "dns/record_text.h"
#include "dns/render.h"
#include "dns/response.h"
#include "test/scenarios/wire.h"

namespace {

using namespace fairlead;

constexpr dns::RrType kTypes[] = {
    dns::RrType::A,     dns::RrType::Aaaa, dns::RrType::Cname, dns::RrType::Soa,
    dns::RrType::Mx,    dns::RrType::Txt,  dns::RrType::Srv,   dns::RrType::Dname,
    dns::RrType::Rrsig, dns::RrType::Nsec, dns::RrType::Https, dns::RrType::Any,
};

void demand(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

void demand_printable(const std::string& text) {
  demand(std::ranges::all_of(text, [](char c) { return c >= ' ' && c < '\x7f'; }),
         "text for people is printable");
}

// Makes the message one that replies to the question, so that the fuzzer need not find out how; an
// input whose octet 11 is odd stays as it is.
dns::Question make_ours(std::vector<uint8_t>& packet, dns::Name& name) {
  dns::Question question{.qname = name.view()};
  if (packet.size() < dns::kHeaderSize || packet[11] % 2 != 0) return question;
  std::vector<uint8_t> octets(dns::kMaxNameSize);
  dns::Reader in{packet, dns::kHeaderSize};
  const size_t size = dns::read_name(in, octets.data());
  if (size == 0 || in.at != dns::kHeaderSize + size || packet.size() < in.at + 4) return question;
  name = dns::Name(dns::NameView(octets.data(), size));
  question.qname = name.view();
  question.qtype = static_cast<dns::RrType>(packet[in.at] << 8 | packet[in.at + 1]);
  packet[0] = 0x12, packet[1] = 0x34;
  packet[2] = static_cast<uint8_t>((packet[2] & 0x07) | 0x80);
  packet[4] = 0, packet[5] = 1;
  packet[in.at + 2] = 0, packet[in.at + 3] = 1;
  return question;
}

void write_for_client(const dns::Question& question, const dns::Answer& answer) {
  static std::vector<uint8_t> out(dns::kMaxTcpReply);
  static dns::Query query;
  query.set_name(question.qname);
  query.has_question = query.has_edns = true;
  query.qtype = question.qtype;
  query.transport = dns::Transport::Tcp;
  const size_t size = dns::render(query, answer, out);
  std::string error;
  const auto reply = scenarios::decode(std::span(out).first(size), &error);
  demand(reply.has_value(), error.c_str());
  demand(reply->additional.empty(), "nothing additional is kept");
  demand(reply->truncated() ||
             reply->answer.size() + reply->authority.size() == answer.records().size(),
         "every record is written");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static dns::Answer answer;
  if (size == 0 || size > 65536) return 0;
  // On the heap and of its own size, so that a sanitizer sees every octet too far.
  std::vector<uint8_t> packet(data + 1, data + size);
  dns::Name name;
  dns::Question question = make_ours(packet, name);
  const size_t choice = data[0] / 2;
  if (choice < std::size(kTypes) && packet.size() >= dns::kHeaderSize + name.size() + 4) {
    question.qtype = kTypes[choice];
    packet[dns::kHeaderSize + name.size()] = 0;
    packet[dns::kHeaderSize + name.size() + 1] = static_cast<uint8_t>(question.qtype);
  }
  question.dnssec_ok = data[0] % 2 != 0;
  demand_printable(dns::read_extended_error(packet));
  const dns::Response response = dns::read_response(packet, 0x1234, question, answer);
  if (response.verdict != dns::ResponseVerdict::Ours) {
    demand(response.fault != dns::ResponseFault::None, "a fault has a reason");
    demand(answer.records().empty(), "what is not taken leaves nothing");
    return 0;
  }
  demand(response.fault == dns::ResponseFault::None, "no reason without a fault");
  for (const dns::Record& record : answer.records()) {
    demand((record.ttl & 0x80000000) == 0, "no TTL has the top bit");
    demand(record.section != dns::Section::Additional, "nothing additional is kept");
    demand_printable(dns::to_text(answer, record, question.qname));
  }
  write_for_client(question, answer);
  return 0;
}
