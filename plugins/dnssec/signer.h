// Answers that become signed ones, whatever made them (RFC 4035 §3.1; denials as RFC 9824 has
// them).
#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include "dns/answer.h"
#include "dns/name.h"
#include "dns/query.h"
#include "net/counter.h"
#include "plugins/dnssec/setup.h"
#include "signing/rrset.h"
#include "signing/signature_cache.h"

namespace fairlead::plugins::dnssec {

/// One worker's counters of one server. Only that worker's thread counts; any thread reads.
struct alignas(64) Counters {
  net::Counter hits;
  net::Counter misses;
};

struct SignedZone {
  dns::Name name;
  Keys for_records;
  Keys for_keys;  // the DNSKEY records
  Keys all;
};

/// What one reply is signed with; made for reuse by one thread.
struct Workbench {
  struct Place {
    uint64_t hash = 0;  // of section, owner and type
    uint32_t index = 0;
  };
  signing::Rrset rrset;
  signing::Signatures signatures;
  std::vector<uint8_t> octets;
  std::vector<Place> places;
  std::vector<uint64_t> has_signature;  // hashes
  struct First {
    uint32_t index = 0;
    size_t place = 0;  // in `places`
  };
  std::vector<First> firsts;  // records of RRsets, in the order of the answer
};

/// One reply to be signed.
struct Reply {
  const dns::Query& question;
  dns::Answer& answer;
  std::chrono::system_clock::time_point now;
  bool delegated =
      false;  // what is asked belongs to a parent: the name has name servers of its own
};

/// Constant but for its cache: shared by all workers.
class Signer {
 public:
  Signer(const Options& options, std::shared_ptr<signing::SignatureCache> cache);

  /// The longest that `name` (lower case) is at or below; null when there is none.
  [[nodiscard]] const SignedZone* zone_of(dns::NameView name) const;

  /// A denial without a DS record: only of a delegation it must say so.
  [[nodiscard]] bool depends_on_delegation(const dns::Query& question,
                                           const dns::Answer& answer) const;

  /// Adds signatures of all RRsets that are a zone's own and have none, and to denials and
  /// referrals what proves them. What is incomplete is left as it is.
  void sign(const Reply& reply, Workbench& bench, Counters* counters) const;

 private:
  friend class Signing;
  const std::vector<SignedZone> zones_;  // longest first
  const std::shared_ptr<signing::SignatureCache> cache_;
};

/// The name that the aliases of `answer` lead to, lower case.
dns::Name end_of_aliases(const dns::Query& question, const dns::Answer& answer);

}  // namespace fairlead::plugins::dnssec
