#include "explain/explain.h"

#include <algorithm>
#include <utility>

#include "dns/record_text.h"

namespace fairlead::explain {
namespace {

// NOERROR, and more than the reason why there is nothing.
bool has_data(const dns::Answer& answer) {
  return answer.rcode == dns::Rcode::NoError &&
         std::ranges::any_of(answer.records(), [](const dns::Record& record) {
           return record.section != dns::Section::Authority;
         });
}

void tell_answer(const dns::Query& query, const dns::Answer& answer, bool upstream,
                 ExplainLines& lines) {
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

Explanation explanation_of(const dns::Query& query, const dns::Answer& answer, bool upstream) {
  Explanation result{.upstream = upstream, .answered = has_data(answer), .rcode = answer.rcode};
  for (const dns::Record& record : answer.records()) {
    if (record.section == dns::Section::Answer)
      result.records.push_back(dns::to_text(answer, record, query.qname));
  }
  return result;
}

dns::Query query_of(const ExplainQuestion& question) {
  dns::Query query;
  query.has_question = true;
  query.set_name(question.name.view());
  query.qtype = question.type;
  return query;
}

net::Peers peers_of(const ExplainQuestion& question) {
  net::Peers peers;
  peers.client.address = question.client;
  return peers;
}

}  // namespace

Explainer::Explainer(plugins::Config config, plugins::Explaining explaining)
    : config_(std::move(config)),
      explaining_(std::move(explaining)),
      site_{.control = control_,
            .log = log_,
            .metrics = metrics_,
            .board = board_,
            .kept = kept_,
            .readiness = readiness_,
            .workers = 1,
            .look_for_reload = {},
            .version = {}} {
  for (const plugins::Listening& listening : plugins::listening_of(config_))
    listen_.push_back(listening.address);
  build_blocks();
}

void Explainer::build_blocks() {
  const std::span<const plugins::Plan> plans = config_.blocks;
  for (size_t i = 0; i < plans.size(); ++i) {
    plugins::Building building(plans[i], plans.first(i), site_, config_.hash, &explaining_);
    plugins::Built built = building.build();
    places_.merge(built.places);
    blocks_.push_back(built.block);
    for (const plugins::ServedKey& served : plans[i].keys) {
      for (const net::ListenAddress& address : served.addresses) {
        routing_.add(listener_at(address),
                     {served.zone, built.block, std::vector<void*>(built.counted.size())});
      }
    }
  }
}

Explainer::Addresses Explainer::addresses(uint16_t port,
                                          const std::optional<net::Endpoint>& server) const {
  Addresses all = listen_;
  std::stable_partition(all.begin(), all.end(),
                        [&](const auto& address) { return address.port == port; });
  if (!server) return all;
  Addresses there;
  for (const net::ListenAddress& address : all) {
    const bool same =
        address.port == server->port && (address.wildcard || address.address == server->address);
    if (same) there.push_back(address);
  }
  return there.empty() ? all : there;
}

std::vector<Explanation> Explainer::explain(const ExplainQuestion& question, uint16_t port,
                                            const std::optional<net::Endpoint>& server) {
  const dns::Query query = query_of(question);
  // Addresses at which one block takes the question are explained together.
  std::vector<std::pair<const query::Block*, Addresses>> groups;
  for (const net::ListenAddress& address : addresses(port, server)) {
    const query::ServedZone* served =
        routing_.find(listener_at(address), {query, peers_of(question), live_});
    const query::Block* block = served != nullptr ? served->block.get() : nullptr;
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
  all.reserve(groups.size());
  for (const auto& [block, at] : groups)
    all.push_back(explain_at(listener_at(at.front()), question, at));
  return all;
}

// Which conditions were asked before the block was found, and what they said.
void Explainer::tell_views(const query::Asked& asked, const query::ServedZone* served,
                           ExplainLines& lines) const {
  for (const query::ServedZone* other : routing_.candidates(asked.peers.listener, asked.query)) {
    if (other->block->when)
      lines.add("view", other->block->when->explain(asked) + " (" + place_of(*other) + ")");
    if (other == served) return;
  }
}

Explanation Explainer::explain_at(uint32_t listener, const ExplainQuestion& question,
                                  const Addresses& also_at) {
  ExplainLines lines;
  dns::Query query = query_of(question);
  lines.head(dns::to_text(question.name.view()) + " " + dns::to_text(question.type));
  query::Narrator narrator(
      routing_, places_, [this](const auto& served) { return block_text(served, {}); },
      question.text, lines);
  net::Peers peers = peers_of(question);
  peers.listener = listener;
  const query::ServedZone* served = routing_.find(listener, {query, peers, live_});
  tell_views({query, peers, live_}, served, lines);
  dns::Answer refused;
  refused.rcode = dns::Rcode::Refused;
  if (served == nullptr) {
    lines.add("because", "no server block on " + also_at.front().to_text() + " has this name");
  } else {
    lines.add("block", block_text(*served, also_at));
    narrator.ask(peers, query, *served);
  }
  const dns::Answer& answer = served != nullptr ? narrator.answer() : refused;
  Explanation result = explanation_of(query, answer, narrator.upstream());
  if (narrator.silent()) {
    lines.add("answer", "no reply");
  } else {
    tell_answer(query, answer, narrator.upstream(), lines);
  }
  narrator.tell_hints();
  result.text = lines.text();
  return result;
}

std::string Explainer::block_text(const query::ServedZone& served, const Addresses& at) const {
  std::string where;
  for (const net::ListenAddress& address : at)
    where += (where.empty() ? " on " : ", ") + address.to_text();
  return "zone " + dns::to_text(served.zone.view()) + where + " (" + place_of(served) + ")";
}

const std::string& Explainer::place_of(const query::ServedZone& served) const {
  const auto block = std::ranges::find(blocks_, served.block);
  return config_.blocks[static_cast<size_t>(block - blocks_.begin())].place;
}

uint32_t Explainer::listener_at(const net::ListenAddress& address) const {
  return static_cast<uint32_t>(std::ranges::find(listen_, address) - listen_.begin());
}

}  // namespace fairlead::explain
