// What a directive does with questions: one link of a block's chain, and those who see replies
// leave. The order of links is that of plugins/all.cc; query/walk.h says how a question passes
// through them.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "dns/answer.h"
#include "dns/query.h"

namespace fairlead::zones {
struct Prefetch;
template <class Fetching>
class LookaheadIn;
using Lookahead = LookaheadIn<Prefetch>;
}  // namespace fairlead::zones

namespace fairlead::query {

class Live;
class Walk;

/// What a step makes of a question.
enum class Turn : uint8_t {
  Pass,     // not mine: the next step. From see(): the steps behind me are asked after all
  Done,     // walk.answer() says it: back through those who want to see it
  Written,  // the reply lies in walk.out() already; only when walk.may_write()
  Ask,      // ask_server() or ask_rest() was called: that question first, then see() of mine
  Wait,     // walk.resume() follows, on this worker
  Many,     // the reply is what was given to walk.send_many()
  Drop,     // nothing is said: through those who want to see an answer, too
};

/// What a step remembers of one question, from ask() to see(): its own to give a meaning.
struct Note {
  std::array<uint64_t, 3> words{};
};

/// Constant once its block is served: all workers share it. What changes lies behind pointers to
/// what is thread safe, in Walk::live(), or in Walk::local().
class Step {
 public:
  virtual ~Step() = default;

  /// The question on its way in.
  virtual Turn ask(Walk& walk) const = 0;

  /// The answer on its way out, for whoever called Walk::see_me() or said Ask. walk.found() is set
  /// after an Ask. Every turn but Written may follow.
  virtual Turn see(Walk&, Note&) const { return Turn::Done; }

  /// Nothing is to be said to the question, for whoever called Walk::see_me() or said Ask. Done is
  /// for who knows better, Ask for who has another question.
  virtual Turn dropped(Walk&, Note&) const { return Turn::Drop; }

  /// The time that was given to Walk::call_late() has come and the question still waits. Done:
  /// walk.answer() is what the client gets, nobody waits any more. Wait: go on waiting.
  virtual Turn late(Walk&, Note&) const { return Turn::Wait; }

  /// The reply as octets, for whoever called Walk::seal_me(): `out` has room behind `size`. Returns
  /// the new size.
  [[nodiscard]] virtual size_t seal(const Walk&, std::span<uint8_t>, size_t size) const {
    return size;
  }

  /// Begins to fetch from memory what the answer will be made from: a hint. Called only when
  /// looks_ahead().
  virtual void look_ahead(const dns::Query&, const Live&, zones::Lookahead&) const {}
  [[nodiscard]] virtual bool looks_ahead() const { return false; }

  /// ask() may return Wait. What stands in front of the first such step may be answered at once.
  [[nodiscard]] virtual bool may_wait() const { return false; }
};

/// A reply as it leaves, or that nothing was said.
struct Reply {
  std::span<const uint8_t> octets;  // empty: nothing was said; of many messages the last header
  size_t size = 0;                  // octets of all messages
  bool many = false;                // walk.answer() is what the last message said
  dns::Rcode rcode = dns::Rcode::NoError;
  uint64_t took = 0;  // nanoseconds
};

/// Sees every reply to a client of its block, and every silence: log, errors, prometheus. Constant
/// and shared like a Step. Called once for a question of a client, on the worker's thread.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void replied(const Walk& walk, const Reply& reply) const = 0;

  /// replied() reads walk.answer(), so no step may write a reply by itself.
  [[nodiscard]] virtual bool reads_answer() const { return false; }
};

}  // namespace fairlead::query
