// One question on its way through a server: which step is asked next, who wants to see the answer,
// what was asked in between. It lies in the worker until somebody must wait, then in the worker's
// table of those that do.
//   ask() of step 1, 2, … --Done--> see() of those who said see_me(), last first --> rendered, sent
//                  |                      |
//                  +---------Ask----------+--> the same for another question, one level deeper
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "dns/answer.h"
#include "dns/query.h"
#include "net/endpoint.h"
#include "net/responder.h"
#include "query/messages.h"
#include "query/routing.h"
#include "query/step.h"
#include "query/telling.h"
#include "query/walk_owner.h"
#include "query/walk_state.h"
#include "query/worker_view.h"

namespace fairlead::query {

/// Used by one worker's thread. A step may keep a reference only while the walk waits for it.
class Walk : private WalkState {
 public:
  using WalkState::kMostDeep, WalkState::kMostQuestions, WalkState::depth, WalkState::found,
      WalkState::keep_order, WalkState::found_name, WalkState::found_nobody,
      WalkState::is_asked_by_me, WalkState::upstream_options, WalkState::set_upstream_options,
      WalkState::keep_octets, WalkState::kept_octets, WalkState::set_upstream, WalkState::upstream,
      WalkState::packet, WalkState::is_clients, WalkState::sealing, WalkState::looked_ahead;
  Walk(WalkOwner& owner, WorkerView& worker) : owner_(owner), worker_(worker) {}
  Walk(const Walk&) = delete;
  Walk& operator=(const Walk&) = delete;

  /// What the client sent: rendered to, counted, logged. limit_udp_size() changes its EDNS size.
  [[nodiscard]] const dns::Query& received() const { return *received_; }
  void limit_udp_size(uint16_t octets);
  /// The question as it stands now, at this level.
  [[nodiscard]] const dns::Query& question() const {
    return top().changed ? top().own->query : *received_;
  }
  /// The same, to be changed; received() stays. set_name() keeps a copy of the name.
  dns::Query& change_question();
  void set_name(dns::NameView name);
  [[nodiscard]] const net::Peers& peers() const { return *peers_; }
  /// What is said so far, at this level. Empty until a step says Done; a step that passes leaves it
  /// so. Owners that are kQname are the question that the walk was begun with.
  [[nodiscard]] dns::Answer& answer() { return top().answer; }
  [[nodiscard]] const dns::Answer& answer() const { return top().answer; }
  /// Puts what was found behind the answer.
  void append_found(dns::Section section = dns::Section::Answer);
  /// The same for a CNAME's target: the rcode is that of the chain's end (RFC 6604 §3).
  void end_chain();

  /// Says `rcode` and nothing else: nobody has made an answer. `error` is for the log, copied; only
  /// that of the client's own question is told.
  Turn fail(dns::Rcode rcode, std::string_view error = {});
  void forget_failure();
  [[nodiscard]] std::string_view error() const { return error_; }
  /// The `plugin` label: who made the client's answer; 0 for nobody.
  [[nodiscard]] uint8_t made_by() const { return failed_ ? uint8_t{0} : made_by_; }
  /// The final answer is to be arranged; the first who says so is heard. 0: nobody has.
  void arrange(const Arranger& arranger);
  [[nodiscard]] uint64_t arrange_seed() const { return arrange_seed_; }
  /// Nobody wants to see the answer but who arranges it: a step may write the reply to received()
  /// into out() and say wrote().
  [[nodiscard]] bool may_write() const;
  [[nodiscard]] std::span<uint8_t> out() const { return out_; }
  Turn wrote(size_t size, dns::Rcode rcode);
  /// My see() is to be called on the way back, with this note; my late() at `late_at` (net::now_ns,
  /// 0: never), should the question wait then.
  void see_me(Note note = {}, uint64_t late_at = 0);
  /// My seal() is to be called with the reply to the client, and cuts what is longer than `most`.
  void seal_me(size_t most = SIZE_MAX);
  [[nodiscard]] size_t unsealed_limit() const { return unsealed_limit_; }  // that `most`
  /// As if a client had asked: targets of CNAMEs. Its answer is found() in see(). Too many or too
  /// deep: found() is SERVFAIL without records.
  Turn ask_server(dns::NameView name, dns::RrType type);
  /// The steps behind me only, for the client's question by another name.
  Turn ask_rest(dns::NameView name, dns::RrType type);
  /// The steps behind me are asked once more when this question is answered, for nobody but the
  /// AnswerStore.
  void ask_again() { owner_.ask_again(*this); }
  /// There is room to wait, and somebody who would hear of it. If not, the question is refused.
  [[nodiscard]] bool can_wait() const {
    return waits_ || ((late_ != nullptr || background_) && owner_.has_room());
  }
  /// The client's connection takes a reply of many messages.
  [[nodiscard]] bool can_send_many() const;
  /// Only when can_send_many(). Who seals sees each message, the observers only the last one.
  Turn send_many(std::unique_ptr<Messages> messages);
  /// `awaited` calls resume(), never before ask() or see() has returned.
  Turn wait(Awaited& awaited);
  void resume(Turn turn) { owner_.resume(*this, turn); }
  /// A client waits for this; not for a refresh.
  [[nodiscard]] bool has_client() const { return !background_; }
  [[nodiscard]] WorkerView& worker() const { return worker_; }
  template <class T>
  [[nodiscard]] const T* live(LiveAt<T> at) const {
    return std::as_const(worker_).live().get(at);
  }
  template <class T>
  [[nodiscard]] T& local(const LocalAt<T>& at) const {
    return worker_.local(at);
  }
  /// The counters of the block whose chain is walked; null where nobody counts.
  template <class T>
  [[nodiscard]] T* counters(size_t number) const {
    return static_cast<T*>(top().served->counters[number]);
  }
  /// Appends what `label` says of the question, as the client (or the step that asked in between)
  /// put it; false when it has no such label. See query/labels.h.
  bool label(std::string_view label, std::string& out) const;

  bool alone = false;       // a loop's probe: neither kept nor asked together with others
  uint64_t store_seen = 0;  // AnswerStore::version() before the store was looked into
  /// What the client's question is counted under.
  [[nodiscard]] const ServedZone& served() const { return *levels_[0]->served; }
  /// To be explained rather than answered; null for every client's question.
  [[nodiscard]] Telling* telling() const { return telling_; }

 private:
  friend class Responder;
  friend class WaitingWalks;
  friend class Narrator;

  void begin(dns::Query& query, const net::Request& request, const ServedZone& served,
             std::span<uint8_t> out);
  void begin_again(const Walk& other);
  void keep(std::shared_ptr<const Routing> routing);
  void end();
  Turn run(Turn turn);
  Turn ask_next();
  Turn back();
  Turn drop();
  Turn run_out();
  Turn descend(dns::NameView name, dns::RrType type, bool rest);
  Turn run_late(uint64_t now);
  Turn give_up();

  WalkOwner& owner_;
  WorkerView& worker_;
};

}  // namespace fairlead::query
