#include "explain/explain_run.h"

#include <unistd.h>

#include <cstdio>
#include <optional>
#include <stdexcept>
#include <utility>

#include "explain/explain_ask.h"
#include "explain/explain_lines.h"
#include "explain/search_list.h"
#include "explain/server_health.h"
#include "plugins/config.h"
#include "plugins/kubernetes/cluster_view.h"

namespace fairlead::explain {
namespace {

constexpr const char* kDefaultZone = "cluster.local.";
constexpr const char* kConfigMap = "ConfigMap kube-system/coredns";
constexpr std::chrono::seconds kScrapePatience{2};

std::string zone_of(const Explainer& explainer) {
  if (explainer.cluster() == nullptr) return kDefaultZone;
  const zones::ClusterZone& zone = explainer.cluster()->zone;
  return zone.primary < zone.zones.size() ? dns::to_text(zone.zones[zone.primary].view())
                                          : kDefaultZone;
}

PodResolver resolver_of(const ExplainFlags& flags, const std::string& zone,
                        const k8s_watch::ObjectSource& objects) {
  if (!flags.pod) return resolver_of_namespace(flags.space, zone);
  const std::string name = flags.pod->namespace_name + "/" + flags.pod->name;
  if (!objects) throw std::runtime_error("no cluster in which there could be pod " + name);
  const auto list = objects({.resource = k8s_watch::Resource::Pod,
                             .namespace_name = flags.pod->namespace_name,
                             .name = flags.pod->name,
                             .labels = {}});
  if (!list.trouble.empty()) throw std::runtime_error("pod " + name + ": " + list.trouble);
  const auto pods = k8s_watch::read_pods(list.json);
  if (pods.empty()) throw std::runtime_error("there is no pod " + name);
  return resolver_of_pod(pods.front(), zone);
}

std::string with_spaces(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : " ") + text;
  return all;
}

// How a program's question for one name ends.
std::string outcome(const Explanation& said) {
  if (said.upstream) return "an upstream's to answer";
  if (said.answered) return "NOERROR, the answer";
  const std::string rcode = said.rcode == dns::Rcode::NoError ? "NODATA" : dns::to_text(said.rcode);
  return rcode + (said.because.empty() ? "" : ": " + said.because);
}

bool ends_search(const Explanation& said) {
  return said.upstream || said.answered;
}

// What it takes to come to `last`, the name of that number.
std::string cost_text(size_t names, const Explanation& said, const ExplainQuestion& last) {
  const bool addresses = last.type == dns::RrType::A || last.type == dns::RrType::Aaaa;
  const size_t questions = addresses ? 2 * names : names;
  std::string text = std::to_string(names) + (names == 1 ? " name, " : " names, ") +
                     std::to_string(questions) + (questions == 1 ? " question" : " questions") +
                     (addresses ? " (A and AAAA of each)" : "");
  if (!ends_search(said)) return text + "; none has an answer";
  text += "; number " + std::to_string(names) +
          (said.upstream ? " is left to an upstream" : " is the answer");
  if (names > 1) text += ". Written as " + last.text + " it costs " + (addresses ? "2" : "1");
  return text;
}

// The names of a search list, one after the other.
class SearchWalk {
 public:
  SearchWalk(Explainer& explainer, const ExplainFlags& flags)
      : explainer_(explainer), flags_(flags) {}

  Searched walk(const PodResolver& resolver) {
    const std::string whose = flags_.pod
                                  ? "pod " + flags_.pod->namespace_name + "/" + flags_.pod->name
                                  : "a pod of namespace " + flags_.space;
    lines_.head(flags_.question.text + " " + dns::to_text(flags_.question.type) + ", asked by " +
                whose);
    lines_.add("policy", resolver.policy);
    if (!resolver.asks_cluster_dns) {
      lines_.add("", "what follows is what this server would say of the name as it stands");
      searched_.question = flags_.question;
      searched_.found = explain(flags_.question);
    } else {
      tell_list(resolver);
      try_names(names_tried(flags_.question.text, resolver));
    }
    searched_.text = lines_.text() + "\n";
    return std::move(searched_);
  }

 private:
  std::vector<Explanation> explain(const ExplainQuestion& question) {
    return explainer_.explain(question, flags_.port, flags_.server);
  }

  void tell_list(const PodResolver& resolver) {
    lines_.add("search",
               with_spaces(resolver.searches) +
                   (resolver.node_searches ? ", then the node's own (not known here)" : ""));
    lines_.add("", "ndots:" + std::to_string(resolver.ndots) +
                       ": a name with fewer dots is asked with these behind it first");
  }

  void try_names(const std::vector<std::string>& names) {
    size_t tried = 0;
    std::vector<std::string> hints;  // about the name that is asked first
    for (const std::string& text : names) {
      const auto name = dns::Name::from_text(text);
      ++tried;
      if (!name) {
        lines_.add(std::to_string(tried), text + ": is no domain name");
        continue;
      }
      const bool first = searched_.found.empty();
      searched_.question = flags_.question;
      searched_.question.text = text;
      searched_.question.name = *name;
      searched_.found = explain(searched_.question);
      const Explanation& said = searched_.found.front();
      lines_.add(std::to_string(tried), text + ": " + outcome(said));
      if (first) hints = said.hints;
      if (ends_search(said)) break;
    }
    const Explanation& last = searched_.found.front();
    lines_.add("costs", cost_text(tried, last, searched_.question));
    if (last.answered) return;
    for (const std::string& hint : hints) lines_.add("hint", hint);
  }

  Explainer& explainer_;
  const ExplainFlags& flags_;
  ExplainLines lines_;
  Searched searched_;
};

k8s_watch::WatchOptions cluster_of(const ExplainFlags& flags) {
  k8s_watch::WatchOptions options;
  options.manifests_path = flags.manifests;
  options.api.kubeconfig_file = flags.kubeconfig;
  return options;
}

// The Corefile, and what is to be said of where it comes from.
plugins::Config load(const ExplainFlags& flags, bool no_corefile, std::string& about) {
  if (!no_corefile)
    return plugins::load_config(flags.conf, plugins::read_stdin(flags.conf), flags.port);
  std::string why;
  if (!flags.kubeconfig.empty() || !flags.manifests.empty()) {
    const auto list = k8s_watch::object_source(
        cluster_of(flags), flags.timeout)({.resource = k8s_watch::Resource::ConfigMap,
                                           .namespace_name = "kube-system",
                                           .name = "coredns",
                                           .labels = {}});
    const auto text = k8s_watch::read_config_value(list.json, "Corefile");
    if (list.trouble.empty() && text) {
      about = std::string("Corefile: the ") + kConfigMap + "\n\n";
      return plugins::text_config(*text, kConfigMap, flags.port);
    }
    why = std::string(", and no ") + kConfigMap + " with one" +
          (list.trouble.empty() ? "" : " (" + list.trouble + ")");
  }
  about = "Corefile: none here" + why +
          ". This is about the built-in one, which has whoami and log and no cluster\n\n";
  return plugins::load_config(flags.conf, {}, flags.port);
}

// What /metrics say of upstreams, when it is for one of them to answer.
void print_upstreams(const ExplainFlags& flags, const std::string& address,
                     const std::string& explanation) {
  ExplainLines lines;
  const auto at = metrics_of(*flags.server, address);
  if (!at) {
    lines.add("upstreams", "not known: " + address +
                               "/metrics can be read on the server's machine "
                               "alone");
  } else if (const Scrape got = scrape(*at, kScrapePatience); !got.trouble.empty()) {
    lines.add("upstreams", "not known: http://" + to_text(*at) + "/metrics: " + got.trouble);
  } else {
    for (const std::string& line : health_lines(read_upstreams(got.text), explanation))
      lines.add("upstream", line);
  }
  std::fputs(lines.text().c_str(), stdout);
}

// What the server says, beside what is said here; null: nothing is.
int ask(const ExplainFlags& flags, const ExplainQuestion& question, const Explanation* here,
        const std::string& metrics) {
  if (question.record_class != dns::RrClass::In) {
    std::printf("  server      not asked: what asks here knows class IN alone (dig CH TXT does)\n");
    return here != nullptr && here->answered ? 0 : 1;
  }
  const dns::Question asked{.qname = question.name.view(), .qtype = question.type};
  bool answered = false;
  bool from_upstream = here == nullptr || here->upstream;
  try {
    const ServerReply reply = ask_server(*flags.server, asked);
    std::fputs(compare_text(*flags.server, reply, question, here).c_str(), stdout);
    answered =
        reply.answer.rcode == dns::Rcode::NoError && reply.answer.count(dns::Section::Answer) != 0;
    // Upstreams may be authoritative themselves: the Corefile knows better, where there is one.
    if (here == nullptr) from_upstream = !reply.answer.authoritative;
  } catch (const std::runtime_error& error) {
    std::printf("  server      %s\n", error.what());
  }
  if (from_upstream) print_upstreams(flags, metrics, here == nullptr ? "" : here->text);
  return answered ? 0 : 1;
}

}  // namespace

Searched search(Explainer& explainer, const ExplainFlags& flags,
                const k8s_watch::ObjectSource& objects) {
  const bool searches = !flags.space.empty() || flags.pod;
  if (searches)
    return SearchWalk(explainer, flags).walk(resolver_of(flags, zone_of(explainer), objects));
  return {.text = {},
          .question = flags.question,
          .found = explainer.explain(flags.question, flags.port, flags.server)};
}

int run(const ExplainFlags& flags) {
  const bool no_corefile = flags.conf.empty() && access("Corefile", F_OK) != 0;
  const bool no_cluster = flags.kubeconfig.empty() && flags.manifests.empty();
  if (no_corefile && no_cluster && flags.server) return ask(flags, flags.question, nullptr, {});
  std::string about;
  Explainer explainer(load(flags, no_corefile, about),
                      {.manifests = flags.manifests,
                       .kubeconfig = flags.kubeconfig,
                       .read_cluster =
                           [&flags](const k8s_watch::WatchOptions& options) {
                             return plugins::kubernetes::load_cluster(options, flags.timeout);
                           },
                       .meet = {}});
  k8s_watch::ObjectSource objects;
  if (explainer.cluster() != nullptr)
    objects = k8s_watch::object_source(explainer.cluster()->watch, flags.timeout);
  const Searched searched = search(explainer, flags, objects);
  std::fputs((about + searched.text).c_str(), stdout);
  for (const Explanation& one : searched.found)
    std::printf("%s%s", &one == searched.found.data() ? "" : "\n", one.text.c_str());
  std::fflush(stdout);
  const Explanation& first = searched.found.front();
  if (flags.server)
    return ask(flags, searched.question, &first, explainer.http_address("/metrics"));
  return first.upstream || first.answered ? 0 : 1;
}

}  // namespace fairlead::explain
