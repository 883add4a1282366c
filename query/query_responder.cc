#include "query/query_responder.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

#include "dns/parse.h"
#include "dns/render.h"
#include "net/clock.h"
#include "net/socket_address.h"

namespace fairlead::query {
namespace {

// How far the targets of ExternalName services are followed: two services that name each other end
// here.
constexpr size_t kMaxChase = 8;

constexpr std::string_view kTableFull = "plugin/forward: too many queries wait for upstreams";

}  // namespace

QueryResponder::QueryResponder(asio::io_context& context, size_t worker, const SnapshotBoard& board,
                               metrics::PacketCounters& packets, net::LogSink& log)
    : board_(board),
      packets_(packets),
      log_(log),
      routing_(std::make_shared<const Routing>()),
      prng_(plugins::loadbalance::Prng::from_system()),
      late_out_(dns::kMaxTcpReply),
      forwarded_(context, worker, *this) {}

void QueryResponder::set_routing(std::shared_ptr<const Routing> routing) {
  routing_ = std::move(routing);
  need_sources(routing_->sources);
}

void QueryResponder::take_snapshots() {
  if (board_.changes() != changes_seen_) changes_seen_ = board_.read(snapshots_);
}

void QueryResponder::set_hosts(size_t number, plugins::hosts::HostsPtr table) {
  if (hosts_.size() <= number) hosts_.resize(number + 1);
  hosts_[number] = std::move(table);
}

void QueryResponder::need_sources(size_t count) {
  if (snapshots_.size() < count) snapshots_.resize(count, SnapshotBoard::nothing());
}

void QueryResponder::look_ahead(std::span<const net::Request> requests) {
  take_snapshots();
  lookahead_.read(requests, *routing_, {snapshots_, hosts_});
}

// Memory may run out for one large answer: its client is told, and all others are served on.
size_t QueryResponder::respond(const net::Request& request, std::span<uint8_t> out) try {
  return reply_to(request, out);
} catch (const std::exception&) {
  packets_.panics.add();
  return dns::render_refusal(*query_, dns::Rcode::ServFail, out);
}

size_t QueryResponder::reply_to(const net::Request& request, std::span<uint8_t> out) {
  QueryLookahead::Entry* const read = lookahead_.take(request);
  query_ = read != nullptr ? &read->query : &own_query_;
  if (read == nullptr) take_snapshots();
  const dns::Parsed parsed =
      read != nullptr ? read->parsed : dns::parse_query(request.packet, request.transport, *query_);
  switch (parsed.verdict) {
    case dns::Verdict::Answer:
      return answer_query(request, served_by(request, read), out);
    case dns::Verdict::Refuse:
      packets_.count_refused(parsed.rcode);
      return dns::render_refusal(*query_, parsed.rcode, out);
    case dns::Verdict::Drop:
      break;
  }
  packets_.ignored.add();
  return 0;
}

const ServedZone* QueryResponder::served_by(const net::Request& request,
                                            const QueryLookahead::Entry* read) const {
  return read != nullptr ? read->served : routing_->find(request.listener, *query_);
}

size_t QueryResponder::answer_query(const net::Request& request, const ServedZone* served,
                                    std::span<uint8_t> out) {
  Job job{.request = request, .served = served, .out = out};
  job.counters = job.served != nullptr ? job.served->counters : routing_->dropped(request.listener);
  const ServerBlock* block = job.served != nullptr ? job.served->block.get() : nullptr;
  const bool timed = job.counters != nullptr || (block != nullptr && block->log() != nullptr);
  job.start = timed ? net::now_ns() : 0;
  if (block != nullptr && block->bufsize())
    query_->edns.udp_size = std::min(query_->edns.udp_size, *block->bufsize());

  answer_.clear();
  Resolved resolved = resolve(request, job.served);
  return resolved.open ? ask_outside(job, resolved) : finish(job, resolved);
}

BlockAnswer QueryResponder::ask_block(const ServedZone& served, const dns::Query& query,
                                      const net::Request& request, dns::Answer& answer) {
  const BlockAnswer said = served.block->answer(query, request, {snapshots_, hosts_}, answer);
  if (said.loop_probe == plugins::loop::Sighting::Detected) {
    log_.error("plugin/loop: " +
               served.block->loop()->loop_text(to_text(request.client), to_text(request.local)));
  }
  return said;
}

QueryResponder::Resolved QueryResponder::resolve(const net::Request& request,
                                                 const ServedZone* served) {
  if (served == nullptr) {
    answer_.rcode = dns::Rcode::Refused;
    return {};
  }
  const BlockAnswer first = ask_block(*served, *query_, request, answer_);
  if (first.chase.size != 0) return follow(request, first);
  Resolved resolved{.plugin = first.plugin, .error = first.error};
  const bool probe = first.loop_probe == plugins::loop::Sighting::Probe;
  if (first.forward) resolved.open = {query_, served, *first.forward, probe};
  return resolved;
}

// A CNAME that leads elsewhere is followed through the whole server. As CoreDNS: the records that
// answer the target follow the CNAME; its rcode does not matter, and a target that nobody can
// answer leaves the CNAME alone.
QueryResponder::Resolved QueryResponder::follow(const net::Request& request,
                                                const BlockAnswer& first) {
  Resolved resolved{.plugin = first.plugin};
  next_name_ = dns::Name(answer_.name(first.chase, query_->qname));
  next_ = *query_;
  for (size_t i = 0; i < kMaxChase; ++i) {
    next_.set_name(next_name_.view());
    const ServedZone* asked = routing_->find(request.listener, next_);
    if (asked == nullptr) break;
    found_.clear();
    const BlockAnswer step = ask_block(*asked, next_, request, found_);
    if (step.forward) {
      resolved.open = {&next_, asked, *step.forward, false};
      break;
    }
    answer_.append_answers(found_, next_.qname);
    if (step.chase.size == 0) break;
    next_name_ = dns::Name(found_.name(step.chase, next_.qname));
  }
  return resolved;
}

// What this server does not know itself: the cache, then upstreams.
size_t QueryResponder::ask_outside(const Job& job, Resolved& resolved) {
  const Open open = *resolved.open;
  const auto& balancing = job.served->block->loadbalance();
  // Whoever wants to see the answer, not only to send it, takes the longer way.
  const bool direct = open.question == query_ && job.served->block->log() == nullptr &&
                      !(balancing && !balancing->prefer.empty());
  using State = cache::Found::State;
  cache::Found found;
  do {
    const uint64_t seen = open.asked->block->forward_lines()[open.line].in_flight->finished();
    found = from_cache(job, open, direct);
    if (found.state != State::Miss && found.state != State::Verify) break;
    if (const auto size = forward(job, open, found, seen)) return *size;
  } while (true);
  if (found.state == State::Refresh) refresh(open);
  if (open.question == query_) resolved.plugin = metrics::AnsweredBy::Cache;
  if (direct) {
    account(job, resolved, found.rcode, found.size);
    return found.size;
  }
  add_found(open);
  return finish(job, resolved);
}

cache::Found QueryResponder::from_cache(const Job& job, const Open& open, bool direct) {
  cache::Cache* cache = open.asked->block->cache();
  if (cache == nullptr || open.alone || !cache->covers(*open.question)) return {};
  cache::Found found;
  if (direct) {
    const bool balanced = job.served->block->loadbalance().has_value();
    found = cache->find(*query_, net::cache_now(), balanced ? prng_.next() | 1 : 0, job.out);
  } else {
    found_.clear();
    found = cache->read(*open.question, net::cache_now(), found_);
  }
  if (open.asked->cache != nullptr) open.asked->cache->count(found);
  return found;
}

// Puts what `found_` says about the open question into the answer.
void QueryResponder::add_found(const Open& open) {
  if (open.question == query_) {
    std::swap(answer_, found_);
    return;
  }
  answer_.append_answers(found_, next_.qname);
  answer_.truncated = answer_.truncated || found_.truncated;
}

// Empty when the cache knows the answer now.
std::optional<size_t> QueryResponder::forward(const Job& job, const Open& open,
                                              const cache::Found& found, uint64_t seen) {
  ForwardedQuery* slot = job.request.late != nullptr ? forwarded_.take() : nullptr;
  if (slot == nullptr) return give_up(job, open);
  slot->set_query(*query_);
  if (open.question == &next_) slot->set_chase(next_, answer_);
  slot->peers = job.request;
  slot->start = job.start;
  slot->routing = routing_;
  slot->served = job.served;
  slot->cache = open.asked->cache;
  slot->block = open.asked->block;
  slot->line = open.line;
  slot->alone = open.alone;
  const ForwardedQueries::Started started = forwarded_.start(*slot, seen);
  if (started != ForwardedQueries::Started::Waits) {
    forwarded_.put_back(*slot);
    if (started == ForwardedQueries::Started::Known) return std::nullopt;
    return give_up(job, open);
  }
  slot->late = job.request.late->expect_reply();
  if (found.state == cache::Found::State::Verify) {
    const auto patience = open.asked->block->cache()->settings().stale.verify_timeout;
    if (patience.count() > 0) forwarded_.serve_stale_after(*slot, patience);
  }
  return net::kReplyFollows;
}

// The client has its answer; the next one gets a newer.
void QueryResponder::refresh(const Open& open) {
  ForwardedQuery* slot = forwarded_.take();
  if (slot == nullptr) return;
  slot->set_query(*open.question);
  slot->block = open.asked->block;
  slot->line = open.line;
  const uint64_t now = slot->block->forward_lines()[open.line].in_flight->finished();
  if (forwarded_.start(*slot, now) != ForwardedQueries::Started::Waits) forwarded_.put_back(*slot);
}

size_t QueryResponder::give_up(const Job& job, const Open& open) {
  if (open.question != query_) return finish(job, {.plugin = metrics::AnsweredBy::Kubernetes});
  answer_.rcode = dns::Rcode::Refused;
  return finish(job, {.error = kTableFull});
}

size_t QueryResponder::finish(const Job& job, const Resolved& resolved) {
  if (job.served != nullptr) balance(*job.served->block, answer_);
  const size_t size = dns::render(*query_, answer_, job.out);
  account(job, resolved, answer_.rcode, size);
  return size;
}

void QueryResponder::account(const Job& job, const Resolved& resolved, dns::Rcode rcode,
                             size_t size) {
  const uint64_t took = job.start != 0 ? net::now_ns() - job.start : 0;
  if (job.counters != nullptr) {
    job.counters->count(*query_, {.client_v6 = job.request.client.address.is_v6(),
                                  .rcode = rcode,
                                  .plugin = resolved.plugin,
                                  .response_size = size,
                                  .duration = took});
  }
  if (job.served == nullptr) return;
  const ServerBlock& block = *job.served->block;
  if (!resolved.error.empty()) block.report_error(*query_, rcode, resolved.error, log_);
  if (block.log() != nullptr)
    log_query(block, job.request, {*query_, answer_, job.out.first(size), took});
}

void QueryResponder::reply_late(ForwardedQuery& query, dns::Answer& answer,
                                std::string_view error) try {
  dns::Answer* whole = &answer;
  if (query.chased) {
    query.so_far.append_answers(answer, query.step.qname);
    query.so_far.truncated = query.so_far.truncated || answer.truncated;
    whole = &query.so_far;
  } else if (!query.query.authentic_data && !query.query.edns.dnssec_ok) {
    answer.authentic_data = false;
  }
  const ServerBlock& block = *query.served->block;
  balance(block, *whole);
  const size_t size = dns::render(query.query, *whole, late_out_);
  const std::span<const uint8_t> reply = std::span(late_out_).first(size);
  const uint64_t took = query.start != 0 ? net::now_ns() - query.start : 0;
  if (query.served->counters != nullptr) {
    const bool failed = !error.empty();
    query.served->counters->count(query.query,
                                  {.client_v6 = query.peers.client.address.is_v6(),
                                   .rcode = whole->rcode,
                                   .plugin = query.chased ? metrics::AnsweredBy::Kubernetes
                                             : failed     ? metrics::AnsweredBy::None
                                                          : metrics::AnsweredBy::Forward,
                                   .response_size = size,
                                   .duration = took});
  }
  if (!error.empty()) block.report_error(query.query, whole->rcode, error, log_);
  if (block.log() != nullptr) log_query(block, query.peers, {query.query, *whole, reply, took});
  query.late->send_late(query.peers, reply);
} catch (const std::exception&) {
  packets_.panics.add();
  const size_t size = dns::render_refusal(query.query, dns::Rcode::ServFail, late_out_);
  query.late->send_late(query.peers, std::span(late_out_).first(size));
}

void QueryResponder::balance(const ServerBlock& block, dns::Answer& answer) {
  if (!block.loadbalance()) return;
  plugins::loadbalance::shuffle(answer, prng_);
  if (!block.loadbalance()->prefer.empty())
    plugins::loadbalance::prefer(answer, block.loadbalance()->prefer);
}

void QueryResponder::log_query(const ServerBlock& block, const net::Peers& peers,
                               const Said& said) {
  const auto* rule = block.log()->find(said.query, plugins::log::classify(said.query, said.answer));
  if (rule == nullptr || said.reply.size() < 4) return;
  const plugins::log::Entry entry{
      .query = said.query,
      .remote = peers.client.address,
      .remote_port = peers.client.port,
      .local = peers.local.address,
      .rcode = said.answer.rcode,
      .reply_flags = static_cast<uint16_t>(said.reply[2] << 8 | said.reply[3]),
      .response_size = plugins::log::uncompressed_size(said.query, said.answer),
      .duration = std::chrono::nanoseconds(said.took),
  };
  line_.clear();
  plugins::log::append_line(rule->format, entry, line_);
  log_.write_lines(line_);
}

}  // namespace fairlead::query
