// The dns64 directive in a block's chain: in front of nearly all others, so that it asks for
// addresses of IPv4 as a client would and sees what the others have made of the answer.
#include "query/step.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "plugins/building.h"
#include "plugins/dns64/setup.h"
#include "plugins/dns64/synthesis.h"
#include "plugins/found.h"
#include "plugins/server_counter.h"
#include "query/walk.h"

namespace fairlead::plugins::dns64 {
namespace {

using dns::RrType;
using dns::Section;
using query::Note;
using query::Turn;
using query::Walk;

// What see() is called for, in the first word of a note.
enum class Seeing : uint8_t { Addresses, AddressesOfIpv4, Pointer, PointerOfIpv4 };

Note note_of(Seeing seeing) {
  return {{static_cast<uint64_t>(seeing)}};
}

class Dns64 : public query::Step {
 public:
  Dns64(Options options, ServerCounter translated)
      : synthesis_(std::move(options)), translated_(translated) {}

  Turn ask(Walk& walk) const override {
    const dns::Query& question = walk.question();
    if (question.qclass != dns::RrClass::In) return Turn::Pass;
    if (synthesis_.answer_well_known(question, walk.answer())) return answered_well_known(walk);
    if (!is_for(walk) || validates(question)) return Turn::Pass;
    if (question.qtype == RrType::Aaaa) {
      if (walk.telling() != nullptr)
        walk.telling()->tell("makes IPv6 addresses under " + prefix_text() +
                             " of IPv4 addresses, where there are no others");
      walk.see_me(note_of(Seeing::Addresses));
    } else if (question.qtype == RrType::Ptr &&
               synthesis_.reverse_name(question.lower_qname.view())) {
      if (walk.telling() != nullptr)
        walk.telling()->tell("the address is one of IPv4 under " + prefix_text());
      walk.see_me(note_of(Seeing::Pointer));
    }
    return Turn::Pass;
  }

  Turn see(Walk& walk, Note& note) const override {
    const auto seeing = static_cast<Seeing>(note.words[0]);
    note = note_of(seeing == Seeing::Addresses ? Seeing::AddressesOfIpv4 : Seeing::PointerOfIpv4);
    switch (seeing) {
      case Seeing::Addresses:
        return see_addresses(walk);
      case Seeing::AddressesOfIpv4:
        return see_addresses_of_ipv4(walk);
      case Seeing::Pointer:
        return see_pointer(walk);
      case Seeing::PointerOfIpv4:
        break;
    }
    return see_pointer_of_ipv4(walk);
  }

 private:
  [[nodiscard]] std::string prefix_text() const { return synthesis_.options().prefix.to_text(); }

  Turn answered_well_known(Walk& walk) const {
    if (walk.telling() != nullptr)
      walk.telling()->tell("answers the name by which clients learn the prefix");
    if (walk.question().qtype == RrType::Aaaa) translated_.count(walk);
    return Turn::Done;
  }

  // Who is told why is told what happens to clients over IPv6.
  [[nodiscard]] bool is_for(const Walk& walk) const {
    return synthesis_.options().allow_ipv4 || walk.peers().client.address.is_v6() ||
           walk.telling() != nullptr;
  }

  // Whether the name has addresses of IPv6. Errors count as "no" (RFC 6147 §5.1.2). What was cut is
  // asked for again by the client.
  Turn see_addresses(Walk& walk) const {
    dns::Answer& answer = walk.answer();
    if (answer.rcode == dns::Rcode::NxDomain) return Turn::Done;
    const bool native = synthesis_.drop_excluded(answer);
    if (!synthesis_.options().translate_all && (native || answer.truncated)) return Turn::Done;
    return walk.ask_server(walk.question().qname, RrType::A);
  }

  // Where there is none of IPv4 either, the addresses there are remain, and an error remains what
  // it was.
  Turn see_addresses_of_ipv4(Walk& walk) const {
    const dns::Answer& found = *walk.found();
    const dns::Answer& answer = walk.answer();
    translated_.count(walk);
    const auto translate = [&](const dns::IpAddress& v4) { return synthesis_.translate(v4); };
    const bool failed_alike = found.rcode != dns::Rcode::NoError && found.rcode == answer.rcode;
    if (failed_alike) return Turn::Done;
    if (count_translated(found, RrType::A, translate) == 0) {
      const auto is_address = [](const dns::Record& record) {
        return record.section == Section::Answer &&
               (record.type == RrType::A || record.type == RrType::Aaaa);
      };
      if (std::ranges::any_of(found.records(), is_address) ||
          std::ranges::any_of(answer.records(), is_address))
        return Turn::Done;
    }
    answer_translated(walk, RrType::A, denial_ttl(answer, kTtl), translate);
    walk.answer().authoritative = false;
    walk.answer().authentic_data = false;
    return Turn::Done;
  }

  // A name that was given to the address itself comes first.
  Turn see_pointer(Walk& walk) const {
    const dns::Answer& answer = walk.answer();
    if (answer.rcode == dns::Rcode::NoError && answer.count(Section::Answer) != 0)
      return Turn::Done;
    const auto name = synthesis_.reverse_name(walk.question().lower_qname.view());
    return name ? walk.ask_server(name->view(), RrType::Ptr) : Turn::Done;
  }

  static Turn see_pointer_of_ipv4(Walk& walk) {
    const dns::Answer& found = *walk.found();
    if (found.rcode != dns::Rcode::NoError || found.count(Section::Answer) == 0) return Turn::Done;
    uint32_t ttl = kTtl;
    for (const dns::Record& record : found.records())
      if (record.section == Section::Answer) ttl = std::min(ttl, record.ttl);
    begin_as_found(walk);
    dns::Answer& answer = walk.answer();
    answer.authoritative = false;
    answer.authentic_data = false;
    answer.add_name_record(RrType::Cname, Section::Answer, dns::kQname, ttl,
                           answer.add_name(walk.found_name()));
    walk.append_found();
    return Turn::Done;
  }

  const Synthesis synthesis_;
  const ServerCounter translated_;
};

}  // namespace

void read(corefile::Cursor& cursor, Plan& plan) {
  plan.make([options = parse(cursor)](Building& building) {
    building.step(std::make_unique<Dns64>(
        options, ServerCounter(building, "coredns_dns64_requests_translated_total",
                               "Counter of DNS requests translated by dns64.")));
  });
}

}  // namespace fairlead::plugins::dns64
