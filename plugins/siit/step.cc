// The siit directive in a block's chain, behind dns64: each sees what the other has made.
#include "query/step.h"

#include <memory>
#include <optional>
#include <utility>

#include "plugins/building.h"
#include "plugins/found.h"
#include "plugins/server_counter.h"
#include "plugins/siit/setup.h"
#include "query/walk.h"

namespace fairlead::plugins::siit {
namespace {

using dns::RrType;
using query::Note;
using query::Turn;
using query::Walk;

// For how long an address holds when nobody says otherwise (RFC 6147 §5.1.7), in seconds.
constexpr uint32_t kTtl = 600;

class Siit : public query::Step {
 public:
  Siit(Options options, ServerCounter translated)
      : options_(std::move(options)), translated_(translated) {}

  // What is asked on the way to an address of IPv6 is left alone: dns64 asks for one of IPv4 then,
  // and the two would never end.
  Turn ask(Walk& walk) const override {
    const dns::Query& question = walk.question();
    if (question.qtype != RrType::A || question.qclass != dns::RrClass::In) return Turn::Pass;
    if (validates(question) || walk.is_asked_by_me()) return Turn::Pass;
    if (walk.telling() != nullptr)
      walk.telling()->tell("makes IPv4 addresses of those of IPv6, where there are no others");
    walk.see_me();
    return Turn::Pass;
  }

  Turn see(Walk& walk, Note&) const override {
    return walk.found() == nullptr ? see_addresses(walk) : see_addresses_of_ipv6(walk);
  }

 private:
  static bool has_addresses(const dns::Answer& answer) {
    return count_translated(answer, RrType::A, [](const dns::IpAddress&) { return true; }) != 0;
  }

  // Errors count as having none (RFC 6147 §5.1.2).
  static Turn see_addresses(Walk& walk) {
    const dns::Answer& answer = walk.answer();
    if (answer.rcode == dns::Rcode::NxDomain || answer.truncated || has_addresses(answer))
      return Turn::Done;
    return walk.ask_server(walk.question().qname, RrType::Aaaa);
  }

  Turn see_addresses_of_ipv6(Walk& walk) const {
    const dns::Answer& found = *walk.found();
    const auto translate = [&](const dns::IpAddress& v6) { return this->translate(v6); };
    if (found.rcode != dns::Rcode::NoError) {
      if (found.rcode == walk.answer().rcode) return Turn::Done;
    } else if (count_translated(found, RrType::Aaaa, translate) == 0) {
      return Turn::Done;
    } else {
      translated_.count(walk);
    }
    answer_translated(walk, RrType::Aaaa, denial_ttl(walk.answer(), kTtl), translate);
    walk.answer().authentic_data = false;
    return Turn::Done;
  }

  // RFC 7757 §3.3.2: the table comes first.
  [[nodiscard]] std::optional<dns::IpAddress> translate(const dns::IpAddress& v6) const {
    const auto known = options_.mappings.find(v6);
    return known != options_.mappings.end() ? known->second : options_.prefix.extract(v6);
  }

  const Options options_;
  const ServerCounter translated_;
};

}  // namespace

void read(corefile::Cursor& cursor, Plan& plan) {
  plan.make([options = parse(cursor)](Building& building) {
    building.step(std::make_unique<Siit>(
        options, ServerCounter(building, "coredns_siit_requests_translated_total",
                               "Counter of DNS requests translated by siit.")));
  });
}

}  // namespace fairlead::plugins::siit
