#include "zones/direct.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>
#include <utility>

#include "dns/direct_reply.h"
#include "dns/reader.h"
#include "dns/writer.h"
#include "net/prng.h"
#include "zones/locate.h"
#include "zones/soa.h"

namespace fairlead::zones {
namespace {

using dns::DirectReply;
using dns::RrType;
using At = Place::Kind;

constexpr size_t kMostAddresses = 64;  // more do not fit into a datagram

Direct written(DirectReply& reply, dns::Rcode rcode, const DirectReply::Counts& counts) {
  return {Direct::Outcome::Written, reply.finish(rcode, counts), rcode};
}

uint8_t* put_label(uint8_t* at, std::string_view label) {
  *at = static_cast<uint8_t>(label.size());
  std::memcpy(at + 1, label.data(), label.size());
  return at + 1 + label.size();
}

// The zone's SOA, its two names without what the question's name has of them.
Direct write_denial(const Subject& of, dns::Rcode rcode, std::span<uint8_t> out) {
  constexpr std::string_view kServer = "\2ns\3dns";
  constexpr std::string_view kMailbox = "\12hostmaster";
  constexpr size_t kSize = kServer.size() + 2 + kMailbox.size() + 2 + 5 * sizeof(uint32_t);
  if (of.labels > 0 &&
      (of.query.label_is(of.labels - 1, "dns") || of.query.label_is(of.labels - 1, "hostmaster")))
    return {};  // more could be pointed at
  DirectReply reply(of.query, out);
  if (reply.room() < dns::kRecordHead + kSize) return {};
  const ZoneSoa soa = zone_soa(of.cluster, of.snapshot, dns::Section::Authority);
  const uint16_t zone = dns::pointer_into_qname(of.zone_at());
  uint8_t* at = reply.add(of.zone_at(), RrType::Soa, soa.ttl, kSize);
  std::memcpy(at, kServer.data(), kServer.size());
  at = dns::put16(at + kServer.size(), zone);
  std::memcpy(at, kMailbox.data(), kMailbox.size());
  at = dns::put16(at + kMailbox.size(), zone);
  for (const uint32_t value :
       {soa.serial, ZoneSoa::kRefresh, ZoneSoa::kRetry, ZoneSoa::kExpire, soa.minimum})
    at = dns::put32(at, value);
  return written(reply, rcode, {.authorities = 1});
}

// Addresses of one family. None are taken behind the last that fits.
struct Addresses {
  std::array<const uint8_t*, kMostAddresses> octets;
  size_t count = 0;
  bool too_many = false;

  bool add(const uint8_t* address) {
    too_many = count == kMostAddresses;
    if (!too_many) octets[count++] = address;
    return !too_many;
  }

  // As the loadbalance directive shuffles the records of an answer.
  void shuffle(uint64_t seed) {
    if (seed == 0 || count < 2) return;
    net::Prng prng(seed);
    for (size_t left = count; left > 1; --left)
      std::swap(octets[left - 1], octets[prng.below(static_cast<uint32_t>(left))]);
  }
};

// False when they are not a plain list.
bool collect(const Place& place, bool v6, Addresses& all) {
  if (place.kind == At::Pod) {
    if (place.address.is_v6() == v6) all.add(place.address.octets().data());
  } else if (place.kind == At::Service) {
    if (!alias_target(place).empty()) return false;
    if (!place.by_endpoint()) {
      for (const dns::IpAddress& ip : place.service->cluster_ips)
        if (ip.is_v6() == v6 && !all.add(ip.octets().data())) break;
    } else if (place.service->may_repeat()) {
      return false;
    } else {
      for_each_endpoint(place, [&](const SliceRecord& slice, size_t one, size_t) {
        return slice.v6 != v6 || all.add(slice.octets(one).data());
      });
    }
  }
  return place.kind != At::NameServer && !all.too_many;
}

Direct write_addresses(const Subject& of, uint64_t seed, std::span<uint8_t> out) {
  const bool v6 = of.query.qtype == RrType::Aaaa;
  const size_t size = v6 ? 16 : 4;
  Addresses all;
  if (!collect(of.place, v6, all)) return {};
  if (all.count == 0) return write_denial(of, dns::Rcode::NoError, out);
  DirectReply reply(of.query, out);
  if (reply.room() < all.count * (dns::kRecordHead + size)) return {};
  all.shuffle(seed);
  for (size_t i = 0; i < all.count; ++i)
    std::memcpy(reply.add(0, of.query.qtype, of.cluster.ttl, size), all.octets[i], size);
  const auto count = static_cast<uint16_t>(all.count);
  return written(reply, dns::Rcode::NoError, {.answers = count});
}

// _PORT._PROTOCOL of a service with one address: the target is the rest of the question's name, so
// that must be in lower case, as the answer's names are.
Direct write_port(const Subject& of, std::span<uint8_t> out) {
  constexpr size_t kFront = 6;  // priority, weight, port
  constexpr uint16_t kWholeShare = 100;
  const ServiceRecord& service = *of.place.service;
  if (of.place.by_endpoint() || service.type != Service::Type::ClusterIp || of.place.port.any() ||
      service.cluster_ips.size() != 1 || matching_ports(service.ports, of.place.port) != 1 ||
      !std::ranges::equal(of.query.qname, of.query.lower_qname.view()))
    return {};
  const dns::IpAddress& ip = service.cluster_ips[0];
  const size_t target_at = of.query.label_at[2];
  const dns::NameView target = of.query.qname.subspan(target_at);
  DirectReply reply(of.query, out);
  if (reply.room() < 2 * dns::kRecordHead + kFront + target.size() + ip.octets().size()) return {};
  const auto port = std::ranges::find_if(
      service.ports, [&](const PortRecord& one) { return of.place.port.matches(one); });
  uint8_t* at = reply.add(0, RrType::Srv, of.cluster.ttl, kFront + target.size());
  at = dns::put16(dns::put16(dns::put16(at, 0), kWholeShare), port->number);
  std::memcpy(at, target.data(), target.size());
  const RrType type = ip.is_v6() ? RrType::Aaaa : RrType::A;
  at = reply.add(target_at, type, of.cluster.ttl, ip.octets().size());
  std::memcpy(at, ip.octets().data(), ip.octets().size());
  return written(reply, dns::Rcode::NoError, {.answers = 1, .additionals = 1});
}

bool is_label(std::string_view text) {
  return !text.empty() && text.size() <= dns::kMaxLabelSize &&
         text.find('.') == std::string_view::npos;
}

// The name of an address, as the labels in front of the primary zone's "svc".
Direct write_pointer(const Subject& of, std::span<uint8_t> out) {
  const Pointers& found = of.place.pointers;
  if (found.count != 1) return {};
  const dns::Name& primary = of.cluster.zones[of.cluster.primary];
  char buffer[dns::kMaxAddressLabel + 2];
  const std::string_view endpoint =
      found.slice != nullptr ? found.slice->label(found.endpoint, buffer) : std::string_view();
  if (found.slice != nullptr && !is_label(endpoint)) return {};
  if (!is_label(found.service->name) || !is_label(found.service->namespace_name)) return {};
  const size_t front = found.slice != nullptr ? endpoint.size() + 1 : 0;
  const size_t size = front + found.service->name.size() + found.service->namespace_name.size() +
                      6 + primary.size();  // their length octets, and "svc"
  DirectReply reply(of.query, out);
  if (size > dns::kMaxNameSize || reply.room() < dns::kRecordHead + size) return {};
  uint8_t* at = reply.add(0, RrType::Ptr, of.cluster.ttl, size);
  if (front != 0) at = put_label(at, endpoint);
  at = put_label(put_label(at, found.service->name), found.service->namespace_name);
  at = put_label(at, "svc");
  std::memcpy(at, primary.view().data(), primary.size());
  return written(reply, dns::Rcode::NoError, {.answers = 1});
}

// A name of the primary zone has nothing that a reverse name ends in.
bool points_elsewhere(const ClusterZone& cluster) {
  const dns::NameView primary = cluster.zones[cluster.primary].view();
  constexpr std::string_view kArpa = "\4arpa";
  const std::string_view text(reinterpret_cast<const char*>(primary.data()), primary.size() - 1);
  return !text.empty() && !text.ends_with(kArpa);
}

Direct write_type(const Subject& of, uint64_t seed, std::span<uint8_t> out) {
  const At kind = of.place.kind;
  switch (of.query.qtype) {
    case RrType::A:
    case RrType::Aaaa:
      return write_addresses(of, seed, out);
    case RrType::Srv:
      if (kind == At::Service && of.place.service->type != Service::Type::ExternalName)
        return write_port(of, out);
      if (kind == At::Pod) return {};
      break;
    case RrType::Cname:
      if (!alias_target(of.place).empty()) return {};
      break;
    case RrType::Ptr:
      if (kind == At::Reverse)
        return points_elsewhere(of.cluster) ? write_pointer(of, out) : Direct{};
      break;
    case RrType::Txt:
      if (kind == At::Version) return {};
      break;
    case RrType::Soa:
    case RrType::Ns:
      if (kind == At::Apex) return {};
      break;
    case RrType::Axfr:
    case RrType::Ixfr:
      return {};
    default:
      break;
  }
  return write_denial(of, dns::Rcode::NoError, out);
}

}  // namespace

Direct write_reply(const Subject& subject, uint64_t seed, std::span<uint8_t> out) {
  const auto& [cluster, snapshot, query, zone, labels, place] = subject;
  const bool plain = zone != nullptr && zone->size() > 1 && query.qclass == dns::RrClass::In;
  if (!plain || !snapshot.synced() || cluster.is_multicluster(*zone)) return {};
  if (place.kind != At::Missing) return write_type(subject, seed, out);
  if (query.qtype == RrType::Axfr || query.qtype == RrType::Ixfr) return {};
  if (cluster.falls_through(query.lower_qname.view())) return {Direct::Outcome::FallThrough};
  return write_denial(subject, dns::Rcode::NxDomain, out);
}

}  // namespace fairlead::zones
