#include "plugins/kubernetes/explain_hints.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include "corefile/directives.h"
#include "dns/name.h"
#include "plugins/kubernetes/explain_text.h"
#include "zones/trace.h"

namespace fairlead::plugins::kubernetes {
namespace {

// A service by its two labels, and what stands in front of them.
struct Wanted {
  std::string front;  // "_http._tcp.", "db-0.", or empty
  std::string name, space;
};

class Names {
 public:
  Names(const Config& config, const ClusterView& view) : config_(config), view_(view) {}

  [[nodiscard]] bool has(const Wanted& wanted) const {
    return view_.objects.services.contains({wanted.space, wanted.name}) && serves(wanted.space);
  }

  // Namespaces that are served and have a service of this name.
  [[nodiscard]] std::vector<std::string> with(const std::string& service) const {
    std::vector<std::string> found;
    for (const zones::ObjectKey& key : view_.objects.services) {
      if (key.name == service && serves(key.namespace_name)) found.push_back(key.namespace_name);
    }
    return found;
  }

  // The service that was meant by a service or a namespace that is not there.
  [[nodiscard]] std::optional<Wanted> meant(const Wanted& wanted) const {
    if (has({{}, wanted.space, wanted.name}))
      return Wanted{wanted.front, wanted.space, wanted.name};
    Wanted meant = wanted;
    if (!serves(wanted.space)) meant.space = near(namespaces(), wanted.space);
    if (meant.space.empty()) return std::nullopt;
    if (!has(meant)) meant.name = near(services_in(meant.space), wanted.name);
    if (meant.name.empty()) return std::nullopt;
    return meant;
  }

  // The service whose name is near, wherever it is.
  [[nodiscard]] std::optional<Wanted> near_anywhere(const std::string& name) const {
    for (const zones::ObjectKey& key : view_.objects.services) {
      if (serves(key.namespace_name) && near({key.name}, name) == key.name)
        return Wanted{{}, key.name, key.namespace_name};
    }
    return std::nullopt;
  }

  [[nodiscard]] std::string zone() const {
    const zones::ClusterZone& zone = config_.zone;
    return zone.primary < zone.zones.size() ? dns::to_text(zone.zones[zone.primary].view()) : ".";
  }

  [[nodiscard]] std::string full(const Wanted& wanted) const {
    return wanted.front + wanted.name + "." + wanted.space + ".svc." + zone();
  }

 private:
  using Texts = std::vector<std::string_view>;

  [[nodiscard]] bool serves(const std::string& space) const {
    return config_.zone.exposes(*view_.snapshot, space);
  }

  [[nodiscard]] Texts namespaces() const {
    Texts texts;
    for (const std::string& space : view_.objects.namespaces) {
      if (serves(space)) texts.emplace_back(space);
    }
    return texts;
  }

  [[nodiscard]] Texts services_in(const std::string& space) const {
    Texts texts;
    for (const zones::ObjectKey& key : view_.objects.services) {
      if (key.namespace_name == space) texts.emplace_back(key.name);
    }
    return texts;
  }

  // Of a short name one letter may be wrong: more would fit anything.
  static std::string near(const Texts& known, const std::string& name) {
    constexpr size_t kShort = 5;
    return std::string(corefile::nearest_name(known, name, name.size() < kShort ? 1 : 2));
  }

  const Config& config_;
  const ClusterView& view_;
};

// The first `count` labels, each with its dot.
std::string front_of(const dns::Query& query, size_t count) {
  std::string text;
  for (size_t i = 0; i < count; ++i) text += zones::label_text(query.label(i)) + ".";
  return text;
}

// The service whose name ends in front of label `end` of `query`; there are two labels at least.
Wanted wanted_at(const dns::Query& query, size_t end) {
  return {front_of(query, end - 2), std::string(query.label(end - 2)),
          std::string(query.label(end - 1))};
}

void tell_meant(const Names& names, const Wanted& wanted, query::Telling& lines) {
  lines.add("hint", "did you mean " + names.full(wanted) + "?");
}

// Neither svc nor pod is the label below the zone.
void tell_other_tree(const Names& names, const dns::Query& query, size_t labels,
                     query::Telling& lines) {
  const bool mistyped = labels >= 3 && names.has(wanted_at(query, labels - 1));
  if (mistyped) return tell_meant(names, wanted_at(query, labels - 1), lines);
  if (labels >= 2) {
    const Wanted wanted = wanted_at(query, labels);
    const auto meant = names.has(wanted) ? std::optional(wanted) : names.meant(wanted);
    if (meant) return tell_meant(names, *meant, lines);
  }
  const std::string name(query.label(0));
  const auto spaces = labels == 1 ? names.with(name) : std::vector<std::string>();
  if (!spaces.empty()) tell_meant(names, {{}, name, spaces.front()}, lines);
}

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> labels;
  for (size_t at = 0; at <= text.size();) {
    const size_t dot = std::min(text.find('.', at), text.size());
    labels.push_back(text.substr(at, dot - at));
    at = dot + 1;
  }
  return labels;
}

// Where "svc" stands, behind two labels at least; 0: nowhere.
size_t tree_at(const std::vector<std::string>& labels) {
  for (size_t i = 2; i < labels.size(); ++i) {
    if (labels[i] == "svc") return i;
  }
  return 0;
}

// Full names of services that `labels` may stand for.
std::vector<std::string> candidates(const Names& names, const std::vector<std::string>& labels) {
  std::vector<std::string> found;
  const bool has_space = labels.size() > 1;
  for (const std::string& space : names.with(labels[0])) {
    if (!has_space || labels[1] == space) found.push_back(names.full({{}, labels[0], space}));
  }
  return found;
}

}  // namespace

void tell_near_names(const Config& config, const ClusterView& view, const dns::Query& query,
                     const dns::Name& zone, query::Telling& lines) {
  const Names names(config, view);
  const size_t labels = query.label_count - dns::label_count(zone.view());
  if (labels == 0) return;
  const std::string_view tree = query.label(labels - 1);
  if (tree == "pod") return;
  if (tree != "svc") return tell_other_tree(names, query, labels, lines);
  if (labels == 2) {
    const auto spaces = names.with(std::string(query.label(0)));
    if (!spaces.empty()) {
      lines.add("hint", "a namespace is missing in front of svc: service '" +
                            std::string(query.label(0)) + "' exists in: " + some_of(spaces));
    }
  }
  if (labels < 3) return;
  const Wanted wanted = wanted_at(query, labels - 1);
  const auto spaces = names.with(wanted.name);
  const auto meant = names.meant(wanted);
  const bool same =
      meant && spaces.size() == 1 && meant->space == spaces.front() && meant->name == wanted.name;
  if (!spaces.empty() && !same)
    lines.add("hint", "service '" + wanted.name + "' exists in: " + some_of(spaces));
  if (meant) tell_meant(names, *meant, lines);
}

bool may_be_short_name(const std::string& text) {
  if (text.empty() || text.ends_with('.')) return false;
  return std::ranges::count(text, '.') <= 1 || tree_at(split(dns::lowered(text))) != 0;
}

void tell_search_list(const Config& config, const ClusterView& view, const std::string& text,
                      query::Telling& lines) {
  const Names names(config, view);
  const auto labels = split(dns::lowered(text));
  if (const size_t tree = tree_at(labels); tree + 1 < labels.size() && tree != 0) {
    Wanted wanted{{}, labels[tree - 2], labels[tree - 1]};
    for (size_t i = 0; i + 2 < tree; ++i) wanted.front += labels[i] + ".";
    if (names.has(wanted)) lines.hint("hint", "did you mean " + names.full(wanted) + "?");
    return;
  }
  lines.hint("hint",
             "this is the name as it stands; pods append their search list first: NAMESPACE.svc." +
                 names.zone() + " and so on (-namespace NAMESPACE shows it)");
  const auto found = candidates(names, labels);
  if (!found.empty())
    return lines.hint("hint", "names of services that it may become: " + some_of(found));
  const auto meant =
      labels.size() > 1 ? names.meant({{}, labels[0], labels[1]}) : names.near_anywhere(labels[0]);
  if (meant) lines.hint("hint", "did you mean " + names.full(*meant) + "?");
}

}  // namespace fairlead::plugins::kubernetes
