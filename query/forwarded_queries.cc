#include "query/forwarded_queries.h"

#include <algorithm>

#include "dns/render.h"
#include "net/clock.h"
#include "query/server_block.h"

namespace fairlead::query {

/// An outcome that another worker's queries wait for, too.
struct ForwardedQueries::SharedOutcome {
  forward::Outcome::Status status{};
  dns::Answer answer;
  std::string error;

  [[nodiscard]] forward::Outcome view() {
    const bool answered = status == forward::Outcome::Status::Answered;
    return {status, answered ? &answer : nullptr, error};
  }
};

ForwardedQueries::ForwardedQueries(asio::io_context& context, size_t worker, LateReplier& replier)
    : context_(context), replier_(replier), forwarder_(context, worker), stale_timer_(context) {}

ForwardedQuery* ForwardedQueries::take() {
  if (free_.empty()) {
    if (slots_.size() == kMost) return nullptr;
    free_.push_back(&slots_.emplace_back(*this));
  }
  ForwardedQuery* query = free_.back();
  free_.pop_back();
  return query;
}

void ForwardedQueries::put_back(ForwardedQuery& query) {
  query.late.reset();
  release(query);
}

void ForwardedQueries::release(ForwardedQuery& query) {
  if (query.stale_at) deadlines_.erase(*query.stale_at);
  query.stale_at.reset();
  query.routing.reset();
  query.block.reset();
  query.served = nullptr;
  query.cache = nullptr;
  query.chased = false;
  query.alone = false;
  free_.push_back(&query);
}

ForwardedQueries::Started ForwardedQueries::start(ForwardedQuery& query, uint64_t seen) {
  const dns::Query& asked = query.question();
  const plugins::forward::ForwardLine& line = query.block->forward_lines()[query.line];
  query.entry.key = {.qname = asked.lower_qname,
                     .qtype = asked.qtype,
                     .dnssec_ok = asked.has_edns && asked.edns.dnssec_ok,
                     .checking_disabled = asked.checking_disabled,
                     .recursion_desired = asked.recursion_desired,
                     .transport = asked.transport};
  query.waiter.owner = &query;
  using Joined = forward::InFlight::Joined;
  const Joined joined = query.alone ? Joined::Ask : line.in_flight->join(query.entry, query.waiter);
  if (joined != Joined::Ask) return joined == Joined::Wait ? Started::Waits : Started::Full;
  if (!query.alone && line.in_flight->finished() != seen && is_known(query, line))
    return Started::Known;
  const dns::Question question{.qname = asked.qname,
                               .qtype = asked.qtype,
                               .recursion_desired = asked.recursion_desired,
                               .checking_disabled = asked.checking_disabled,
                               .authentic_data = true,
                               .dnssec_ok = query.entry.key.dnssec_ok};
  forwarder_.ask(line.group, question, asked.transport, dns::reply_limit(asked), query);
  return Started::Waits;
}

// Between the look into the cache and join() another worker may have stored the answer and ended
// its question. Those who have joined since wait for nothing: they are told what the cache says.
bool ForwardedQueries::is_known(ForwardedQuery& query, const plugins::forward::ForwardLine& line) {
  cache::Cache* cache = query.block->cache();
  if (cache == nullptr || !cache->covers(query.question())) return false;
  answer_.clear();
  const cache::Found found = cache->read(query.question(), net::cache_now(), answer_);
  if (found.state != cache::Found::State::Fresh) return false;
  tell(line.in_flight->finish(query.entry),
       {.status = forward::Outcome::Status::Answered, .answer = &answer_});
  return true;
}

void ForwardedQueries::serve_stale_after(ForwardedQuery& query, std::chrono::nanoseconds after) {
  const uint64_t at = net::now_ns() + static_cast<uint64_t>(after.count());
  query.stale_at = deadlines_.emplace(at, &query);
  if (*query.stale_at == deadlines_.begin()) watch_stale();
}

void ForwardedQueries::watch_stale() {
  if (deadlines_.empty()) return;
  const uint64_t now = net::now_ns();
  const uint64_t at = deadlines_.begin()->first;
  stale_timer_.expires_after(std::chrono::nanoseconds(at > now ? at - now : 0));
  stale_timer_.async_wait([this](const boost::system::error_code& ec) {
    if (!ec) serve_overdue();
  });
}

// The question goes on: its answer refreshes the cache.
void ForwardedQueries::serve_overdue() {
  const uint64_t now = net::now_ns();
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    ForwardedQuery& query = *deadlines_.begin()->second;
    deadlines_.erase(deadlines_.begin());
    query.stale_at.reset();
    if (query.late && make_stale_answer(query)) reply(query, answer_, {});
  }
  watch_stale();
}

// The order matters: once the answer is in the cache, a question that comes now finds it there;
// only then may the next one be asked again.
void ForwardedQueries::on_outcome(ForwardedQuery& query, const forward::Outcome& outcome) {
  const plugins::forward::ForwardLine& line = query.block->forward_lines()[query.line];
  if (query.alone) return conclude(query, outcome);
  const bool answered = outcome.status == forward::Outcome::Status::Answered;
  if (answered) keep(query, *outcome.answer);
  // The line outlives the query only as long as the block does.
  const std::shared_ptr<const ServerBlock> block = query.block;
  forward::InFlight::Waiter* waiter = line.in_flight->finish(query.entry);
  conclude(query, outcome);
  tell(waiter, outcome);
}

void ForwardedQueries::tell(forward::InFlight::Waiter* waiter, const forward::Outcome& outcome) {
  std::shared_ptr<SharedOutcome> shared;
  while (waiter != nullptr) {
    ForwardedQuery& other = *static_cast<ForwardedQuery*>(waiter->owner);
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
    }
    conclude_elsewhere(other, shared);
  }
}

// The TTLs become what the cache makes of them, as all who wait are to see them.
void ForwardedQueries::keep(ForwardedQuery& query, dns::Answer& answer) {
  const plugins::forward::ForwardLine& line = query.block->forward_lines()[query.line];
  if (line.passes_on(answer) && query.block->next_line(query.question(), query.line + 1)) return;
  cache::Cache* cache = query.block->cache();
  const dns::Query& question = query.question();
  // What came without recursion may be a referral, which is of no use to those who want it.
  if (cache == nullptr || !question.recursion_desired || !cache->covers(question)) return;
  const bool outvoted =
      cache->store(question, net::cache_now(), answer) == cache::StoreResult::Outvoted;
  // What is stale but served on beats this answer: all who wait are to see that one.
  if (outvoted && make_stale_answer(query)) answer = answer_;
}

void ForwardedQueries::conclude_elsewhere(ForwardedQuery& query,
                                          const std::shared_ptr<SharedOutcome>& outcome) {
  asio::post(query.table.context_,
             [&query, outcome] { query.table.conclude(query, outcome->view()); });
}

// True when the next line is asked instead.
bool ForwardedQueries::pass_on(ForwardedQuery& query, const forward::Outcome& outcome) {
  if (outcome.status != forward::Outcome::Status::Answered) return false;
  const plugins::forward::ForwardLine& line = query.block->forward_lines()[query.line];
  if (!line.passes_on(*outcome.answer)) return false;
  const auto next = query.block->next_line(query.question(), query.line + 1);
  if (!next) return false;
  query.line = *next;
  const Started started = start(query, query.block->forward_lines()[*next].in_flight->finished());
  if (started == Started::Known) {
    if (query.late) reply(query, answer_, {});
    release(query);
  }
  return started != Started::Full;
}

void ForwardedQueries::conclude(ForwardedQuery& query, const forward::Outcome& outcome) {
  if (pass_on(query, outcome)) return;
  using Status = forward::Outcome::Status;
  const bool failed = outcome.status == Status::Failed ||
                      (outcome.answer != nullptr && outcome.answer->rcode == dns::Rcode::ServFail);
  std::string_view error = outcome.error;
  if (failed && make_stale_answer(query)) {
    error = {};
  } else if (outcome.status == Status::Answered) {
    answer_ = *outcome.answer;
  } else {
    answer_.clear();
    answer_.rcode = failed ? dns::Rcode::ServFail : dns::Rcode::Refused;
  }
  if (query.late) reply(query, answer_, error);
  release(query);
}

// Also tells the cache that the refresh failed.
bool ForwardedQueries::make_stale_answer(ForwardedQuery& query) {
  cache::Cache* cache = query.block->cache();
  if (cache == nullptr || !cache->settings().stale.enabled) return false;
  answer_.clear();
  if (!cache->covers(query.question()) ||
      !cache->serve_stale(query.question(), net::cache_now(), answer_))
    return false;
  if (query.late && query.cache != nullptr) query.cache->served_stale.add();
  return true;
}

void ForwardedQueries::reply(ForwardedQuery& query, dns::Answer& answer, std::string_view error) {
  replier_.reply_late(query, answer, error);
  query.late.reset();
}

void ForwardedQuery::set_query(const dns::Query& asked) {
  query = asked;
  qname = dns::Name(asked.qname);
  query.qname = qname.view();
}

void ForwardedQuery::set_chase(const dns::Query& next, const dns::Answer& chain) {
  chased = true;
  step = next;
  step_name = dns::Name(next.qname);
  step.qname = step_name.view();
  so_far = chain;
}

void ForwardedQuery::on_outcome(const forward::Outcome& outcome) {
  table.on_outcome(*this, outcome);
}

}  // namespace fairlead::query
