#include "explain/explain.h"

#include <algorithm>
#include <utility>

#include "dns/record_text.h"
#include "explain/explain_objects.h"
#include "plugins/forward/upstream.h"
#include "plugins/hosts/file_watch.h"
#include "server/deploy.h"
#include "server/plugin_settings.h"
#include "zones/trace.h"

namespace fairlead::explain {
namespace {

constexpr size_t kMaxChase = 8;

bool covers(const std::vector<dns::Name>& zones, const dns::Query& query) {
  return std::ranges::any_of(zones, [&](const dns::Name& zone) {
    return dns::is_at_or_below(query.lower_qname.view(), zone.view());
  });
}

std::string list(const std::vector<dns::Name>& names) {
  std::string text;
  for (const dns::Name& name : names)
    text += (text.empty() ? "" : ", ") + dns::to_text(name.view());
  return text;
}

// A block as it answers, without what only its upstreams need.
std::shared_ptr<const query::ServerBlock> make_block(const server::BlockConfig& config,
                                                     size_t number) {
  query::BlockResources resources{.source = number};
  if (config.hosts) resources.hosts_file = number;
  for (const server::ForwardConfig& line : config.forwards) {
    resources.forwards.push_back({line.from, line.except, line.next, line.next_on_nodata, {}, {}});
  }
  return std::make_shared<const query::ServerBlock>(config, std::move(resources));
}

plugins::hosts::HostsPtr read_hosts(const server::BlockConfig& config) {
  if (!config.hosts) return nullptr;
  plugins::hosts::FileWatch file(*config.hosts);
  return file.check(std::chrono::system_clock::now()).table;
}

std::string upstream_text(const plugins::forward::Upstream& upstream) {
  const bool tls = upstream.transport == plugins::forward::Transport::Tls;
  return (tls ? "tls://" : "") + plugins::forward::host_and_port(upstream);
}

std::string upstreams_text(const server::ForwardConfig& line) {
  std::string text;
  for (const auto& upstream : line.upstreams)
    text += (text.empty() ? "" : ", ") + upstream_text(upstream);
  return text;
}

// NOERROR, and more than the reason why there is nothing.
bool has_data(const dns::Answer& answer) {
  return answer.rcode == dns::Rcode::NoError &&
         std::ranges::any_of(answer.records(), [](const dns::Record& record) {
           return record.section != dns::Section::Authority;
         });
}

}  // namespace

// One name on its way through the server.
struct Explainer::Step {
  dns::Query query;
  ExplainLines& lines;
  dns::Answer answer;
  bool hosts_answer = false;
};

Explainer::Explainer(server::Config config, Load load)
    : config_(std::move(config)),
      load_(std::move(load)),
      listen_(server::listen_addresses_of(config_)) {
  for (size_t i = 0; i < config_.blocks.size(); ++i) {
    const server::BlockConfig& block = config_.blocks[i];
    blocks_.push_back(make_block(block, i));
    snapshots_.push_back(std::make_shared<const zones::Snapshot>());
    hosts_.push_back(read_hosts(block));
    for (const server::ServedKey& served : block.keys) {
      for (const net::ListenAddress& address : served.addresses) {
        routing_.add(listener_at(address), {server::to_name(served.key.zone), blocks_[i]});
      }
    }
  }
  clusters_.resize(config_.blocks.size());
}

std::vector<net::ListenAddress> Explainer::addresses(
    uint16_t port, const std::optional<net::Endpoint>& server) const {
  std::vector<net::ListenAddress> all = listen_;
  std::stable_partition(all.begin(), all.end(),
                        [&](const auto& address) { return address.port == port; });
  if (!server) return all;
  std::vector<net::ListenAddress> there;
  for (const net::ListenAddress& address : all) {
    const bool same =
        address.port == server->port && (address.wildcard || address.address == server->address);
    if (same) there.push_back(address);
  }
  return there.empty() ? all : there;
}

std::vector<Explanation> Explainer::explain(const ExplainQuestion& question, uint16_t port,
                                            const std::optional<net::Endpoint>& server) {
  dns::Query query;
  query.set_name(question.name.view());
  query.qtype = question.type;
  // Addresses at which one block takes the question are explained together.
  std::vector<std::pair<const query::ServerBlock*, std::vector<net::ListenAddress>>> groups;
  for (const net::ListenAddress& address : addresses(port, server)) {
    const query::ServedZone* served = routing_.find(listener_at(address), query);
    const query::ServerBlock* block = served != nullptr ? served->block.get() : nullptr;
    const auto known =
        std::ranges::find(groups, block, [](const auto& group) { return group.first; });
    if (known != groups.end()) {
      known->second.push_back(address);
    } else {
      groups.push_back({block, {address}});
    }
  }
  // Where nobody has the name is of interest only when nobody has it at all.
  if (groups.size() > 1) std::erase_if(groups, [](const auto& group) { return !group.first; });
  std::vector<Explanation> all;
  for (const auto& [block, at] : groups)
    all.push_back(explain_at(listener_at(at.front()), question, at));
  return all;
}

Explanation Explainer::explain_at(uint32_t listener, const ExplainQuestion& question,
                                  const std::vector<net::ListenAddress>& also_at) {
  ExplainLines lines;
  Explanation result;
  Step first{.lines = lines};
  first.query.set_name(question.name.view());
  first.query.qtype = question.type;
  lines.head(dns::to_text(question.name.view()) + " " + dns::to_text(question.type));
  const query::ServedZone* served = routing_.find(listener, first.query);
  if (served == nullptr) {
    first.answer.rcode = dns::Rcode::Refused;
    lines.add("because", "no server block on " + also_at.front().to_text() + " has this name");
  } else {
    tell_block(*served, also_at, lines);
    const query::BlockAnswer said = ask(*served, first);
    result.upstream = said.forward || (said.chase.size != 0 && follow(listener, said, first));
  }
  result.rcode = first.answer.rcode;
  result.answered = has_data(first.answer);
  tell_answer(first.query, first.answer, result.upstream, lines);
  for (const dns::Record& record : first.answer.records()) {
    if (record.section == dns::Section::Answer)
      result.records.push_back(dns::to_text(first.answer, record, first.query.qname));
  }
  if (served != nullptr) tell_hints(number_of(served->block.get()), question, first.query, lines);
  result.text = lines.text();
  return result;
}

// A CNAME that leads elsewhere is followed as the server does it. True when the end is an
// upstream's to tell.
bool Explainer::follow(uint32_t listener, const query::BlockAnswer& said, Step& first) {
  dns::Name target(first.answer.name(said.chase, first.query.qname));
  for (size_t i = 0; i < kMaxChase; ++i) {
    first.lines.add("then", "the server is asked for " + dns::to_text(target.view()));
    Step next{.query = first.query, .lines = first.lines};
    next.query.set_name(target.view());
    const query::ServedZone* asked = routing_.find(listener, next.query);
    if (asked == nullptr) {
      first.lines.add("because", "no server block has this name: the CNAME is the whole answer");
      return false;
    }
    tell_block(*asked, {}, first.lines);
    const query::BlockAnswer end = ask(*asked, next);
    if (end.forward) return true;
    first.answer.append_answers(next.answer, next.query.qname);
    if (end.chase.size == 0) return false;
    target = dns::Name(next.answer.name(end.chase, next.query.qname));
  }
  return false;
}

// The block itself answers; what is told beside it only says why.
query::BlockAnswer Explainer::ask(const query::ServedZone& served, Step& step) {
  const size_t block = number_of(served.block.get());
  tell_hosts(block, step);
  if (!step.hosts_answer) tell_kubernetes(block, step);
  const net::Peers peers{
      .client = {.address = dns::IpAddress(std::array<uint8_t, 4>{127, 0, 0, 1})}};
  step.answer.clear();
  const query::BlockAnswer said =
      served.block->answer(step.query, peers, {snapshots_, hosts_}, step.answer);
  tell_rest(block, said, step);
  return said;
}

void Explainer::tell_block(const query::ServedZone& served,
                           const std::vector<net::ListenAddress>& at, ExplainLines& lines) const {
  std::string where;
  for (const net::ListenAddress& address : at)
    where += (where.empty() ? " on " : ", ") + address.to_text();
  lines.add("block", "zone " + dns::to_text(served.zone.view()) + where + " (" +
                         config_.blocks[number_of(served.block.get())].place + ")");
}

void Explainer::tell_hosts(size_t block, Step& step) {
  const server::BlockConfig& config = config_.blocks[block];
  if (!config.hosts || !hosts_[block]) return;
  using plugins::hosts::Outcome;
  const plugins::hosts::Settings settings(*config.hosts);
  dns::Answer scratch;
  const Outcome outcome = plugins::hosts::answer(settings, *hosts_[block], step.query, scratch);
  step.hosts_answer = outcome != Outcome::PassOn;
  if (outcome == Outcome::ServFail)
    return tell(block, {"hosts"}, "does not have the name, and fallthrough does not pass it on",
                step.lines);
  if (outcome == Outcome::Answered) {
    const bool none = scratch.records().empty();
    return tell(block, {"hosts"},
                "has the name, in " + config.hosts->path + " or lines of the Corefile" +
                    (none ? ", but no " + dns::to_text(step.query.qtype) : ""),
                step.lines);
  }
  const bool ours = step.query.qtype == dns::RrType::Ptr || covers(settings.zones, step.query);
  tell(block, {"hosts"}, ours ? "does not have the name: passed on" : "is not for this name",
       step.lines);
}

void Explainer::tell_kubernetes(size_t block, Step& step) {
  const server::BlockConfig& config = config_.blocks[block];
  if (!config.kubernetes) return;
  const server::KubernetesConfig& kubernetes = *config.kubernetes;
  const dns::Name* zone = kubernetes.zone.zone_of(step.query.lower_qname.view());
  if (zone == nullptr)
    return tell(block, {"kubernetes"},
                "the name is outside the zones " + list(kubernetes.zone.zones) + ": passed on",
                step.lines);
  tell(block, {"kubernetes"}, "the name is in the zone " + dns::to_text(zone->view()), step.lines);
  if (step.query.qtype == dns::RrType::Axfr || step.query.qtype == dns::RrType::Ixfr)
    return step.lines.add("because", "zone transfers are refused");
  const ClusterView& view = cluster_of(block);
  if (!view.trouble.empty()) step.lines.add("trouble", view.trouble);
  const zones::Place place = zones::locate(kubernetes.zone, *view.snapshot, step.query, *zone);
  if (place.kind == zones::Place::Kind::Missing) {
    if (view.snapshot->synced())
      tell_missing(kubernetes, view, step.query, *zone, step.lines);
    else
      step.lines.add("because", "what has not been read is not denied: SERVFAIL");
    if (kubernetes.zone.falls_through(step.query.lower_qname.view()))
      step.lines.add("", "fallthrough passes it on");
    return;
  }
  tell_objects(kubernetes, view, place, step.lines);
  dns::Answer scratch;
  zones::respond(kubernetes.zone, *view.snapshot, step.query, scratch);
  if (scratch.count(dns::Section::Answer) == 0)
    step.lines.add("because", zones::why_no_data(place, step.query.qtype));
}

// What stands behind the cluster: the cache, upstreams, whoami, or nobody.
void Explainer::tell_rest(size_t block, const query::BlockAnswer& said, Step& step) {
  const server::BlockConfig& config = config_.blocks[block];
  if (said.plugin == metrics::AnsweredBy::Whoami)
    return tell(block, {"whoami"}, "answers with the address of whoever asks", step.lines);
  const size_t passed = said.forward.value_or(config.forwards.size());
  const bool reached = said.forward || said.plugin == metrics::AnsweredBy::None;
  if (!reached || step.hosts_answer) return;
  if (said.forward) tell_cache(block, step);
  for (size_t i = 0; i < passed; ++i)
    tell(block, {"forward", i}, "is not for this name", step.lines);
  if (said.forward) {
    const server::ForwardConfig& line = config.forwards[passed];
    return tell(block, {"forward", passed},
                "goes to forward " + list(line.from) + " " + upstreams_text(line), step.lines);
  }
  step.lines.add("because", config.handles_queries ? "no directive is left to answer"
                                                   : "the block has no directive that answers");
}

void Explainer::tell_cache(size_t block, Step& step) const {
  const auto& config = config_.blocks[block].cache;
  if (!config || !covers(config->settings.zones, step.query)) return;
  const auto kept = [&](const cache::ClassSettings& of) {
    if (covers(of.disabled_zones, step.query)) return std::string("not at all");
    return "up to " + std::to_string(of.max_ttl.count()) + " s";
  };
  const cache::Settings& settings = config->settings;
  tell(block, {"cache"},
       "keeps answers " + kept(settings.success) + ", denials " + kept(settings.denial),
       step.lines);
}

void Explainer::tell_answer(const dns::Query& query, const dns::Answer& answer, bool upstream,
                            ExplainLines& lines) const {
  if (upstream) {
    lines.add("answer", answer.records().empty() ? "what the upstream says"
                                                 : "these, then what the upstream says");
  } else {
    const bool none = answer.rcode == dns::Rcode::NoError && !has_data(answer);
    lines.add("answer", (none ? std::string("NODATA (NOERROR)") : dns::to_text(answer.rcode)) +
                            (answer.authoritative ? ", authoritative" : ""));
  }
  for (const dns::Record& record : answer.records()) {
    if (record.section == dns::Section::Answer)
      lines.add("", dns::to_text(answer, record, query.qname));
    else if (record.section == dns::Section::Additional)
      lines.add("", "additional: " + dns::to_text(answer, record, query.qname));
    else if (record.type == dns::RrType::Soa && answer.rcode != dns::Rcode::ServFail)
      lines.add("", "resolvers may remember this for " + std::to_string(record.ttl) + " s");
  }
}

void Explainer::tell_hints(size_t block, const ExplainQuestion& question, const dns::Query& query,
                           ExplainLines& lines) {
  const server::BlockConfig& config = config_.blocks[block];
  const bool outside =
      config.kubernetes && config.kubernetes->zone.zone_of(query.lower_qname.view()) == nullptr;
  if (!outside || !may_be_short_name(question.text)) return;
  tell_search_list(*config.kubernetes, cluster_of(block), question.text, lines);
}

const ClusterView& Explainer::cluster_of(size_t block) {
  auto& view = clusters_[block];
  if (view) return *view;
  const k8s_watch::WatchOptions& options = config_.blocks[block].kubernetes->watch;
  for (size_t i = 0; i < clusters_.size(); ++i) {
    if (clusters_[i] && config_.blocks[i].kubernetes->watch == options) view = clusters_[i];
  }
  if (!view) view = std::make_shared<const ClusterView>(load_(options));
  snapshots_[block] = view->snapshot;
  return *view;
}

uint32_t Explainer::listener_at(const net::ListenAddress& address) const {
  return static_cast<uint32_t>(std::ranges::find(listen_, address) - listen_.begin());
}

size_t Explainer::number_of(const query::ServerBlock* block) const {
  const auto found =
      std::ranges::find(blocks_, block, [](const auto& pointer) { return pointer.get(); });
  return static_cast<size_t>(found - blocks_.begin());
}

// What the use number `use` of a directive does with the name, and where it is written.
void Explainer::tell(size_t block, const DirectiveUse& use, const std::string& text,
                     ExplainLines& lines) const {
  size_t left = use.number;
  for (const server::DirectivePlace& place : config_.blocks[block].places) {
    if (place.directive != use.directive || left-- != 0) continue;
    return lines.add(use.directive, text + " (" + place.place + ")");
  }
  lines.add(use.directive, text);
}

}  // namespace fairlead::explain
