#include "plugins/kubernetes/labels.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "dns/name.h"

namespace fairlead::plugins::kubernetes {
namespace {

using query::Asked;

// The parts of a name below a zone, views of the query; empty where it has none.
struct Parts {
  std::string_view kind, name_space, service, endpoint, protocol, port;
  bool is_wrong = false;  // of no form that names of a cluster have
};

std::string_view without_underscore(std::string_view label) {
  return label.starts_with('_') ? label.substr(1) : label;
}

// The kind is the last label, unless nothing stands in front of it: `svc.cluster.local` is nobody's
// name.
Parts parts_of(const dns::Query& query, const dns::Name& zone) {
  Parts parts;
  const size_t count = query.label_count - dns::label_count(zone.view());
  if (count == 0) return parts;
  const std::string_view kind = query.label(count - 1);
  const bool known = kind == "svc" || kind == "pod";
  parts.is_wrong = !known || count > 5;
  if (count > 1 && known) parts.kind = kind;
  if (count > 1) parts.name_space = query.label(count - 2);
  if (count > 2) parts.service = query.label(count - 3);
  if (count == 4) parts.endpoint = query.label(0);
  if (count != 5) return parts;
  parts.protocol = without_underscore(query.label(1));
  parts.port = without_underscore(query.label(0));
  return parts;
}

struct Part {
  std::string_view label;
  std::string_view Parts::*part;
};
constexpr Part kParts[] = {{"kind", &Parts::kind},         {"namespace", &Parts::name_space},
                           {"service", &Parts::service},   {"endpoint", &Parts::endpoint},
                           {"protocol", &Parts::protocol}, {"port-name", &Parts::port}};

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
    if (label == "client-namespace") return tell_client(asked, out);
    const dns::Name* const zone = zone_.zone_of(asked.query.lower_qname.view());
    return zone != nullptr && tell_part(label, parts_of(asked.query, *zone), out);
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

  bool tell_client(const Asked& asked, std::string& out) const {
    const zones::Snapshot* const snapshot = asked.live.get(at_);
    if (snapshot == nullptr || zone_.pods != zones::PodMode::Verified) return false;
    const std::string_view name_space = snapshot->pod_namespace(asked.peers.client.address);
    out += name_space;
    return !name_space.empty();
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
