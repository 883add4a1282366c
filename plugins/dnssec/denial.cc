#include "plugins/dnssec/denial.h"

#include <algorithm>
#include <array>

#include "dns/text_octets.h"

namespace fairlead::plugins::dnssec {
namespace {

using dns::RrType;

constexpr RrType type(uint16_t number) {
  return RrType{number};
}

// What a name may have. Which of them it has is not asked for: to say one too many costs a
// question, one too few would take records away from resolvers that answer from NSEC records
// themselves (RFC 8198). No CNAME: a name that has one has no denial.
constexpr auto kTypes = std::to_array<RrType>({
    RrType::A,     RrType::Ptr,   RrType::Hinfo, RrType::Mx, RrType::Txt, RrType::Aaaa,
    type(29),  // LOC
    RrType::Srv,
    type(35),  // NAPTR
    type(37),  // CERT
    type(44),  // SSHFP
    RrType::Rrsig, RrType::Nsec,
    type(52),  // TLSA
    type(53),  // SMIMEA
    type(55),  // HIP
    type(61),  // OPENPGPKEY
    RrType::Svcb,  RrType::Https,
    type(99),   // SPF
    type(256),  // URI
    type(257),  // CAA
});

constexpr auto kTypesOfApex =
    std::to_array<RrType>({RrType::Ns, RrType::Soa, RrType::Dnskey, RrType::Cds, RrType::Cdnskey});

// Behind `owner` in canonical order (RFC 4034 §6.1), with no name between them: "\000.OWNER", or
// for one that has no room for it the same with a greater last octet in its first label.
bool append_next(dns::NameView owner, std::vector<uint8_t>& rdata) {
  const bool has_room = owner.size() + 2 <= dns::kMaxNameSize;
  if (has_room) rdata.insert(rdata.end(), {1, 0});
  const size_t at = rdata.size();
  rdata.insert(rdata.end(), owner.begin(), owner.end());
  if (has_room) return true;
  uint8_t& last = rdata[at + owner[0]];
  if (last == 0xff) return false;
  last = last == '@' ? '[' : static_cast<uint8_t>(last + 1);  // letters in between are lower case
  return true;
}

std::vector<RrType> types_of(Denied denied, RrType asked) {
  if (denied == Denied::Name) return {RrType::Rrsig, RrType::Nsec, RrType::Nxname};
  if (denied == Denied::Delegation) return {RrType::Ns, RrType::Rrsig, RrType::Nsec};
  std::vector<RrType> types(kTypes.begin(), kTypes.end());
  if (denied == Denied::ApexType)
    types.insert(types.end(), kTypesOfApex.begin(), kTypesOfApex.end());
  if (asked != RrType::Nsec) std::erase(types, asked);
  std::ranges::sort(types);
  return types;
}

}  // namespace

bool append_nsec(dns::NameView owner, Denied denied, RrType asked, std::vector<uint8_t>& rdata) {
  if (!append_next(owner, rdata)) return false;
  std::vector<RrType> types = types_of(denied, asked);
  dns::append_bitmap(types, rdata);
  return true;
}

}  // namespace fairlead::plugins::dnssec
