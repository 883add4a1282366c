#include "plugins/forward/exchange.h"

#include <span>
#include <string>
#include <utility>

#include "dns/edns_option.h"
#include "dns/render.h"
#include "dns/response.h"
#include "plugins/names.h"

namespace fairlead::plugins::forward {
namespace {

using fairlead::forward::InFlight;
using fairlead::forward::Outcome;

constexpr uint16_t kNoReachableAuthority = 22;  // RFC 8914 §4.23
constexpr std::string_view kTableFull = "plugin/forward: too many queries wait for upstreams";

// Those that a query has room for, whole ones.
std::span<const uint8_t> upstream_options(const query::Walk& walk) {
  const std::span<const uint8_t> all = walk.upstream_options();
  size_t size = 0;
  dns::OptionReader reader(all);
  while (const auto option = reader.next()) {
    if (size + dns::kOptionHead + option->data.size() > dns::kMaxUpstreamOptions) break;
    size += dns::kOptionHead + option->data.size();
  }
  return all.first(size);
}

// "forward example.org.: no answer from 192.0.2.53:53": whoever reads it with dig need not see the
// server's log.
std::string failure_text(const ForwardLine& line, std::string_view upstream) {
  std::string text = "forward " + list(line.from) + ": no answer";
  return upstream.empty() ? text : text.append(" from ").append(upstream);
}

}  // namespace

/// An outcome that another worker's questions wait for, too.
struct Exchanges::SharedOutcome {
  Outcome::Status status{};
  dns::Answer answer;
  std::string error;
  std::string_view upstream;

  [[nodiscard]] Outcome view() {
    const bool answered = status == Outcome::Status::Answered;
    return {status, answered ? &answer : nullptr, error, upstream};
  }
};

void Exchange::on_outcome(const Outcome& outcome) {
  table.on_outcome(*this, outcome);
}

Exchange* Exchanges::take() {
  if (free_.empty()) {
    if (exchanges_.size() == kMost) return nullptr;
    free_.push_back(&exchanges_.emplace_back(*this));
  }
  Exchange* exchange = free_.back();
  free_.pop_back();
  return exchange;
}

void Exchanges::release(Exchange& exchange) {
  exchange.walk = nullptr;
  exchange.lines.reset();
  free_.push_back(&exchange);
}

query::Turn Exchanges::begin(query::Walk& walk, const std::shared_ptr<const Lines>& lines,
                             size_t number) {
  Exchange* const exchange = walk.can_wait() ? take() : nullptr;
  if (exchange == nullptr) return walk.fail(dns::Rcode::Refused, kTableFull);
  exchange->walk = &walk;
  exchange->lines = lines;
  exchange->number = number;
  exchange->alone = walk.alone;
  exchange->question = walk.question();
  exchange->qname = dns::Name(walk.question().qname);
  exchange->question.qname = exchange->qname.view();
  exchange->question.edns.options = {};  // not sent on; they lie in the packet
  const std::span<const uint8_t> options = upstream_options(walk);
  exchange->entry.key.options.assign(options.begin(), options.end());
  switch (start(*exchange)) {
    case Started::Waits:
      return walk.wait(*exchange);
    case Started::Known:
      release(*exchange);
      return query::Turn::Done;
    case Started::Full:
      break;
  }
  release(*exchange);
  return walk.fail(dns::Rcode::Refused, kTableFull);
}

Exchanges::Started Exchanges::start(Exchange& exchange) {
  const dns::Query& asked = exchange.question;
  const ForwardLine& line = exchange.lines->all[exchange.number];
  exchange.entry.key = {.qname = asked.lower_qname,
                        .qtype = asked.qtype,
                        .qclass = asked.qclass,
                        .dnssec_ok = asked.has_edns && asked.edns.dnssec_ok,
                        .checking_disabled = asked.checking_disabled,
                        .recursion_desired = asked.recursion_desired,
                        .transport = asked.transport,
                        .options = std::move(exchange.entry.key.options)};
  exchange.waiter.owner = &exchange;
  using Joined = InFlight::Joined;
  const Joined joined =
      exchange.alone ? Joined::Ask : line.in_flight->join(exchange.entry, exchange.waiter);
  if (joined != Joined::Ask) return joined == Joined::Wait ? Started::Waits : Started::Full;
  try {
    return ask(exchange, line);
  } catch (...) {  // memory ran out: those who joined are told, and nobody waits for nothing
    exchange.walk = nullptr;
    if (!exchange.alone)
      tell(line.in_flight->finish(exchange.entry), {.status = Outcome::Status::Failed});
    release(exchange);
    throw;
  }
}

Exchanges::Started Exchanges::ask(Exchange& exchange, const ForwardLine& line) {
  const dns::Query& asked = exchange.question;
  if (!exchange.alone && is_known(exchange, line)) return Started::Known;
  const dns::Question question{.qname = asked.qname,
                               .qtype = asked.qtype,
                               .qclass = asked.qclass,
                               .recursion_desired = asked.recursion_desired,
                               .checking_disabled = asked.checking_disabled,
                               .authentic_data = true,
                               .dnssec_ok = exchange.entry.key.dnssec_ok,
                               .options = exchange.entry.key.options};
  forwarder_.ask(line.group, question, asked.transport, dns::reply_limit(asked), exchange);
  return Started::Waits;
}

// Between the look into the store and join() another worker may have stored the answer and ended
// its question. Those who have joined since wait for nothing: they are told what the store says.
bool Exchanges::is_known(Exchange& exchange, const ForwardLine& line) {
  query::Walk& walk = *exchange.walk;
  const query::AnswerStore* const store = exchange.lines->store.get();
  if (store == nullptr || !walk.has_client() || store->version() == walk.store_seen) return false;
  dns::Answer answer;  // of its own: telling one may lead back here
  if (!store->find(exchange.question, answer)) return false;
  walk.answer() = answer;
  if (!dns::understands_ad(exchange.question)) walk.answer().authentic_data = false;
  tell(line.in_flight->finish(exchange.entry),
       {.status = Outcome::Status::Answered, .answer = &answer});
  return true;
}

// The order matters: once the answer is in the store, a question that comes now finds it there;
// only then may the next one be asked again.
void Exchanges::on_outcome(Exchange& exchange, const Outcome& outcome) {
  if (exchange.alone) return conclude(exchange, outcome);
  const std::shared_ptr<const Lines> lines = exchange.lines;  // outlives the exchange
  const bool answered = outcome.status == Outcome::Status::Answered;
  const bool passed =
      answered && lines->passes_on(exchange.question, exchange.number, *outcome.answer);
  if (answered && !passed && lines->is_kept(outcome.answer->rcode))
    lines->store->keep(exchange.question, *outcome.answer);
  if (outcome.status == Outcome::Status::Failed) keep_failure(exchange);
  InFlight::Waiter* waiter = lines->all[exchange.number].in_flight->finish(exchange.entry);
  conclude(exchange, outcome);
  tell(waiter, outcome);
}

// Who asks the same at once is not to wait for the same silence (RFC 9520 §3.1). When the one who
// asked waits no longer there was no time for an answer, for all that is known.
void Exchanges::keep_failure(const Exchange& exchange) {
  const query::AnswerStore* const store = exchange.lines->store.get();
  if (!exchange.lines->is_kept(dns::Rcode::ServFail) || exchange.walk == nullptr) return;
  dns::Answer failure;
  failure.rcode = dns::Rcode::ServFail;
  store->keep(exchange.question, failure);
}

void Exchanges::tell(InFlight::Waiter* waiter, const Outcome& outcome) {
  std::shared_ptr<SharedOutcome> shared;
  while (waiter != nullptr) {
    Exchange& other = *static_cast<Exchange*>(waiter->owner);
    waiter = waiter->next;
    if (&other.table == this) {
      conclude(other, outcome);
      continue;
    }
    if (!shared) {
      shared = std::make_shared<SharedOutcome>();
      shared->status = outcome.status;
      if (outcome.answer != nullptr) shared->answer = *outcome.answer;
      shared->error = outcome.error;
      shared->upstream = outcome.upstream;
    }
    conclude_elsewhere(other, shared);
  }
}

void Exchanges::conclude_elsewhere(Exchange& exchange,
                                   const std::shared_ptr<SharedOutcome>& outcome) {
  asio::post(exchange.table.context_,
             [&exchange, outcome] { exchange.table.conclude(exchange, outcome->view()); });
}

void Exchanges::conclude(Exchange& exchange, const Outcome& outcome) {
  query::Walk* const walk = std::exchange(exchange.walk, nullptr);
  const bool answered = outcome.status == Outcome::Status::Answered;
  const bool passed =
      answered && exchange.lines->passes_on(exchange.question, exchange.number, *outcome.answer);
  const bool wants_ad = dns::understands_ad(exchange.question);
  const bool failed = outcome.status == Outcome::Status::Failed;
  std::string extra;
  if (failed && exchange.question.has_edns)
    extra = failure_text(exchange.lines->all[exchange.number], outcome.upstream);
  release(exchange);
  if (walk == nullptr) return;
  walk->set_upstream(outcome.upstream);
  if (passed) return walk->resume(query::Turn::Pass);
  if (answered) {
    walk->answer() = *outcome.answer;
    walk->answer().authentic_data = walk->answer().authentic_data && wants_ad;
  } else {
    walk->fail(failed ? dns::Rcode::ServFail : dns::Rcode::Refused, outcome.error);
    if (failed) walk->answer().add_extended_error(kNoReachableAuthority, extra);
  }
  walk->resume(query::Turn::Done);
}

}  // namespace fairlead::plugins::forward
