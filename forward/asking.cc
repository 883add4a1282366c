#include "forward/asking.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

namespace fairlead::forward {
namespace {

constexpr uint32_t kLaunches = 16;  // attempts of one question, whatever the settings
// Between two attempts of which none failed, while there is another upstream to ask, and when there
// is none.
constexpr nanoseconds kLongestPause = std::chrono::seconds(1);
constexpr nanoseconds kShortestLonePause = std::chrono::milliseconds(200);
constexpr nanoseconds kLongestLonePause = std::chrono::seconds(2);
constexpr size_t kProbes = 64;  // places of the table that questions leave free

/// Failed attempts after which no more are made; 0: no limit.
uint32_t most_failures(const GroupState& group) {
  const int64_t given = group.settings.max_connect_attempts;
  return static_cast<uint32_t>(given < 0 ? 2 * static_cast<int64_t>(group.upstreams.size())
                                         : std::min<int64_t>(given, UINT32_MAX));
}

/// How long to wait for a reply of `link`, which was asked last, until the question is asked again.
/// `launched`: attempts before this one.
nanoseconds pause_after(const Exchange& x, const Link& link, uint32_t launched) {
  const nanoseconds patience = link.upstream.patience();
  if (has_another(*x.links->state, x.asked)) {
    return std::min<nanoseconds>(patience * (int64_t{1} << std::min(launched, 5U)), kLongestPause);
  }
  // Nobody else can be faster. Once may make up for a lost datagram; more of the same only adds to
  // the work of an upstream that is slow.
  const auto upstreams = static_cast<uint32_t>(std::popcount(x.asked.ever));
  const uint32_t again = launched + 1 - std::min(launched + 1, upstreams);
  const nanoseconds pause = std::max(patience, kShortestLonePause);
  return std::min<nanoseconds>(pause * (int64_t{1} << std::min(2 * again, 8U)), kLongestLonePause);
}

/// A connection loses no query: what waits there is not sent again. The pool has an eye on it.
bool is_asked_over_stream(const Exchange& x, const Link& link) {
  return std::ranges::any_of(x.attempts, [&link](const Attempt& a) {
    return a.link == &link && a.state == Attempt::State::Stream;
  });
}

}  // namespace

Asking::Asking(asio::io_context& context, size_t worker)
    : context_(context),
      worker_(worker),
      udp_(std::make_shared<UdpSockets>(context, random_, *this)),
      wheel_(Timer::Clock::now()),
      timer_(context) {}

Asking::~Asking() = default;

void Asking::start() {
  udp_->start();
}

void Asking::stop() {
  stopped_ = true;
  timer_.cancel();
  for (const auto& links : links_) {
    for (const auto& link : links->all) {
      if (link->probe != nullptr) link->upstream.stop_probing();
      link->stream.reset();
    }
  }
  udp_->stop();
}

Links& Asking::links_of(const std::shared_ptr<Group>& group) {
  for (const auto& links : links_) {
    if (links->is_of(group)) return *links;
  }
  links_.push_back(std::make_unique<Links>(group));
  if (!sweep_.is_set()) set_timer(sweep_, TimerKind::Sweep, Timer::Clock::now());
  return *links_.back();
}

void Asking::ask(const std::shared_ptr<Group>& group, const Call& call) {
  ++asked_;
  Links& links = links_of(group);
  if (table_.taken() >= ExchangeTable::kCapacity - kProbes) {
    return refuse(call.asker, nullptr, "too many questions under way");
  }
  if (!links.state->enter()) {
    links.state->slots[worker_].rejects.add();
    return refuse(call.asker, &links, links.state->overloaded);
  }
  Exchange& x = *table_.take();
  const Time now = Timer::Clock::now();
  x.links = &links;
  ++links.active;
  x.asker = &call.asker;
  x.question = call.question;
  std::memcpy(x.qname.data(), call.question.qname.data(), call.question.qname.size());
  x.question.qname = {x.qname.data(), call.question.qname.size()};
  x.options.assign(call.question.options.begin(), call.question.options.end());
  x.question.options = x.options;
  x.client = call.client;
  x.client_size = call.client_size;
  x.deadline = now + kQuestionTime;
  x.launch_at = now;
  if (links.state->settings.policy == Policy::RoundRobin) {
    x.asked.turn = links.state->shared.turn.fetch_add(1, std::memory_order_relaxed);
  }
  proceed(x, now);
  arm();
}

void Asking::refuse(Asker& asker, Links* links, std::string_view why) {
  if (links != nullptr) ++links->active;
  refusals_.push_back({&asker, links, why});
  post_ready();
}

bool Asking::may_launch(const Exchange& x, Time now) const {
  if (x.exhausted || x.launched >= kLaunches || now >= x.deadline) return false;
  const uint32_t most = most_failures(*x.links->state);
  if (most != 0 && x.failed >= most) return false;
  // With all of them down there is little hope, and there may be many such questions.
  return !x.all_down || x.launched < 2;
}

/// Makes the attempts that are due, then waits for what comes first; ends the question when nothing
/// can come.
void Asking::proceed(Exchange& x, Time now) {
  while (x.launch_at <= now && may_launch(x, now) && x.alive() < Exchange::kAttempts)
    launch(x, now);
  const bool more = may_launch(x, now);
  const size_t count = x.alive();
  if (count == 0 && !more) return finish_later(x);
  Time due = x.deadline;
  if (more && count < Exchange::kAttempts) due = std::min(due, x.launch_at);
  for (const Attempt& a : x.attempts) {
    if (a.alive()) due = std::min(due, a.expires);
  }
  set_timer(x.timer, TimerKind::Question, due);
}

void Asking::launch(Exchange& x, Time now) {
  GroupState& group = *x.links->state;
  Link* link = nullptr;
  for (size_t i = 0; i < group.upstreams.size() && link == nullptr; ++i) {
    const auto choice = choose(group, random_, x.asked);
    if (!choice) {
      x.exhausted = true;
      if (x.error.empty()) x.error = "no healthy proxies";
      return;
    }
    if (choice->all_down && !x.all_down) group.slots[worker_].healthcheck_broken.add();
    x.all_down = choice->all_down;
    Link& chosen = *x.links->all[choice->upstream];
    if (!is_asked_over_stream(x, chosen)) link = &chosen;
  }
  x.launch_at = Time::max();
  if (link == nullptr) return;
  find_probers(*x.links, now);
  note_late(x, now);
  x.launch_at = now + pause_after(x, *link, x.launched++);
  for (Attempt& a : x.attempts) {
    if (!a.alive()) return start_attempt(a, *link, now);
  }
}

void Asking::on_question_timer(Exchange& x, Time now) {
  for (Attempt& a : x.attempts) {
    if (!a.alive()) continue;
    if (now >= x.deadline) {
      if (x.error.empty()) x.error = timeout_text(a);
      drop_attempt(a, now);
    } else if (now >= a.expires) {
      attempt_expired(a, now);
    }
  }
  proceed(x, now);
}

/// Tells the asker at once: from the event loop's callbacks only.
void Asking::answer(Exchange& x, dns::Answer& answer) {
  Asker& asker = *x.asker;
  const auto kept = std::move(x.kept);  // `answer` may be this
  const std::string_view upstream = x.upstream->to();
  end(x, Timer::Clock::now());
  asker.on_outcome(
      {.status = Outcome::Status::Answered, .answer = &answer, .error = {}, .upstream = upstream});
}

void Asking::finish_later(Exchange& x) {
  wheel_.cancel(x.timer);
  x.next = nullptr;
  *ready_end_ = &x;
  ready_end_ = &x.next;
  post_ready();
}

void Asking::end(Exchange& x, Time now) {
  for (Attempt& a : x.attempts) drop_attempt(a, now);
  wheel_.cancel(x.timer);
  x.links->state->leave();
  --x.links->active;
  --asked_;
  table_.give_back(x);
}

void Asking::post_ready() {
  if (std::exchange(posted_, true)) return;
  asio::post(context_, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (self == nullptr || self->stopped_) return;
    self->posted_ = false;
    self->tell_ready();
    if (!self->stopped_) self->arm();
  });
}

/// What askers ask meanwhile, and cannot have, waits for the next call.
void Asking::tell_ready() {
  Exchange* x = std::exchange(ready_, nullptr);
  ready_end_ = &ready_;
  telling_.clear();
  telling_.swap(refusals_);
  for (const Refusal& refusal : telling_) {
    --asked_;
    if (refusal.links != nullptr) --refusal.links->active;
    refusal.asker->on_outcome({.status = Outcome::Status::Overloaded, .error = refusal.why});
    if (stopped_) return;
  }
  while (x != nullptr) {
    Exchange* next = x->next;
    if (x->kept != nullptr) {
      answer(*x, *x->kept);
    } else {
      Asker& asker = *x->asker;
      const std::string error = std::move(x->error);
      std::string_view upstream;
      if (x->upstream != nullptr) upstream = x->upstream->to();
      end(*x, Timer::Clock::now());
      asker.on_outcome({.status = Outcome::Status::Failed, .error = error, .upstream = upstream});
    }
    if (stopped_) return;
    x = next;
  }
}

}  // namespace fairlead::forward
