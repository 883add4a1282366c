// The tsig directive in a block's chain: checks signatures on their way in, and signs replies as
// octets on their way out.
#include "query/step.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "dns/render.h"
#include "net/clock.h"
#include "plugins/building.h"
#include "plugins/tsig/setup.h"
#include "query/telling.h"
#include "query/walk.h"
#include "signing/tsig.h"

namespace fairlead::plugins::tsig {
namespace {

using dns::Rcode;
using query::Turn;
using query::Walk;
using signing::TsigError;

// What is kept of a query for its reply, and from message to message: Walk::sealing().
struct Sealing {
  signing::TsigWords words;
  signing::TsigMac before;
  signing::TsigAlgorithm algorithm{};
  size_t key = 0;        // its place; kNoKey: the reply is not signed
  size_t udp_limit = 0;  // octets of a datagram
  bool is_first = true;
};
static_assert(std::is_trivially_copyable_v<Sealing>);
constexpr size_t kNoKey = SIZE_MAX;

void keep(const Walk& walk, const Sealing& sealing) {
  walk.sealing().resize(sizeof sealing);
  std::memcpy(walk.sealing().data(), &sealing, sizeof sealing);
}

Sealing kept(const Walk& walk) {
  Sealing sealing;
  std::memcpy(&sealing, walk.sealing().data(), sizeof sealing);
  return sealing;
}

uint64_t now_seconds() {
  return static_cast<uint64_t>(
      std::chrono::duration_cast<std::chrono::seconds>(net::time_of_day().time_since_epoch())
          .count());
}

void put_time(uint64_t seconds, signing::TsigWords& words) {
  words.other_size = static_cast<uint8_t>(words.other.size());
  for (size_t i = 0; i < words.other.size(); ++i)
    words.other[i] = static_cast<uint8_t>(seconds >> (8 * (words.other.size() - 1 - i)));
}

class TsigStep : public query::Step {
 public:
  explicit TsigStep(Options options) : options_(std::move(options)) {}

  // Once for each question of a client: what is asked in between is asked by us.
  Turn ask(Walk& walk) const override {
    const dns::Query& received = walk.received();
    const bool ours = dns::is_at_or_below_any(walk.question().lower_qname.view(), options_.zones);
    if (walk.telling() != nullptr) tell(ours, received, *walk.telling());
    if (!ours || !walk.is_clients() || !walk.has_client() || !walk.sealing().empty() ||
        walk.telling() != nullptr)
      return Turn::Pass;
    if (received.has_tsig && !walk.packet().empty()) return check(walk, received);
    return is_required(received) ? walk.fail(Rcode::Refused) : Turn::Pass;
  }

  [[nodiscard]] size_t seal(const Walk& walk, std::span<uint8_t> out, size_t size) const override {
    Sealing sealing = kept(walk);
    const bool is_signed = sealing.key != kNoKey;
    if (sealing.words.error != TsigError::BadTime) sealing.words.time = time_of(sealing);
    const size_t mac = is_signed ? signing::mac_size(sealing.algorithm) : 0;
    const size_t more = signing::tsig_size(sealing.words, mac);
    const bool datagram = walk.received().transport == dns::Transport::Udp;
    const size_t limit = datagram ? std::min(out.size(), sealing.udp_limit) : out.size();
    if (size + more > limit) size = truncate(walk, out);
    const signing::TsigMac before = sealing.before;
    const signing::TsigSecret secret{is_signed ? options_.keys[sealing.key] : kNone,
                                     sealing.algorithm, before, sealing.is_first};
    const size_t whole = signing::append_tsig(out, size, sealing.words,
                                              is_signed ? &secret : nullptr, sealing.before);
    sealing.is_first = false;
    keep(walk, sealing);
    return whole;
  }

 private:
  static inline const signing::TsigKey kNone{};

  // Nothing was signed, so that there is no time of it: 0, as in CoreDNS.
  static uint64_t time_of(const Sealing& sealing) {
    return sealing.key == kNoKey ? 0 : now_seconds();
  }

  // The client asks again over TCP (RFC 8945 §5.3).
  static size_t truncate(const Walk& walk, std::span<uint8_t> out) {
    dns::Answer cut;
    cut.rcode = walk.answer().rcode;
    cut.truncated = true;
    return dns::render(walk.received(), cut, out);
  }

  [[nodiscard]] bool is_required(const dns::Query& query) const {
    return options_.all || options_.all_opcodes || options_.opcodes.contains(query.opcode) ||
           options_.types.contains(static_cast<uint16_t>(query.qtype));
  }

  [[nodiscard]] size_t find_key(dns::NameView name) const {
    const dns::Name lowered = dns::Name(name).lowered();
    for (size_t i = 0; i < options_.keys.size(); ++i) {
      if (options_.keys[i].name == lowered) return i;
    }
    return kNoKey;
  }

  Turn check(Walk& walk, const dns::Query& received) const {
    const dns::Tsig& tsig = received.tsig;
    Sealing sealing{.words = signing::words_of(walk.packet(), tsig)};
    sealing.key = find_key(sealing.words.key_name.view());
    const auto algorithm = signing::tsig_algorithm(tsig.algorithm);
    TsigError error = TsigError::BadKey;
    const uint64_t now = now_seconds();
    if (sealing.key != kNoKey && algorithm)
      error = signing::verify_tsig(walk.packet(), tsig, options_.keys[sealing.key], now);
    if (error == TsigError::BadSize) return walk.fail(Rcode::FormErr);
    // Whoever has not shown that he knows the secret is not answered with it.
    if (error == TsigError::BadKey || error == TsigError::BadSig) sealing.key = kNoKey;
    if (error == TsigError::BadTime) put_time(now, sealing.words);
    sealing.words.error = error;
    sealing.words.fudge = error == TsigError::None ? signing::kTsigFudge : sealing.words.fudge;
    sealing.algorithm = algorithm.value_or(signing::TsigAlgorithm::Sha256);
    std::copy_n(tsig.mac.begin(), std::min(tsig.mac.size(), sealing.before.octets.size()),
                sealing.before.octets.begin());
    sealing.before.size =
        static_cast<uint8_t>(std::min(tsig.mac.size(), sealing.before.octets.size()));
    leave_room(walk, sealing);
    keep(walk, sealing);
    walk.seal_me();
    return error == TsigError::None ? Turn::Pass : walk.fail(Rcode::NotAuth);
  }

  static void leave_room(Walk& walk, Sealing& sealing) {
    const size_t limit = dns::reply_limit(walk.received());
    sealing.udp_limit = limit;
    if (walk.received().transport != dns::Transport::Udp) return;
    const size_t more = signing::tsig_size(sealing.words, signing::mac_size(sealing.algorithm));
    walk.limit_udp_size(static_cast<uint16_t>(limit > more ? limit - more : 0));
  }

  void tell(bool ours, const dns::Query& query, query::Telling& telling) const {
    if (!ours) return telling.tell("is not for this name");
    telling.tell(is_required(query) ? "refuses queries that are not signed with a known key"
                                    : "checks the query if it is signed, and signs the reply then");
  }

  const Options options_;
};

// What the Corefile's words do not tell.
std::string identity_of(const Options& options) {
  std::string text;
  for (const signing::TsigKey& key : options.keys) {
    text += dns::to_text(key.name.view()) + " ";
    text.append(key.secret.begin(), key.secret.end());
  }
  return text;
}

}  // namespace

void read(corefile::Cursor& cursor, Plan& plan) {
  const Options options = parse(cursor, plan.context());
  plan.identify(identity_of(options));
  plan.make([options](Building& building) {
    building.take_signed();
    building.step(std::make_unique<TsigStep>(options));
  });
}

}  // namespace fairlead::plugins::tsig
