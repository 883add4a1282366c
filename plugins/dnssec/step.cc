// The dnssec directive in a block's chain: sees every reply that is to be signed on its way out.
#include "query/step.h"

#include <memory>
#include <string>
#include <utility>

#include "metrics/counter_table.h"
#include "net/clock.h"
#include "plugins/building.h"
#include "plugins/dnssec/setup.h"
#include "plugins/dnssec/signer.h"
#include "query/telling.h"
#include "query/walk.h"
#include "signing/signature_cache.h"

namespace fairlead::plugins::dnssec {
namespace {

using dns::RrType;
using query::Note;
using query::Turn;
using query::Walk;

constexpr uint16_t kInvalidQueryType = 30;  // RFC 9824 §9

// What a reload keeps as long as zones and keys are the same.
struct KeptSignatures {
  KeptSignatures(std::string text, size_t capacity) : identity(std::move(text)), cache(capacity) {}
  const std::string identity;
  signing::SignatureCache cache;
};

bool is_transfer(RrType type) {
  return type == RrType::Axfr || type == RrType::Ixfr;
}

bool wants_signatures(const dns::Query& question) {
  return question.has_edns && question.edns.dnssec_ok;
}

std::string tags(const Keys& keys) {
  std::string text;
  for (const auto& key : keys) text += (text.empty() ? "" : ", ") + std::to_string(key->tag());
  return text;
}

class Dnssec : public query::Step {
 public:
  struct Parts {
    Signer signer;
    std::shared_ptr<KeptSignatures> kept;
    query::LocalAt<Workbench> bench;
    size_t counters = Building::kNotCounted;
  };
  explicit Dnssec(Parts parts) : parts_(std::move(parts)) {}

  Turn ask(Walk& walk) const override {
    const dns::Query& question = walk.question();
    const bool wanted = wants_signatures(question);
    const bool keys = question.qtype == RrType::Dnskey;
    if (!wanted && !keys && walk.telling() == nullptr) return Turn::Pass;
    const SignedZone* const zone = parts_.signer.zone_of(question.lower_qname.view());
    if (walk.telling() != nullptr) tell(zone, *walk.telling());
    if (zone == nullptr || zone->all.empty() || question.qclass != dns::RrClass::In)
      return Turn::Pass;
    if (keys && zone->name == question.lower_qname) return answer_keys(walk, *zone);
    if (!wanted || !walk.is_clients() || is_transfer(question.qtype)) return Turn::Pass;
    if (question.qtype == RrType::Nxname) return refuse_nxname(walk);
    walk.see_me();
    return Turn::Pass;
  }

  // Whether a name without a DS record is delegated those behind are asked for.
  Turn see(Walk& walk, Note& note) const override {
    uint64_t& asked = note.words[0];
    if (asked == 0 && parts_.signer.depends_on_delegation(walk.question(), walk.answer())) {
      asked = 1;
      return walk.ask_rest(walk.question().lower_qname.view(), RrType::Ns);
    }
    const bool delegated = walk.found() != nullptr && has_name_servers(walk);
    if (asked != 0) walk.forget_failure();
    sign(walk, delegated);
    return Turn::Done;
  }

 private:
  static bool has_name_servers(const Walk& walk) {
    const dns::NameView name = walk.question().lower_qname.view();
    for (const dns::Record& record : walk.found()->records()) {
      if (record.type == RrType::Ns &&
          dns::equal_ignoring_case(walk.found()->name(record.owner, walk.found_name()), name))
        return true;
    }
    return false;
  }

  // RFC 9824 §3.5
  static Turn refuse_nxname(Walk& walk) {
    const Turn turn = walk.fail(dns::Rcode::FormErr);
    walk.answer().add_extended_error(kInvalidQueryType, "NXNAME is not asked for");
    return turn;
  }

  Turn answer_keys(Walk& walk, const SignedZone& zone) const {
    dns::Answer& answer = walk.answer();
    answer.authoritative = true;
    for (const auto& key : zone.all)
      answer.add_raw(dns::Section::Answer, dns::kQname, RrType::Dnskey, key->ttl(), key->rdata());
    if (wants_signatures(walk.question())) sign(walk, false);
    return Turn::Done;
  }

  void sign(Walk& walk, bool delegated) const {
    const size_t number = parts_.counters;
    Counters* const counters =
        number == Building::kNotCounted ? nullptr : walk.counters<Counters>(number);
    parts_.signer.sign({walk.question(), walk.answer(), net::time_of_day(), delegated},
                       walk.local(parts_.bench), counters);
  }

  static void tell(const SignedZone* zone, query::Telling& telling) {
    if (zone == nullptr) return telling.tell("is not for this name");
    if (zone->all.empty()) return telling.tell("has no keys");
    telling.tell("signs the reply as " + dns::to_text(zone->name.view()) +
                 " when signatures are asked for (DO), with key " + tags(zone->for_records));
  }

  const Parts parts_;
};

// Signatures of one block are good as long as this is the same.
std::string identity_of(const Options& options) {
  std::string text = std::to_string(options.cache_capacity);
  for (const dns::Name& zone : options.zones) text += " " + dns::to_text(zone.view());
  for (const auto& key : options.keys) {
    text += " " + dns::to_text(key->owner().view()) + " ";
    text.append(key->rdata().begin(), key->rdata().end());
  }
  return text;
}

void collect_counters(const metrics::CounterTableOf<Counters>::Slots& slots,
                      metrics::FamilySet& families) {
  auto& hits =
      families.counter({"coredns_dnssec_cache_hits_total", "The count of cache hits.", {"server"}});
  auto& misses = families.counter(
      {"coredns_dnssec_cache_misses_total", "The count of cache misses.", {"server"}});
  for (const auto& [labels, workers] : slots) {
    for (const Counters& counters : *workers) {
      add_seen(hits, {labels.server}, counters.hits.value());
      add_seen(misses, {labels.server}, counters.misses.value());
    }
  }
}

void collect_entries(const std::shared_ptr<KeptSignatures>& kept, Building& building) {
  if (!building.is_counted()) return;
  for (const ServedKey& served : building.plan().keys) {
    for (const net::ListenAddress& address : served.addresses) {
      building.collect([kept, server = served.server_label(address)](auto& families) {
        families
            .gauge({"coredns_dnssec_cache_entries",
                    "The number of elements in the dnssec cache.",
                    {"server", "type"}})
            .set({server, "signature"}, static_cast<double>(kept->cache.size()));
      });
    }
  }
}

void make_step(const Options& options, Building& building) {
  const std::string identity = identity_of(options);
  const auto kept = building.keep<KeptSignatures>(
      [&](const KeptSignatures& other) { return other.identity == identity; },
      [&] { return std::make_shared<KeptSignatures>(identity, options.cache_capacity); });
  std::shared_ptr<signing::SignatureCache> cache(kept, &kept->cache);
  building.step(std::make_unique<Dnssec>(
      Dnssec::Parts{.signer = Signer(options, std::move(cache)),
                    .kept = kept,
                    .bench = building.local<Workbench>(
                        [](asio::io_context&, size_t) { return std::make_shared<Workbench>(); }),
                    .counters = building.counters<Counters>("dnssec", collect_counters)}));
  collect_entries(kept, building);
}

}  // namespace

void read(corefile::Cursor& cursor, Plan& plan) {
  const Options options = parse(cursor, plan.context());
  plan.identify(identity_of(options));
  plan.make([options](Building& building) { make_step(options, building); });
}

}  // namespace fairlead::plugins::dnssec
