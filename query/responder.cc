#include "query/responder.h"

#include <exception>
#include <utility>

#include "dns/parse.h"
#include "dns/render.h"
#include "net/clock.h"

namespace fairlead::query {

Responder::Responder(asio::io_context& context, size_t worker, const LiveBoard& board,
                     metrics::PacketCounters& packets)
    : board_(board),
      packets_(packets),
      routing_(std::make_shared<const Routing>()),
      worker_(context, worker),
      late_out_(dns::kMaxTcpReply),
      waiting_(*this, worker_, [this](Walk& walk, uint64_t now) {
        go_on(walk, [&] { return walk.run_late(now); });
      }) {}

void Responder::look_ahead(std::span<const net::Request> requests) {
  take_live();
  since_ = 0;
  lookahead_.read(requests, *routing_, worker_.live());
}

// Memory may run out for one large answer: its client is told, and all others are served on.
size_t Responder::respond(const net::Request& request, std::span<uint8_t> out) try {
  return reply_to(request, out);
} catch (const std::exception&) {
  packets_.panics.add();
  if (current_ != nullptr) waiting_.release(*std::exchange(current_, nullptr));
  return dns::render_refusal(*query_, dns::Rcode::ServFail, out);
}

size_t Responder::reply_to(const net::Request& request, std::span<uint8_t> out) {
  QueryLookahead::Entry* const read = lookahead_.take(request);
  query_ = read != nullptr ? &read->query : &own_query_;
  ahead_ = read != nullptr ? &read->walk : nullptr;
  if (read == nullptr) {
    take_live();
    since_ = 0;
  }
  const dns::Parsed parsed =
      read != nullptr ? read->parsed : dns::parse_query(request.packet, request.transport, *query_);
  query_->edns.idle_limit = request.idle_limit;
  switch (parsed.verdict) {
    case dns::Verdict::Answer:
      return answer(request,
                    read != nullptr
                        ? read->served
                        : routing_->find(request.listener, {*query_, request, worker_.live()}),
                    out);
    case dns::Verdict::Notify:
      return notified(request, routing_->find(request.listener, {*query_, request, worker_.live()}),
                      out);
    case dns::Verdict::Refuse:
      if (parsed.rcode == dns::Rcode::NotAuth && query_->has_tsig)
        return answer_signed(request, parsed.rcode, out);
      packets_.count_refused(parsed.rcode);
      return dns::render_refusal(*query_, parsed.rcode, out);
    case dns::Verdict::Drop:
      break;
  }
  packets_.ignored.add();
  return 0;
}

// A signature is refused where nobody has keys.
size_t Responder::answer_signed(const net::Request& request, dns::Rcode rcode,
                                std::span<uint8_t> out) {
  const ServedZone* const served =
      routing_->find(request.listener, {*query_, request, worker_.live()});
  const bool bad_version = query_->has_edns && query_->edns.version != 0;
  if (served != nullptr && served->block->signatures != nullptr && !bad_version)
    return query_->opcode == dns::Opcode::Query ? answer(request, served, out)
                                                : notified(request, served, out);
  packets_.count_refused(rcode);
  return dns::render_refusal(*query_, rcode, out);
}

size_t Responder::answer(const net::Request& request, const ServedZone* served,
                         std::span<uint8_t> out) {
  if (served == nullptr) return refuse(request, out);
  Walk& walk = current();
  walk.begin(*query_, request, *served, out);
  walk.routing_ = routing_.get();
  walk.ahead_ = ahead_;
  // One look at the clock for each: where one ends the next begins.
  const bool measured = !served->block->observers.empty();
  walk.start_ = !measured ? 0 : since_ != 0 ? since_ : net::now_ns();
  const Turn turn = walk.run(Turn::Pass);
  if (turn != Turn::Wait && turn != Turn::Many) return finish(walk, turn, out);
  since_ = 0;
  walk.keep(routing_);
  waiting_.add(walk);
  current_ = nullptr;
  if (turn == Turn::Many) send_many(walk);
  return net::kReplyFollows;
}

// Not through the chain: steps answer questions.
size_t Responder::notified(const net::Request& request, const ServedZone* served,
                           std::span<uint8_t> out) {
  if (served == nullptr) return refuse(request, out);
  const Notified* const notified = served->block->notified.get();
  if (notified == nullptr) {
    packets_.count_refused(dns::Rcode::NotImp);
    query_->has_question = query_->has_edns = false;
    return dns::render_refusal(*query_, dns::Rcode::NotImp, out);
  }
  const Signatures* const signatures = served->block->signatures.get();
  sealing_.clear();
  refusal_.clear();
  if (signatures != nullptr) refusal_.rcode = signatures->check(*query_, request.packet, sealing_);
  if (refusal_.rcode == dns::Rcode::NoError)
    refusal_.rcode = notified->hear(*query_, request.client.address);
  refusal_.authoritative = refusal_.rcode == dns::Rcode::NoError;
  if (refusal_.rcode != dns::Rcode::NoError) packets_.count_refused(refusal_.rcode);
  const size_t size = dns::render(*query_, refusal_, out);
  return signatures == nullptr || sealing_.empty() ? size : signatures->sign(sealing_, out, size);
}

Walk& Responder::current() {
  if (current_ == nullptr) current_ = &waiting_.take();
  return *current_;
}

size_t Responder::refuse(const net::Request& request, std::span<uint8_t> out) {
  Unmatched* const unmatched = routing_->unmatched(request.listener);
  const uint64_t start = unmatched != nullptr ? net::now_ns() : 0;
  refusal_.clear();
  refusal_.rcode = dns::Rcode::Refused;
  const size_t size = dns::render(*query_, refusal_, out);
  if (unmatched != nullptr) {
    unmatched->refused(*query_, request,
                       {.octets = out.first(size),
                        .size = size,
                        .rcode = dns::Rcode::Refused,
                        .took = net::now_ns() - start});
  }
  return size;
}

// The one end of every question of a client, whether it is answered at once or late.
size_t Responder::finish(Walk& walk, Turn turn, std::span<uint8_t> out) {
  Reply reply;
  size_t size = 0;
  if (turn == Turn::Written) {
    size = walk.written_;
    reply.rcode = walk.written_rcode_;
  } else if (turn == Turn::Done) {
    dns::Answer& answer = walk.answer();
    if (walk.arranger_ != nullptr) walk.arranger_->arrange(answer, walk.arrange_seed_);
    size = dns::render(walk.received(), answer, out);
    reply.rcode = answer.rcode;
  }
  if (walk.sealer_ != nullptr && size != 0) size = walk.sealer_->seal(walk, out, size);
  reply.octets = out.first(size);
  reply.size = size;
  report(walk, reply);
  return size;
}

void Responder::report(const Walk& walk, Reply& reply) {
  if (walk.start_ != 0) {
    since_ = net::now_ns();
    reply.took = since_ - walk.start_;
  }
  for (const auto& observer : walk.served().block->observers) observer->replied(walk, reply);
}

void Responder::resume(Walk& walk, Turn turn) {
  walk.awaited_ = nullptr;
  go_on(walk, [&] { return walk.run(turn); });
}

// A walk that answers nobody in this call, to where it waits or ends.
template <typename Run>
void Responder::go_on(Walk& walk, Run run) {
  Turn turn = Turn::Wait;
  try {
    turn = run();
  } catch (const std::exception&) {
    packets_.panics.add();
    turn = walk.give_up();
  }
  if (turn == Turn::Wait) return waiting_.add(walk);
  if (turn == Turn::Many) {
    waiting_.add(walk);  // its steps wait no longer
    return send_many(walk);
  }
  if (walk.late_ != nullptr) send_late(walk, turn);
  waiting_.release(walk);
}

void Responder::send_late(Walk& walk, Turn turn) {
  size_t size = 0;
  try {
    size = finish(walk, turn, late_out_);
  } catch (const std::exception&) {
    packets_.panics.add();
    size = dns::render_refusal(walk.received(), dns::Rcode::ServFail, late_out_);
  }
  walk.late_->send_late(walk.peers(), std::span(late_out_).first(size));
}

// Nobody waits for it: how it ends is heard by nobody.
void Responder::ask_again(Walk& walk) {
  if (!waiting_.has_room()) return;
  Walk& again = waiting_.take();
  again.begin_again(walk);
  go_on(again, [&] {
    const Turn turn = again.run(Turn::Pass);
    if (turn == Turn::Wait) again.keep(walk.kept_routing_ ? walk.kept_routing_ : routing_);
    return turn;
  });
}

}  // namespace fairlead::query
