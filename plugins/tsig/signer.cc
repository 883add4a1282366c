#include "plugins/tsig/signer.h"

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "dns/render.h"
#include "net/unix_time.h"
#include "signing/tsig.h"

namespace fairlead::plugins::tsig {
namespace {

using dns::Rcode;
using signing::TsigError;

constexpr size_t kNoKey = SIZE_MAX;

// What is kept of a query for its reply, and from message to message.
struct Sealing {
  signing::TsigWords words;
  signing::TsigMac before;
  signing::TsigAlgorithm algorithm{};
  size_t key = 0;    // its place; kNoKey: the reply has a record without a MAC
  size_t limit = 0;  // octets of a reply
  bool is_first = true;
};
static_assert(std::is_trivially_copyable_v<Sealing>);

void keep(const Sealing& sealing, std::vector<uint8_t>& state) {
  state.resize(sizeof sealing);
  std::memcpy(state.data(), &sealing, sizeof sealing);
}

Sealing kept(const std::vector<uint8_t>& state) {
  Sealing sealing;
  std::memcpy(&sealing, state.data(), sizeof sealing);
  return sealing;
}

void put_time(uint64_t seconds, signing::TsigWords& words) {
  words.other_size = static_cast<uint8_t>(words.other.size());
  for (size_t i = 0; i < words.other.size(); ++i)
    words.other[i] = static_cast<uint8_t>(seconds >> (8 * (words.other.size() - 1 - i)));
}

void set_before(std::span<const uint8_t> mac, Sealing& sealing) {
  signing::TsigMac& before = sealing.before;
  before.size = static_cast<uint8_t>(std::min(mac.size(), before.octets.size()));
  std::copy_n(mac.begin(), before.size, before.octets.begin());
}

}  // namespace

bool Signer::is_for(dns::NameView lower_name) const {
  return dns::is_at_or_below_any(lower_name, options_.zones);
}

bool Signer::is_required(const dns::Query& query) const {
  return options_.all || options_.all_opcodes || options_.opcodes.contains(query.opcode) ||
         options_.types.contains(static_cast<uint16_t>(query.qtype));
}

size_t Signer::find_key(dns::NameView name) const {
  const auto found =
      std::ranges::find(options_.keys, dns::Name(name).lowered(), &signing::TsigKey::name);
  return found == options_.keys.end() ? kNoKey : static_cast<size_t>(found - options_.keys.begin());
}

Rcode Signer::check(const dns::Query& query, std::span<const uint8_t> packet,
                    std::vector<uint8_t>& state) const {
  if (!is_for(query.lower_qname.view())) return Rcode::NoError;
  if (!query.has_tsig || packet.empty())
    return is_required(query) ? Rcode::Refused : Rcode::NoError;
  const dns::Tsig& tsig = query.tsig;
  Sealing sealing{.words = signing::words_of(packet, tsig)};
  sealing.key = find_key(sealing.words.key_name.view());
  const auto algorithm = signing::tsig_algorithm(tsig.algorithm);
  TsigError error = TsigError::BadKey;
  const uint64_t now = net::seconds_since_1970();
  if (sealing.key != kNoKey && algorithm)
    error = signing::verify_tsig(packet, tsig, options_.keys[sealing.key], now);
  if (error == TsigError::BadSize) return Rcode::FormErr;
  // Whoever has not shown that he knows the secret is not answered with it.
  if (error == TsigError::BadKey || error == TsigError::BadSig) sealing.key = kNoKey;
  if (error == TsigError::BadTime) put_time(now, sealing.words);
  sealing.words.error = error;
  sealing.words.fudge = error == TsigError::None ? signing::kTsigFudge : sealing.words.fudge;
  sealing.algorithm = algorithm.value_or(signing::TsigAlgorithm::Sha256);
  sealing.limit = dns::reply_limit(query);
  set_before(tsig.mac, sealing);
  keep(sealing, state);
  return error == TsigError::None ? Rcode::NoError : Rcode::NotAuth;
}

Signer::Room Signer::room(const std::vector<uint8_t>& state) {
  const Sealing sealing = kept(state);
  const size_t mac = sealing.key != kNoKey ? signing::mac_size(sealing.algorithm) : 0;
  return {signing::tsig_size(sealing.words, mac), sealing.limit};
}

size_t Signer::sign(std::vector<uint8_t>& state, std::span<uint8_t> out, size_t size) const {
  Sealing sealing = kept(state);
  // RFC 8945 §5.3.2 leaves open what stands there when nothing is signed: CoreDNS says 0.
  if (sealing.words.error != TsigError::BadTime)
    sealing.words.time = sealing.key == kNoKey ? 0 : net::seconds_since_1970();
  size_t whole = 0;
  if (sealing.key == kNoKey) {
    whole = signing::append_tsig(out, size, sealing.words, nullptr, sealing.before);
  } else {
    const signing::TsigMac before = sealing.before;
    const signing::TsigSecret secret{options_.keys[sealing.key], sealing.algorithm, &before,
                                     sealing.is_first};
    whole = signing::append_tsig(out, size, sealing.words, &secret, sealing.before);
  }
  sealing.is_first = false;
  keep(sealing, state);
  return whole;
}

}  // namespace fairlead::plugins::tsig
