#include "plugins/kubernetes/labels.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "dns/address.h"
#include "dns/name.h"
#include "zones/pod_details.h"

namespace fairlead::plugins::kubernetes {
namespace {

using query::Asked;

// The parts of a name below a zone, views of the query; empty where it has none.
struct Parts {
  std::string_view kind, name_space, service, endpoint, cluster, protocol, port;
  size_t zone_labels = 0;  // the first ones of the name: the zone of endpoints (`zonal`)
  bool is_wrong = false;   // of no form that names of a cluster have
};

std::string_view without_underscore(std::string_view label) {
  return label.starts_with('_') ? label.substr(1) : label;
}

// TZ.pin._zone.SERVICE.NAMESPACE.svc; `count` are the labels in front of the zone.
size_t zone_labels_of(const dns::Query& query, size_t count) {
  if (count < 6 || query.label(count - 4) != "_zone") return 0;
  const std::string_view how = query.label(count - 5);
  return how == "pin" || how == "prefer" ? count - 5 : 0;
}

// The kind is the last label, unless nothing stands in front of it: `svc.cluster.local` is nobody's
// name.
Parts parts_of(const zones::ClusterZone& cluster, const dns::Query& query, const dns::Name& zone) {
  Parts parts;
  const size_t count = query.label_count - dns::label_count(zone.view());
  if (count == 0) return parts;
  const std::string_view kind = query.label(count - 1);
  const bool known = kind == "svc" || kind == "pod";
  const bool imports = cluster.is_multicluster(zone);
  if (cluster.zonal && !imports && kind == "svc") parts.zone_labels = zone_labels_of(query, count);
  parts.is_wrong = !known || (count > 5 && parts.zone_labels == 0);
  if (count > 1 && known) parts.kind = kind;
  if (count > 1) parts.name_space = query.label(count - 2);
  if (count > 2) parts.service = query.label(count - 3);
  if (count == 4) parts.endpoint = query.label(0);
  if (count != 5) return parts;
  if (imports && !query.label(0).starts_with('_') && !query.label(1).starts_with('_')) {
    parts.endpoint = query.label(0);
    parts.cluster = query.label(1);
    return parts;
  }
  parts.protocol = without_underscore(query.label(1));
  parts.port = without_underscore(query.label(0));
  return parts;
}

struct Part {
  std::string_view label;
  std::string_view Parts::*part;
};
constexpr Part kParts[] = {{"kind", &Parts::kind},       {"namespace", &Parts::name_space},
                           {"service", &Parts::service}, {"endpoint", &Parts::endpoint},
                           {"cluster", &Parts::cluster}, {"protocol", &Parts::protocol},
                           {"port-name", &Parts::port}};

// In presentation form.
void append_label(std::string_view label, std::string& out) {
  if (label.empty()) return;
  std::array<uint8_t, dns::kMaxLabelSize + 2> name{static_cast<uint8_t>(label.size())};
  std::ranges::copy(label, name.begin() + 1);
  out += dns::to_text(dns::NameView(name.data(), label.size() + 2));
  out.pop_back();
}

class Labels final : public query::LabelSource {
 public:
  Labels(zones::ClusterZone zone, query::LiveAt<zones::Snapshot> at)
      : zone_(std::move(zone)), at_(at) {}

  bool tell(std::string_view label, const Asked& asked, std::string& out) const override {
    constexpr std::string_view kPrefix = "kubernetes/";
    if (!label.starts_with(kPrefix)) return false;
    label.remove_prefix(kPrefix.size());
    if (label.starts_with("client-")) return tell_client(label, asked, out);
    const dns::Name* const zone = zone_.zone_of(asked.query.lower_qname.view());
    if (zone == nullptr) return false;
    const Parts parts = parts_of(zone_, asked.query, *zone);
    if (label == "zone") return tell_zone(asked.query, parts, out);
    if (label == "cluster" && !zone_.is_multicluster(*zone)) return false;
    return tell_part(label, parts, out);
  }

 private:
  static bool tell_part(std::string_view label, const Parts& parts, std::string& out) {
    if (label == "parse-error") {
      if (parts.is_wrong) out += "invalid query name";
      return parts.is_wrong;
    }
    const auto* const part = std::ranges::find(kParts, label, &Part::label);
    if (part == std::end(kParts) || parts.is_wrong) return false;
    append_label(parts.*part->part, out);
    return true;
  }

  bool tell_zone(const dns::Query& query, const Parts& parts, std::string& out) const {
    if (!zone_.zonal || parts.is_wrong) return false;
    for (size_t i = 0; i < parts.zone_labels; ++i) {
      if (i > 0) out += '.';
      append_label(query.label(i), out);
    }
    return true;
  }

  bool tell_client(std::string_view label, const Asked& asked, std::string& out) const {
    constexpr std::string_view kLabel = "client-label/";
    const zones::Snapshot* const snapshot = asked.live.get(at_);
    if (snapshot == nullptr || zone_.pods != zones::PodMode::Verified) return false;
    const dns::IpAddress& client = asked.peers.client.address;
    if (label == "client-namespace") {
      const std::string_view name_space = snapshot->pod_namespace(client);
      out += name_space;
      return !name_space.empty();
    }
    const zones::PodDetails* const pod = snapshot->pod(client);
    if (pod == nullptr) return false;
    if (label == "client-pod-name") {
      out += pod->name;
      return true;
    }
    if (!label.starts_with(kLabel)) return false;
    const auto value = pod->label(label.substr(kLabel.size()));
    out += value.value_or(std::string_view());
    return value.has_value();
  }

  const zones::ClusterZone zone_;
  const query::LiveAt<zones::Snapshot> at_;
};

}  // namespace

std::shared_ptr<const query::LabelSource> make_labels(zones::ClusterZone zone,
                                                      query::LiveAt<zones::Snapshot> at) {
  return std::make_shared<const Labels>(std::move(zone), at);
}

}  // namespace fairlead::plugins::kubernetes
