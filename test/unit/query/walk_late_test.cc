// Questions that wait: what becomes of them in time, too late, and when something goes wrong.
#include <doctest/doctest.h>

#include <chrono>
#include <stdexcept>

#include "net/clock.h"
#include "test/unit/query/walked.h"

namespace fairlead::query {

using namespace testing;
using namespace std::chrono_literals;
using Trace = std::vector<std::string>;

namespace {

Doing waiting(Gate& gate) {
  return {.ask = [&gate](Walk& walk) { return gate.enter(walk); }};
}

/// Is told after `time`, and then does what `late` says.
Doing told_after(std::chrono::nanoseconds time, std::function<Turn(Walk&, Note&)> late) {
  return {.ask =
              [time](Walk& walk) {
                if (walk.depth() == 0)
                  walk.see_me({{7}}, net::now_ns() + static_cast<uint64_t>(time.count()));
                return Turn::Pass;
              },
          .late = std::move(late)};
}

Turn answer_late(Walk& walk, Note& note) {
  return answer_with(walk, static_cast<uint8_t>(note.words[0]));
}

TEST_CASE("waiting: goes on where it stopped, without the packet it came in") {
  Walked w;
  Gate gate;
  w.add({.ask =
             [](Walk& walk) {
               walk.see_me();
               walk.set_name(dns::Name::from_text("b.test")->view());
               return Turn::Pass;
             },
         .see =
             [&w](Walk& walk, Note&) {
               dns::OptionReader options(walk.received().edns.options);
               const auto option = options.next();
               w.trace = {name_of(walk), dns::to_text(walk.received().qname),
                          option ? std::to_string(option->data.size()) : "no option"};
               return Turn::Done;
             }});
  w.add(waiting(gate));
  w.add(answering(3));
  w.observe();
  w.serve();
  const auto client = w.send("A.test. A edns=1232,do option=65001:0102030405");
  CHECK(client->reply() == "waits");
  CHECK(w.responder.replies_to_follow() == 1);
  CHECK(w.heard.empty());
  gate.open(Turn::Pass);
  CHECK(client->reply() == "NOERROR rd; edns version=0 size=1232 do; answer A.test. 5 A 192.0.2.3");
  CHECK(w.trace == Trace{"b.test.", "A.test.", "5"});
  CHECK(w.heard == Trace{"NOERROR by 3"});
  CHECK(w.responder.replies_to_follow() == 0);
  CHECK(gate.left == 0);
}

TEST_CASE("waiting: several times, deep in between, and then silence") {
  Walked w;
  Gate gate;
  w.add({.ask =
             [](Walk& walk) {
               return walk.depth() == 0 ? walk.ask_server(walk.question().qname, kA) : Turn::Pass;
             },
         .see =
             [](Walk& walk, Note&) {
               return walk.found()->rcode == dns::Rcode::NxDomain ? Turn::Drop : Turn::Done;
             }});
  w.add(waiting(gate));
  w.add(waiting(gate));
  w.add({.ask = [](Walk& walk) { return walk.fail(dns::Rcode::NxDomain); }});
  w.observe();
  w.serve();
  const auto client = w.send("a.test. A");
  gate.open(Turn::Pass);
  CHECK(client->reply() == "waits");
  CHECK(w.responder.replies_to_follow() == 1);
  gate.open(Turn::Pass);
  CHECK(client->reply() == "noreply");
  CHECK(w.heard == Trace{"silence by 1"});
  CHECK(w.responder.replies_to_follow() == 0);
}

TEST_CASE("waiting: not for a client that takes no late reply, nor beyond the table's bound") {
  Walked w;
  Gate gate;
  w.add({.ask = [&gate](Walk& walk) {
    return walk.can_wait() ? gate.enter(walk) : walk.fail(dns::Rcode::Refused, "no room");
  }});
  w.observe();
  w.serve();
  CHECK(w.send("a.test. A", false)->reply() == "REFUSED rd");
  std::vector<std::shared_ptr<Client>> clients;
  for (size_t i = 0; i < WaitingWalks::kMost; ++i) clients.push_back(w.send("a.test. A"));
  CHECK(w.responder.replies_to_follow() == WaitingWalks::kMost);
  CHECK(w.ask("a.test. A") == "REFUSED rd");
  CHECK(w.heard == Trace{"REFUSED by 0: no room", "REFUSED by 0: no room"});
  gate.open(Turn::Done);
  CHECK(clients.front()->reply() == "NOERROR rd");
  CHECK(w.ask("a.test. A") == "waits");
}

TEST_CASE("late: a step that is told in time answers, and nobody waits any more") {
  Walked w;
  Gate gate;
  w.add(told_after(2s, answer_late));
  w.add(waiting(gate));
  w.observe();
  w.serve();
  const auto client = w.send("a.test. A");
  w.clock.turn(1999ms);
  CHECK(client->reply() == "waits");
  w.clock.turn(2ms);
  CHECK(client->reply() == "NOERROR rd; answer a.test. 5 A 192.0.2.7");
  CHECK(gate.left == 1);
  CHECK(gate.walks.empty());
  CHECK(w.heard == Trace{"NOERROR by 2"});
  CHECK(w.responder.replies_to_follow() == 0);
}

TEST_CASE("late: those in front see what is said; those behind, and in between, are not asked") {
  Walked w;
  Gate gate;
  const auto trace = [&w](const std::string& name) {
    return [&w, name](Walk&, Note&) {
      w.trace.push_back("see " + name);
      return Turn::Done;
    };
  };
  const auto see_me = [](Walk& walk) {
    walk.see_me();
    return Turn::Pass;
  };
  w.add({.ask = see_me, .see = trace("front")});
  w.add(told_after(1s, answer_late));
  w.add({.ask = see_me, .see = trace("behind")});
  w.add({.ask =
             [](Walk& walk) {
               return walk.depth() == 0 ? walk.ask_rest(walk.question().qname, kA) : Turn::Pass;
             },
         .see = trace("in between")});
  w.add(waiting(gate));
  w.serve();
  const auto client = w.send("a.test. A");
  w.clock.turn(1001ms);
  CHECK(client->reply() == "NOERROR rd; answer a.test. 5 A 192.0.2.7");
  CHECK(w.trace == Trace{"see front"});
}

TEST_CASE("late: each in its time and once, the outermost first when several are due") {
  Walked w;
  Gate gate;
  const auto note = [&w](const std::string& name) {
    return [&w, name](Walk&, Note&) {
      w.trace.push_back(name);
      return Turn::Wait;
    };
  };
  w.add(told_after(3s, note("first")));
  w.add(told_after(1s, note("second")));
  w.add(told_after(3s, note("third")));
  w.add(waiting(gate));
  w.serve();
  const auto client = w.send("a.test. A");
  w.clock.turn(1001ms);
  CHECK(w.trace == Trace{"second"});
  w.clock.turn(10s);
  CHECK(w.trace == Trace{"second", "first", "third"});
  CHECK(client->reply() == "waits");
}

TEST_CASE("late: who goes on waiting finds the walk as it was") {
  Walked w;
  Gate gate;
  w.add(told_after(1s, [&w](Walk& walk, Note&) {
    w.trace.push_back("late " + name_of(walk) + " " + std::to_string(walk.depth()));
    return Turn::Wait;
  }));
  w.add({.ask =
             [](Walk& walk) {
               if (walk.depth() != 0) return Turn::Pass;
               return walk.ask_server(dns::Name::from_text("target.test")->view(), kA);
             },
         .see =
             [](Walk& walk, Note&) {
               walk.append_found();
               return Turn::Done;
             }});
  w.add(waiting(gate));
  w.add({.ask = [&w](Walk& walk) {
    w.trace.push_back("ask " + name_of(walk) + " " + std::to_string(walk.depth()));
    return answer_with(walk, 4);
  }});
  w.observe();
  w.serve();
  const auto client = w.send("a.test. A");
  w.clock.turn(1001ms);
  CHECK(gate.left == 0);
  gate.open(Turn::Pass);
  CHECK(w.trace == Trace{"late a.test. 0", "ask target.test. 1"});
  CHECK(client->reply() == "NOERROR rd; answer target.test. 5 A 192.0.2.4");
  CHECK(w.heard == Trace{"NOERROR by 2"});
}

TEST_CASE("late: who was answered in time is not told") {
  Walked w;
  Gate gate;
  int told = 0;
  w.add(told_after(1s, [&told](Walk&, Note&) {
    ++told;
    return Turn::Wait;
  }));
  w.add(waiting(gate));
  w.add(answering(1));
  w.serve();
  const auto client = w.send("a.test. A");
  gate.open(Turn::Pass);
  w.clock.turn(2s);
  CHECK(client->reply() == "NOERROR rd; answer a.test. 5 A 192.0.2.1");
  CHECK(told == 0);
}

Turn go_wrong(const Walk& walk) {
  if (name_of(walk) == "bad.test.") throw std::runtime_error("on purpose");
  return Turn::Done;
}

TEST_CASE("failure: what goes wrong at once costs its question alone") {
  Walked w;
  w.add({.ask = [](Walk& walk) {
    go_wrong(walk);
    return Turn::Pass;
  }});
  w.add(answering(1));
  w.serve();
  CHECK(w.ask("bad.test. A edns=1232") == "SERVFAIL rd; edns version=0 size=1232");
  CHECK(w.packets.panics.value() == 1);
  CHECK(w.ask("good.test. A") == "NOERROR rd; answer good.test. 5 A 192.0.2.1");
}

TEST_CASE("failure: what goes wrong in a late step costs its question alone") {
  Walked w;
  Gate gate;
  w.add(told_after(1s, [](Walk& walk, Note& note) {
    go_wrong(walk);
    return answer_late(walk, note);
  }));
  w.add(waiting(gate));
  w.observe();
  w.serve();
  const auto before = w.send("good.test. A");
  const auto bad = w.send("bad.test. A");
  const auto after = w.send("good.test. A");
  w.clock.turn(1001ms);
  CHECK(bad->reply() == "SERVFAIL rd");
  for (const auto& good : {before, after})
    CHECK(good->reply() == "NOERROR rd; answer good.test. 5 A 192.0.2.7");
  CHECK(w.packets.panics.value() == 1);
  CHECK(w.heard == Trace{"NOERROR by 2", "SERVFAIL by 0", "NOERROR by 2"});
  CHECK(gate.left == 3);
  CHECK(w.responder.replies_to_follow() == 0);
}

TEST_CASE("failure: what goes wrong on the way back costs its question alone, whoever saw it") {
  Walked w;
  Gate gate;
  w.add({.ask =
             [](Walk& walk) {
               if (walk.depth() != 0) return Turn::Pass;
               return walk.ask_server(walk.question().qname, kA);
             },
         .see = [](Walk& walk, Note&) { return go_wrong(walk); }});
  w.add(waiting(gate));
  w.observe();
  w.serve();
  const auto bad = w.send("bad.test. A");
  const auto good = w.send("good.test. A");
  gate.open(Turn::Done);
  gate.open(Turn::Done);
  CHECK(bad->reply() == "SERVFAIL rd");
  CHECK(good->reply() == "NOERROR rd");
  CHECK(w.heard == Trace{"SERVFAIL by 0", "NOERROR by 1"});
  CHECK(w.packets.panics.value() == 1);
  CHECK(w.responder.replies_to_follow() == 0);
}

TEST_CASE("failure: what goes wrong at the very end is SERVFAIL, late and at once") {
  for (const bool late : {false, true}) {
    CAPTURE(late);
    Walked w;
    Gate gate;
    w.add({.ask =
               [](Walk& walk) {
                 walk.seal_me();
                 return Turn::Pass;
               },
           .seal =
               [](const Walk& walk, std::span<uint8_t>, size_t size) {
                 go_wrong(walk);
                 return size;
               }});
    if (late) w.add(waiting(gate));
    w.add(answering(1));
    w.serve();
    const auto bad = w.send("bad.test. A");
    const auto good = w.send("good.test. A");
    while (!gate.walks.empty()) gate.open(Turn::Pass);
    CHECK(bad->reply() == "SERVFAIL rd");
    CHECK(good->reply() == "NOERROR rd; answer good.test. 5 A 192.0.2.1");
    CHECK(w.packets.panics.value() == 1);
    CHECK(w.responder.replies_to_follow() == 0);
  }
}

/// Answers, and has the steps behind asked again.
Doing refreshing() {
  return {.ask = [](Walk& walk) {
    if (!walk.has_client()) return Turn::Pass;
    walk.ask_again();
    return answer_with(walk, 1);
  }};
}

TEST_CASE("refresh: the steps behind are asked the same, for no client") {
  Walked w;
  Gate gate;
  w.add({.ask = [&w](Walk&) {
    w.trace.emplace_back("in front");
    return Turn::Pass;
  }});
  w.add(refreshing());
  w.add({.ask = [&w, &gate](Walk& walk) {
    w.trace.push_back("behind " + name_of(walk) + (walk.has_client() ? " for a client" : ""));
    return gate.enter(walk);
  }});
  w.add(answering(2));
  w.observe();
  w.serve();
  CHECK(w.ask("a.test. A") == "NOERROR rd; answer a.test. 5 A 192.0.2.1");
  CHECK(w.responder.replies_to_follow() == 1);
  gate.open(Turn::Pass);
  CHECK(w.trace == Trace{"in front", "behind a.test."});
  CHECK(w.heard == Trace{"NOERROR by 2"});
  CHECK(w.responder.replies_to_follow() == 0);
}

TEST_CASE("refresh: what goes wrong in it is not the client's") {
  Walked w;
  w.add(refreshing());
  w.add({.ask = [](Walk& walk) { return go_wrong(walk); }});
  w.serve();
  CHECK(w.ask("bad.test. A") == "NOERROR rd; answer bad.test. 5 A 192.0.2.1");
  CHECK(w.packets.panics.value() == 1);
  CHECK(w.ask("good.test. A") == "NOERROR rd; answer good.test. 5 A 192.0.2.1");
  CHECK(w.packets.panics.value() == 1);
}

}  // namespace
}  // namespace fairlead::query
