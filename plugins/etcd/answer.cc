#include "plugins/etcd/answer.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "plugins/etcd/keys.h"
#include "plugins/etcd/records.h"

namespace fairlead::plugins::etcd {
namespace {

using dns::RrType;
using dns::Section;

constexpr size_t kMostAliases = 11;     // one behind another
constexpr size_t kMostFollowed = 1024;  // of one answer
constexpr uint32_t kMinimum = 30;
constexpr uint32_t kRefresh = 7200, kRetry = 1800, kExpire = 86'400;

bool is_alias(const Service& service) {
  return service.host == Service::Host::Name && service.text.empty();
}

// The name without its first labels; all of it when it has no more than those.
dns::Name stripped(const dns::Name& name, int64_t labels) {
  if (labels <= 0 || static_cast<uint64_t>(labels) >= dns::label_count(name.view())) return name;
  size_t at = 0;
  for (int64_t i = 0; i < labels; ++i) at += name.view()[at] + 1U;
  return dns::Name(name.view().subspan(at));
}

// Shares of those with the same priority, in per cent; 1 at least.
class Weights {
 public:
  explicit Weights(const std::vector<const Service*>& services) {
    for (const Service* service : services) sums_[priority_of(*service)] += own(*service);
  }
  [[nodiscard]] uint16_t of(const Service& service) const {
    constexpr double kWhole = 100;
    const double sum = sums_.at(priority_of(service));
    const double share = sum == 0 ? 0 : std::floor(kWhole / sum * own(service));
    return static_cast<uint16_t>(
        std::clamp<double>(share, 1, std::numeric_limits<uint16_t>::max()));
  }

 private:
  static double own(const Service& service) {
    constexpr double kUnsaid = 100;
    return service.weight == 0 ? kUnsaid : static_cast<double>(service.weight);
  }
  std::map<int64_t, double> sums_;
};

class Responding {
 public:
  Responding(const Subject& subject, Lookup& lookup, dns::Answer& answer)
      : subject_(subject), lookup_(lookup), answer_(answer) {}

  Response run() {
    const bool exists = collect();
    if (response_.outcome == Outcome::Failed) return std::move(response_);
    answer_.authoritative = true;
    answer_.truncated = lookup_.exhausted() || records_.full() || followed_ == kMostFollowed;
    if (records_.size(Section::Answer) != 0) {
      records_.write(answer_);
    } else if (answer_.records().empty()) {
      deny(exists);
    }
    return std::move(response_);
  }

 private:
  // The names that lead here, the last one first.
  struct Link {
    const dns::Name* target = nullptr;
    const Link* before = nullptr;
    size_t count = 0;
  };
  struct Owner {
    const dns::Name& name;  // lower-cased
    NameOf ref;
  };

  // Whether some key is there for the name.
  bool collect() {
    switch (subject_.query.qtype) {
      case RrType::A:
      case RrType::Aaaa:
      case RrType::Txt:
        return collect_type({subject_.query.lower_qname, {}}, subject_.query.qtype, Section::Answer,
                            nullptr);
      case RrType::Cname:
      case RrType::Ptr:
        return collect_names();
      case RrType::Srv:
        return collect_services();
      case RrType::Mx:
        return collect_exchanges();
      case RrType::Soa:
        if (!is_apex()) return exists();
        add_soa(Section::Answer, subject_.ttls.success);
        return true;
      case RrType::Ns:
        return is_apex() ? collect_name_servers() : exists();
      default:
        return exists();
    }
  }

  [[nodiscard]] bool is_apex() const { return subject_.query.lower_qname == subject_.zone; }
  [[nodiscard]] bool exists() {
    return lookup_
        .find_at_or_below_apex(subject_.query.lower_qname.view(), RrType::A, subject_.zone.view())
        .exists;
  }
  Found find(Lookup::Which which) {
    return lookup_.find(subject_.query.lower_qname.view(), subject_.query.qtype, which);
  }
  [[nodiscard]] Planned planned(RrType type, const Service& service, const NameOf& owner) const {
    return {.type = type,
            .ttl = subject_.ttls.success.clamp(lookup_.ttl(service)),
            .owner = owner,
            .service = &service,
            .target = {}};
  }

  // A, AAAA or TXT, also those behind aliases.
  bool collect_type(const Owner& owner, RrType type, Section section, const Link* link) {
    const Found found =
        type == RrType::Txt
            ? lookup_.find(owner.name.view(), type, Lookup::Which::Below)
            : lookup_.find_at_or_below_apex(owner.name.view(), type, subject_.zone.view());
    for (const Service* service : found.services) {
      if (records_.full()) break;
      if (is_alias(*service)) {
        follow(*service, owner, type, section, link);
      } else if (has(*service, type)) {
        records_.add(section, planned(type, *service, owner.ref));
      }
    }
    return found.exists;
  }

  static bool has(const Service& service, RrType type) {
    const bool address = service.host == Service::Host::Address;
    if (type == RrType::Txt) return !address;
    return address && service.address.is_v6() == (type == RrType::Aaaa);
  }

  // An alias that leads to nothing in the zone is none; what leads elsewhere is asked for.
  void follow(const Service& service, const Owner& owner, RrType type, Section section,
              const Link* link) {
    const dns::Name target = dns::Name(service.host_view()).lowered();
    if (dns::is_at_or_below(target.view(), owner.name.view())) return;
    const Link here{&target, link, link == nullptr ? 1 : link->count + 1};
    if (here.count > kMostAliases || was_met(target, link)) return;
    if (followed_ == kMostFollowed) return;
    ++followed_;
    Planned alias = planned(RrType::Cname, service, owner.ref);
    alias.target.host = &service;
    records_.add(section, alias);
    if (records_.full()) return;
    if (!dns::is_at_or_below(target.view(), subject_.zone.view()))
      return ask_outside(target, type, section);
    const size_t before = records_.size(section);
    collect_type({target, {.host = &service}}, type, section, &here);
    if (records_.size(section) == before && !records_.full()) records_.take_back_last(section);
  }

  static bool was_met(const dns::Name& target, const Link* link) {
    for (; link != nullptr; link = link->before)
      if (*link->target == target) return true;
    return false;
  }

  void ask_outside(const dns::Name& name, RrType type, Section section) {
    auto& outside = response_.outside;
    const bool known = std::ranges::any_of(outside, [&](const Outside& other) {
      return other.name == name && other.type == type && other.section == section;
    });
    if (known || outside.size() == kMostOutside) return;
    outside.push_back({name, type, section, static_cast<uint32_t>(records_.size(Section::Answer))});
  }

  // CNAME and PTR: what the key itself says.
  bool collect_names() {
    const Found found = find(Lookup::Which::Exact);
    for (const Service* service : found.services) {
      if (service->host != Service::Host::Name) continue;
      Planned record = planned(subject_.query.qtype, *service, {});
      record.target.host = service;
      records_.add(Section::Answer, record);
    }
    return found.exists;
  }

  bool collect_services() {
    const Found found = find(Lookup::Which::Below);
    const Weights weights(found.services);
    for (const Service* service : found.services) {
      constexpr int64_t kNoPort = -1;
      if (service->port == kNoPort) continue;
      Planned record = planned(RrType::Srv, *service, {});
      record.weight = weights.of(*service);
      add_target(record, service->port);
    }
    return found.exists;
  }

  bool collect_exchanges() {
    const Found found = find(Lookup::Which::Below);
    for (const Service* service : found.services) {
      if (service->mail) add_target(planned(RrType::Mx, *service, {}), priority_of(*service));
    }
    return found.exists;
  }

  // ns.dns.ZONE has the addresses of the zone's servers.
  bool collect_name_servers() {
    dns::Name name = subject_.zone;
    if (!name.prepend("dns") || !name.prepend("ns")) return false;
    const Found found = lookup_.find(name.view(), RrType::Ns, Lookup::Which::Below);
    for (const Service* service : found.services) {
      if (is_alias(*service)) {
        response_.outcome = Outcome::Failed;
        response_.error = "NS record must be an IP address: " + dns::to_text(service->host_view());
        return true;
      }
      add_target(planned(RrType::Ns, *service, {}), 0);
    }
    return found.exists;
  }

  // A record that has the name of a host. An address has the name of its key; of those with the
  // same name and `number` the first counts.
  void add_target(Planned record, int64_t number) {
    const Service& service = *record.service;
    if (is_alias(service)) return add_host(record);
    if (service.host != Service::Host::Address || records_.full()) return;
    const auto own = name_of(lookup_.settings().root, service.key);
    if (!own) return;
    const dns::Name target = stripped(*own, service.target_strip);
    record.target.ref = answer_.add_name(target.view());
    if (targets_.emplace(dns::to_text(target.view()), number).second)
      records_.add(Section::Answer, record);
    const RrType type = service.address.is_v6() ? RrType::Aaaa : RrType::A;
    records_.add(Section::Additional, planned(type, service, record.target));
  }

  void add_host(Planned record) {
    if (records_.full()) return;
    const Service& service = *record.service;
    const dns::Name target = stripped(dns::Name(service.host_view()), service.target_strip);
    record.target.ref = answer_.add_name(target.view());
    records_.add(Section::Answer, record);
    const dns::Name name = target.lowered();
    if (!hosts_.insert(dns::to_text(name.view())).second) return;
    for (const RrType type : {RrType::A, RrType::Aaaa}) {
      if (dns::is_at_or_below(name.view(), subject_.zone.view())) {
        collect_type({name, record.target}, type, Section::Additional, nullptr);
      } else {
        ask_outside(name, type, Section::Additional);
      }
    }
  }

  // The zone's own name is always there.
  void deny(bool exists) {
    if (!exists) response_.outcome = Outcome::NoSuchName;
    if (!exists && !is_apex()) answer_.rcode = dns::Rcode::NxDomain;
    add_soa(Section::Authority, subject_.ttls.denial);
  }

  void add_soa(Section section, const TtlRange& ttls) {
    const dns::NameRef zone = answer_.add_name(subject_.zone.view());
    dns::Name servers = subject_.zone;
    servers.prepend("dns");
    answer_.add_soa(section, zone, ttls.clamp(kMinimum),
                    {.mname = answer_.add_name("ns", servers.view()),
                     .rname = answer_.add_name("hostmaster", subject_.zone.view()),
                     .serial = subject_.serial,
                     .refresh = kRefresh,
                     .retry = kRetry,
                     .expire = kExpire,
                     .minimum = kMinimum});
  }

  const Subject& subject_;
  Lookup& lookup_;
  dns::Answer& answer_;
  Response response_;
  Records records_;
  size_t followed_ = 0;
  std::set<std::pair<std::string, int64_t>> targets_;
  std::set<std::string> hosts_;
};

}  // namespace

Response respond(const Subject& subject, Lookup& lookup, dns::Answer& answer) {
  Response response = Responding(subject, lookup, answer).run();
  if (response.outside.empty()) answer.drop_repeats();  // else places are known by their numbers
  return response;
}

}  // namespace fairlead::plugins::etcd
