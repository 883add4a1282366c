#include "server/query_responder.h"

#include <time.h>

#include <chrono>
#include <exception>

#include "dns/parse.h"
#include "dns/render.h"

namespace fairlead::server {
namespace {

// Servers ask one another for ExternalName targets no deeper than this: two blocks whose services
// name each other end here.
constexpr size_t kMaxChaseDepth = 8;

uint64_t now_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<uint64_t>(now.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(now.tv_nsec);
}

}  // namespace

QueryResponder::QueryResponder(PacketCounters& packets, LogSink& log)
    : packets_(packets),
      log_(log),
      routing_(std::make_shared<const Routing>()),
      prng_(plugins::loadbalance::Prng::from_system()) {}

void QueryResponder::set_routing(std::shared_ptr<const Routing> routing) {
  routing_ = std::move(routing);
  need_sources(routing_->sources);
}

void QueryResponder::set_snapshot(size_t source, SnapshotPtr snapshot) {
  need_sources(source + 1);
  snapshots_[source] = std::move(snapshot);
}

// A source that has published nothing yet reads as a cluster that has not synced.
void QueryResponder::need_sources(size_t count) {
  if (snapshots_.size() < count)
    snapshots_.resize(count, std::make_shared<const zones::Snapshot>());
}

// Memory may run out for one large answer: its client is told, and all others are served on.
size_t QueryResponder::respond(const Request& request, std::span<uint8_t> out) try {
  return reply_to(request, out);
} catch (const std::exception&) {
  packets_.panics.add();
  return dns::render_refusal(query_, dns::Rcode::ServFail, out);
}

size_t QueryResponder::reply_to(const Request& request, std::span<uint8_t> out) {
  const dns::Parsed parsed = dns::parse_query(request.packet, request.transport, query_);
  switch (parsed.verdict) {
    case dns::Verdict::Answer:
      return answer_query(request, out);
    case dns::Verdict::Refuse:
      packets_.count_refused(parsed.rcode);
      return dns::render_refusal(query_, parsed.rcode, out);
    case dns::Verdict::Drop:
      break;
  }
  packets_.ignored.add();
  return 0;
}

size_t QueryResponder::answer_query(const Request& request, std::span<uint8_t> out) {
  const bool internet = query_.qclass == dns::RrClass::In;
  const ServedZone* served = internet ? routing_->find(request.listener, query_) : nullptr;
  BlockCounters* counters =
      served != nullptr ? served->counters : routing_->dropped(request.listener);
  const bool timed = counters != nullptr || (served != nullptr && served->block->log() != nullptr);
  const uint64_t start = timed ? now_ns() : 0;

  answer_.clear();
  chase_depth_ = 0;
  const BlockAnswer result = resolve(request, query_, served, answer_);
  if (served != nullptr) balance(*served->block);
  const size_t size = dns::render(query_, answer_, out);

  const uint64_t took = timed ? now_ns() - start : 0;
  if (counters != nullptr) {
    counters->count(query_, {.client_v6 = request.client.address.is_v6(),
                             .rcode = answer_.rcode,
                             .plugin = result.plugin,
                             .response_size = size,
                             .duration = took});
  }
  if (served != nullptr && result.unanswered)
    served->block->report_unanswered(query_, answer_.rcode, log_);
  if (served != nullptr && served->block->log() != nullptr)
    log_query(*served->block, request, out.first(size), took);
  return size;
}

// One question to one block; a CNAME that leads elsewhere is followed through the whole server.
BlockAnswer QueryResponder::resolve(const Request& request, const dns::Query& query,
                                    const ServedZone* served, dns::Answer& answer) {
  if (served == nullptr) {
    answer.rcode = dns::Rcode::Refused;
    return {};
  }
  const BlockAnswer result = served->block->answer(query, request.client, snapshots_, answer);
  if (result.chase.size != 0) chase(request, query, result.chase, answer);
  return result;
}

// As CoreDNS: the records that answer the target follow the CNAME; its rcode does not matter, and a
// target that nobody can answer leaves the CNAME alone.
void QueryResponder::chase(const Request& request, const dns::Query& query, dns::NameRef target,
                           dns::Answer& answer) {
  if (chase_depth_ == kMaxChaseDepth) return;
  ++chase_depth_;
  const dns::Name name(answer.name(target, query.qname));
  dns::Query next = query;
  next.set_name(name.view());
  dns::Answer found;
  resolve(request, next, routing_->find(request.listener, next), found);
  answer.append_answers(found, next.qname);
}

void QueryResponder::balance(const ServerBlock& block) {
  if (!block.loadbalance()) return;
  plugins::loadbalance::shuffle(answer_, prng_);
  if (!block.loadbalance()->prefer.empty())
    plugins::loadbalance::prefer(answer_, block.loadbalance()->prefer);
}

void QueryResponder::log_query(const ServerBlock& block, const Request& request,
                               std::span<const uint8_t> reply, uint64_t took) {
  const auto* rule = block.log()->find(query_, plugins::log::classify(query_, answer_));
  if (rule == nullptr || reply.size() < 4) return;
  const plugins::log::Entry entry{
      .query = query_,
      .remote = request.client.address,
      .remote_port = request.client.port,
      .local = request.local.address,
      .rcode = answer_.rcode,
      .reply_flags = static_cast<uint16_t>(reply[2] << 8 | reply[3]),
      .response_size = plugins::log::uncompressed_size(query_, answer_),
      .duration = std::chrono::nanoseconds(took),
  };
  line_.clear();
  plugins::log::append_line(rule->format, entry, line_);
  log_.write_lines(line_);
}

}  // namespace fairlead::server
