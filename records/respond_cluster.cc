#include "records/respond_cluster.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "dns/address.h"
#include "dns/render.h"

namespace fairlead::records {
namespace {

using dns::Answer;
using dns::ClusterRules;
using dns::Name;
using dns::NameRef;
using dns::NameView;
using dns::Query;
using dns::RrType;
using dns::Section;
using Node = Zone::Node;

constexpr size_t kMostInChain = 11;     // in one answer, as the cluster's server
constexpr size_t kMostLabelsOfPod = 4;  // NAMESPACE and three in front of it

// What stands at a name.
struct Found {
  enum class Kind : uint8_t { Missing, Empty, Listed, Pod };
  Kind kind = Kind::Missing;
  const Node* node = nullptr;  // Listed
  bool is_port = false;        // Listed: _PORT._PROTOCOL in front of a service
  dns::IpAddress address;      // Pod
};
using At = Found::Kind;

class Lookup {
 public:
  Lookup(const Zone& zone, const ClusterRules& rules) : zone_(zone), rules_(rules) {}

  /// `query`'s name lies in the zone.
  [[nodiscard]] Found find(const Query& query) const {
    const size_t labels = query.labels_in_front_of(zone_.origin()).value_or(0);
    const Node* const node = zone_.find(query.lower_qname.view());
    const std::string_view tree = labels == 0 ? "" : query.label(labels - 1);
    if (tree != "pod" && node != nullptr && is_listed(*node)) return listed(*node, query, labels);
    if (labels == 2 && query.label_is(0, "ns") && query.label_is(1, "dns"))
      return {.kind = At::Empty};
    if (tree != "svc" && tree != "pod") return {};
    if (labels == 1) return {.kind = At::Empty};
    if (dns::is_reverse_name(zone_.origin())) return {};
    if (!has_namespace(query.label(labels - 2))) return {};
    if (tree == "pod") return pod(query, labels - 1);
    const bool by_zone = rules_.zonal && labels >= 4 && query.label(labels - 4) == dns::kZonesLabel;
    if (by_zone) return zonal(query, labels);
    if (node != nullptr) return {.kind = At::Empty};
    return labels == 5 ? port(query) : Found();
  }

 private:
  [[nodiscard]] bool is_listed(const Node& node) const {
    const RecordsOfName records = zone_.records(node);
    return std::any_of(records.begin(), records.end(),
                       [](const ZoneRecord& record) { return !dns::is_private(record.type); });
  }

  static Found listed(const Node& node, const Query& query, size_t labels) {
    const bool is_port = labels == 5 && query.label(0).starts_with('_');
    return {.kind = At::Listed, .node = &node, .is_port = is_port};
  }

  [[nodiscard]] bool has_namespace(std::string_view space) const {
    Name name(zone_.origin());
    return name.prepend("svc") && name.prepend(space) && has_mark(name.view(), dns::kNamespaceMark);
  }

  [[nodiscard]] bool has_mark(NameView name, RrType mark) const {
    const Node* const node = zone_.find(name);
    if (node == nullptr) return false;
    const RecordsOfName records = zone_.records(*node);
    return std::any_of(records.begin(), records.end(),
                       [mark](const ZoneRecord& record) { return record.type == mark; });
  }

  [[nodiscard]] const Node* listed_at(NameView name) const {
    const Node* const node = zone_.find(name);
    return node != nullptr && is_listed(*node) ? node : nullptr;
  }

  // Names below _zone.SERVICE.NAMESPACE.svc that are not listed: nobody is in that zone, or all
  // endpoints do.
  [[nodiscard]] Found zonal(const Query& query, size_t labels) const {
    const NameView name = query.lower_qname.view();
    const NameView zones = name.subspan(query.label_at[labels - 4]);
    if (!has_mark(zones, dns::kZonesMark)) return {};
    if (labels == 4) return {.kind = At::Empty};
    const std::string_view which = query.label(labels - 5);
    if (which != "pin" && which != "prefer") return {};
    if (labels == 5 || which == "pin") return {.kind = At::Empty};
    Name pinned(zones);
    const NameView wanted = name.first(query.label_at[labels - 5]);
    const auto place = pinned.prepend("pin") ? dns::joined(wanted, pinned.view()) : std::nullopt;
    const Node* node = place ? listed_at(place->view()) : nullptr;
    if (node == nullptr) node = listed_at(name.subspan(query.label_at[labels - 3]));
    return node != nullptr ? Found{.kind = At::Listed, .node = node} : Found{.kind = At::Empty};
  }

  // `labels` are those in front of "pod"; at least one.
  [[nodiscard]] Found pod(const Query& query, size_t labels) const {
    if (rules_.pods == ClusterRules::Pods::Disabled) return {};
    if (labels == 1) return {.kind = At::Empty};
    if (labels > kMostLabelsOfPod) return {};
    const auto address = dns::address_from_label(query.label(labels - 2));
    if (!address) return {};
    if (rules_.pods == ClusterRules::Pods::Verified) {
      const NameView name = query.lower_qname.view().subspan(query.label_at[labels - 2]);
      if (listed_at(name) == nullptr) return {};
    }
    return {.kind = At::Pod, .address = *address};
  }

  // A port and its protocol may go without their underscores.
  [[nodiscard]] Found port(const Query& query) const {
    const bool any = query.label(0).starts_with('_') || query.label(1).starts_with('_');
    if (rules_.of_cluster_set && !any) return {};
    Name name(query.lower_qname.view().subspan(query.label_at[2]));
    for (const size_t label : {1U, 0U}) {
      std::string text(query.label(label));
      if (!text.starts_with('_')) text.insert(0, 1, '_');
      if (!name.prepend(text)) return {};
    }
    const Node* const node = listed_at(name.view());
    return node != nullptr ? Found{.kind = At::Listed, .node = node, .is_port = true} : Found();
  }

  const Zone& zone_;
  const ClusterRules& rules_;
};

class ClusterReply {
 public:
  ClusterReply(const Zone& zone, const ClusterRules& rules, const Query& query, Answer& out)
      : zone_(zone), rules_(rules), query_(query), out_(out), lookup_(zone, rules) {}

  Response run(std::span<const Name> fall_through) {
    const Found found = lookup_.find(query_);
    if (found.kind == At::Missing) return missing(fall_through);
    out_.authoritative = true;
    const Response said = answer(found, fall_through);
    if (out_.records().empty()) denial();
    return said;
  }

 private:
  Response missing(std::span<const Name> fall_through) {
    if (dns::is_at_or_below_any(query_.lower_qname.view(), fall_through))
      return {Outcome::PassOn, {}};
    out_.authoritative = true;
    out_.rcode = dns::Rcode::NxDomain;
    denial();
    return {};
  }

  // The SOA record, its owner in the question's case.
  void denial() {
    const NameRef owner = out_.add_name(query_.qname.last(zone_.origin().size()));
    for_each(zone_.apex(), RrType::Soa, [&](const ZoneRecord& soa) {
      out_.add_raw(Section::Authority, owner, RrType::Soa, rules_.denial_ttl, soa.rdata);
    });
  }

  // Nothing added means NODATA, as of all types that the cluster has none of.
  Response answer(const Found& found, std::span<const Name> fall_through) {
    switch (query_.qtype) {
      case RrType::A:
      case RrType::Aaaa:
        return address(found, fall_through);
      case RrType::Srv:
        srv(found);
        break;
      case RrType::Ns:
        if (found.kind == At::Listed && rules_.says_name_servers)
          with_addresses(*found.node, RrType::Ns, 0);
        break;
      case RrType::Cname:
      case RrType::Ptr:
      case RrType::Txt:
      case RrType::Soa:
        if (found.kind == At::Listed) rrset(*found.node, query_.qtype, dns::kQname);
        break;
      default:
        break;
    }
    return {};
  }

  Response address(const Found& first, std::span<const Name> fall_through) {
    if (alias_of(first).empty()) {
      addresses(first, dns::kQname);
      return {};
    }
    Query step = query_;
    NameRef owner = dns::kQname;
    Found found = first;
    for (NameView target = alias_of(found); !target.empty(); target = alias_of(found)) {
      if (out_.records().size() == kMostInChain || in_circle(step.lower_qname.view(), target)) {
        out_.drop_records();
        return {};
      }
      const NameRef next = out_.add_name(target);
      out_.add_name_record(RrType::Cname, Section::Answer, owner, ttl_of(*found.node), next);
      owner = next;
      step.set_name(target);
      const NameView name = step.lower_qname.view();
      if (!dns::is_at_or_below(name, zone_.origin())) return {Outcome::Chase, owner};
      found = lookup_.find(step);
      if (found.kind == At::Missing && dns::is_at_or_below_any(name, fall_through))
        return {Outcome::Chase, owner};
    }
    const size_t aliases = out_.records().size();
    addresses(found, owner);
    if (out_.records().size() == aliases) out_.drop_records();
    return {};
  }

  [[nodiscard]] NameView alias_of(const Found& found) const {
    NameView target;
    if (found.kind != At::Listed || !found.node->has_cname) return target;
    for_each(*found.node, RrType::Cname, [&](const ZoneRecord& record) { target = record.rdata; });
    return target;
  }
  [[nodiscard]] uint32_t ttl_of(const Node& node) const {
    uint32_t ttl = 0;
    for_each(node, RrType::Cname, [&](const ZoneRecord& record) { ttl = record.ttl; });
    return ttl;
  }

  [[nodiscard]] bool in_circle(NameView own_name, NameView target) const {
    if (dns::is_at_or_below(Name(target).lowered().view(), own_name)) return true;
    return std::ranges::any_of(out_.records(), [&](const dns::Record& record) {
      return dns::equal_ignoring_case(out_.rdata(record), target);
    });
  }

  void addresses(const Found& found, NameRef owner) {
    const RrType type = query_.qtype;
    if (found.kind == At::Pod && found.address.is_v6() == (type == RrType::Aaaa))
      out_.add_address(Section::Answer, owner, rules_.ttl, found.address);
    if (found.kind != At::Listed) return;
    rrset(*found.node, type, owner);
    if (!found.is_port) return;
    // A port has the addresses of those that offer it.
    for_each(*found.node, RrType::Srv, [&](const ZoneRecord& record) {
      if (const Node* const target = target_of(record.rdata.subspan(kBeforeTarget)))
        rrset(*target, type, owner);
    });
    out_.drop_repeats();
  }

  void srv(const Found& found) {
    if (found.kind == At::Pod) return pod_srv(found);
    if (found.kind != At::Listed || found.node->has_cname) return;
    with_addresses(*found.node, RrType::Srv, kBeforeTarget);
  }

  // A pod has no ports, yet port 0.
  void pod_srv(const Found& found) {
    const size_t labels = query_.labels_in_front_of(zone_.origin()).value_or(0);
    const NameRef target = out_.add_name(query_.qname.subspan(query_.label_at[labels - 3]));
    out_.add_srv(dns::kQname, rules_.ttl, {.weight = 100, .port = 0, .target = target});
    out_.add_address(Section::Additional, target, rules_.ttl, found.address);
  }

  // Records whose rdata has a name from `at` on, and the addresses of those names.
  void with_addresses(const Node& node, RrType type, size_t at) {
    rrset(node, type, dns::kQname);
    for_each(node, type, [&](const ZoneRecord& record) {
      if (octets_ > dns::kMaxTcpReply) return;
      const NameView name = record.rdata.subspan(at);
      const Node* const target = target_of(name);
      if (target == nullptr) return;
      const NameRef owner = out_.add_name(name);
      for (const RrType kind : {RrType::A, RrType::Aaaa})
        rrset(*target, kind, owner, Section::Additional);
    });
    out_.drop_repeats();
  }

  [[nodiscard]] const Node* target_of(NameView name) const {
    return zone_.find(Name(name).lowered().view());
  }

  // More than a reply can hold is not taken.
  void rrset(const Node& node, RrType type, NameRef owner, Section section = Section::Answer) {
    for_each(node, type, [&](const ZoneRecord& record) {
      if (octets_ > dns::kMaxTcpReply) return;
      out_.add_raw(section, owner, type, record.ttl, record.rdata);
      octets_ += record.rdata.size() + 12;
    });
  }

  template <typename Visit>
  void for_each(const Node& node, RrType type, Visit&& visit) const {
    for (const ZoneRecord record : zone_.records(node))
      if (record.type == type) visit(record);
  }

  static constexpr size_t kBeforeTarget = 6;  // in the rdata of SRV

  const Zone& zone_;
  const ClusterRules& rules_;
  const Query& query_;
  Answer& out_;
  const Lookup lookup_;
  size_t octets_ = 0;  // that were added, about
};

}  // namespace

Response respond_cluster(const Zone& zone, const ClusterRules& rules, const Query& query,
                         std::span<const Name> fall_through, Answer& answer) {
  return ClusterReply(zone, rules, query, answer).run(fall_through);
}

}  // namespace fairlead::records
