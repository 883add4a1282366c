// Replies of an upstream, written for the tests of the code that reads them.
#pragma once

#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "dns/address.h"
#include "dns/types.h"
#include "test/scenarios/wire.h"
#include "test/unit/dns/octets.h"

namespace fairlead::dns {

inline void put16(Octets& out, size_t value) {
  out.push_back(static_cast<uint8_t>(value >> 8));
  out.push_back(static_cast<uint8_t>(value));
}
inline void put32(Octets& out, uint32_t value) {
  put16(out, value >> 16);
  put16(out, value & 0xffff);
}
inline void put(Octets& out, const Octets& octets) {
  out.insert(out.end(), octets.begin(), octets.end());
}

/// One message in the words of the tests: lines `OWNER TTL TYPE RDATA`, where RDATA is an address,
/// a name (NS, CNAME, PTR, DNAME), `ZONE MINIMUM` (SOA), `COVERED SIGNER` (RRSIG), `NEXT` (NSEC)
/// or, for every other type and behind a `#`, what octets() reads. OWNER `@` is a pointer to the
/// question's name. CLASS in front of the TTL: `CH`.
class UpstreamReply {
 public:
  uint16_t id = 0x1234;
  uint16_t flags = 0x8180;
  std::string qname = "web.x.";
  uint16_t qtype = 1;
  uint16_t qclass = 1;
  bool question = true;
  std::vector<std::string> answer, authority, additional;
  Octets trailer;

  [[nodiscard]] Octets encode() const {
    Octets out;
    put16(out, id);
    put16(out, flags);
    put16(out, question ? 1 : 0);
    for (const auto* section : {&answer, &authority, &additional}) put16(out, section->size());
    if (question) {
      put(out, scenarios::encode_name(qname));
      put16(out, qtype);
      put16(out, qclass);
    }
    for (const auto* section : {&answer, &authority, &additional}) {
      for (const std::string& line : *section) put(out, record(line));
    }
    put(out, trailer);
    return out;
  }

 private:
  static Octets record(const std::string& line) {
    std::istringstream words(line);
    std::string owner, ttl, type, rdata;
    words >> owner >> ttl;
    const bool chaos = ttl == "CH";
    if (chaos) words >> ttl;
    words >> type;
    std::getline(words >> std::ws, rdata);
    Octets out = owner == "@" ? octets("c00c") : scenarios::encode_name(owner);
    const auto number = rr_type_from_text(type);
    if (!number) throw std::runtime_error("no type: " + line);
    put16(out, static_cast<uint16_t>(*number));
    put16(out, chaos ? 3 : 1);
    put32(out, static_cast<uint32_t>(std::stoul(ttl)));
    const Octets data = rdata.starts_with("#") ? octets(rdata.substr(1)) : known(*number, rdata);
    put16(out, data.size());
    put(out, data);
    return out;
  }

  static Octets known(RrType type, const std::string& text) {
    std::istringstream words(text);
    std::string first, second;
    words >> first >> second;
    Octets out;
    switch (type) {
      case RrType::A:
      case RrType::Aaaa: {
        const auto address = IpAddress::from_text(first);
        if (!address) throw std::runtime_error("no address: " + text);
        return {address->octets().begin(), address->octets().end()};
      }
      case RrType::Soa:
        out = octets("\"ns." + first + "\" \"host." + first +
                     "\" 00000001 00000002 00000003 00000004");
        put32(out, static_cast<uint32_t>(std::stoul(second)));
        return out;
      case RrType::Rrsig:
        put16(out, static_cast<uint16_t>(*rr_type_from_text(first)));
        put(out, octets("0802 0000003c 6553f100 65537000 1111 \"" + second + "\" abcd"));
        return out;
      case RrType::Nsec:
        return octets("\"" + first + "\" 0001 40");
      default:
        return scenarios::encode_name(first);
    }
  }
};

}  // namespace fairlead::dns
