// The way of a question through a chain, and what it asks in between.
#include "query/walk.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "test/unit/query/walked.h"

namespace fairlead::query {

using namespace testing;
using Trace = std::vector<std::string>;

namespace {

dns::NameView name_b() {
  static const dns::Name kName = *dns::Name::from_text("b.test");
  return kName.view();
}

/// Passes, and wants to see the answer when `seeing`.
Doing traced(Trace& trace, const std::string& name, bool seeing) {
  return {.ask =
              [&trace, name, seeing](Walk& walk) {
                trace.push_back("ask " + name);
                if (seeing) walk.see_me();
                return Turn::Pass;
              },
          .see =
              [&trace, name](Walk&, Note&) {
                trace.push_back("see " + name);
                return Turn::Done;
              }};
}

TEST_CASE("walk: steps are asked in order until one answers; who wants to sees it, last first") {
  Walked w;
  w.add(traced(w.trace, "1", true));
  w.add(traced(w.trace, "2", false));
  w.add(traced(w.trace, "3", true));
  w.add(answering(7));
  w.add(traced(w.trace, "5", true));
  w.observe();
  w.serve();
  CHECK(w.ask("a.test. A") == "NOERROR rd; answer a.test. 5 A 192.0.2.7");
  CHECK(w.trace == Trace{"ask 1", "ask 2", "ask 3", "see 3", "see 1"});
  CHECK(w.heard == Trace{"NOERROR by 4"});
}

TEST_CASE("walk: a note is its step's from ask to see") {
  Walked w;
  for (uint64_t i = 1; i <= 2; ++i) {
    w.add({.ask =
               [i](Walk& walk) {
                 walk.see_me({{i, 10 * i, 100 * i}});
                 return Turn::Pass;
               },
           .see =
               [&w](Walk&, Note& note) {
                 for (const uint64_t word : note.words) w.trace.push_back(std::to_string(word));
                 return Turn::Done;
               }});
  }
  w.add(answering(1));
  w.serve();
  w.ask("a.test. A");
  CHECK(w.trace == Trace{"2", "20", "200", "1", "10", "100"});
}

TEST_CASE("walk: who sees the answer and passes has the steps behind it asked after all") {
  Walked w;
  w.add(traced(w.trace, "1", true));
  w.add({.ask =
             [](Walk& walk) {
               walk.see_me();
               return walk.fail(dns::Rcode::Refused, "not me");
             },
         .see =
             [](Walk& walk, Note&) {
               walk.answer().clear();
               walk.forget_failure();
               return Turn::Pass;
             }});
  w.add(traced(w.trace, "3", true));
  w.add(answering(7));
  w.observe();
  w.serve();
  CHECK(w.ask("a.test. A") == "NOERROR rd; answer a.test. 5 A 192.0.2.7");
  CHECK(w.trace == Trace{"ask 1", "ask 3", "see 3", "see 1"});
  CHECK(w.heard == Trace{"NOERROR by 4"});
}

TEST_CASE("walk: a question that is dropped gets no reply; those who listen hear the silence") {
  Walked w;
  w.add(traced(w.trace, "1", true));
  w.add({.ask = [](Walk&) { return Turn::Drop; }});
  w.observe();
  w.serve();
  CHECK(w.ask("a.test. A") == "noreply");
  CHECK(w.trace == Trace{"ask 1"});
  CHECK(w.heard == Trace{"silence by 2"});
  CHECK(w.packets.ignored.value() == 0);
}

TEST_CASE(
    "walk: the end of a chain is SERVFAIL with the block's words, REFUSED without a handler") {
  Walked w;
  w.add({});
  w.observe();
  w.serve();
  CHECK(w.ask("a.test. A") == "SERVFAIL rd");
  w.block->handles_queries = false;
  CHECK(w.ask("a.test. A") == "REFUSED rd");
  CHECK(w.heard == Trace{"SERVFAIL by 0: nobody left", "REFUSED by 0"});
}

TEST_CASE("walk: the client gets its own question back, whatever was made of it") {
  Walked w;
  w.add({.ask = [](Walk& walk) {
    walk.set_name(dns::Name::from_text("b.test")->view());
    walk.change_question().qtype = dns::RrType::Aaaa;
    return Turn::Pass;
  }});
  w.add({.ask = [&w](Walk& walk) {
    w.trace = {name_of(walk), dns::to_text(walk.question().qtype),
               dns::to_text(walk.received().qname), dns::to_text(walk.received().qtype)};
    return answer_with(walk, 1);
  }});
  w.serve();
  CHECK(w.ask("A.test. A") == "NOERROR rd; answer A.test. 5 A 192.0.2.1");
  CHECK(w.trace == Trace{"b.test.", "AAAA", "A.test.", "A"});
  CHECK(w.ask("c.test. A") == "NOERROR rd; answer c.test. 5 A 192.0.2.1");
}

/// Asks for target.test and puts what is found behind a CNAME to it.
Doing chasing(Turn (Walk::*ask)(dns::NameView, dns::RrType)) {
  const dns::Name target = *dns::Name::from_text("target.test");
  return {.ask =
              [target, ask](Walk& walk) {
                if (walk.depth() != 0) return Turn::Pass;
                dns::Answer& answer = walk.answer();
                answer.add_name_record(dns::RrType::Cname, dns::Section::Answer, dns::kQname, 5,
                                       answer.add_name(target.view()));
                return (walk.*ask)(target.view(), kA);
              },
          .see =
              [](Walk& walk, Note&) {
                walk.append_found();
                return Turn::Done;
              }};
}

TEST_CASE("walk: another question asks the whole server, or the steps behind only") {
  const struct {
    Turn (Walk::*ask)(dns::NameView, dns::RrType);
    Trace trace;
    const char* heard;
  } rows[] = {
      {&Walk::ask_server, {"a.test. 0", "target.test. 1", "behind target.test. 1"}, "NOERROR by 2"},
      {&Walk::ask_rest, {"a.test. 0", "behind target.test. 1"}, "NOERROR by 4"},
  };
  for (const auto& row : rows) {
    Walked w;
    const auto note = [&w](const std::string& what) {
      return Doing{.ask = [&w, what](Walk& walk) {
        w.trace.push_back(what + name_of(walk) + " " + std::to_string(walk.depth()));
        return Turn::Pass;
      }};
    };
    w.add(note(""));
    w.add(chasing(row.ask));
    w.add(note("behind "));
    w.add(answering(9));
    w.observe();
    w.serve();
    CHECK(w.ask("a.test. A") ==
          "NOERROR rd; answer a.test. 5 CNAME target.test.; answer target.test. 5 A 192.0.2.9");
    CHECK(w.trace == row.trace);
    CHECK(w.heard == Trace{row.heard});
  }
}

TEST_CASE("walk: what is kept and what upstreams are sent is the level's own") {
  Walked w;
  const auto octets_of = [](std::span<const uint8_t> octets) {
    return std::string(octets.begin(), octets.end());
  };
  w.add({.ask =
             [](Walk& walk) {
               if (walk.depth() == 0) walk.set_upstream_options(std::vector<uint8_t>{'o'});
               const std::vector<uint8_t> kept{static_cast<uint8_t>('a' + walk.depth()), 'x'};
               walk.see_me({{walk.keep_octets(kept)}});
               return Turn::Pass;
             },
         .see =
             [&](Walk& walk, Note& note) {
               w.trace.push_back(octets_of(walk.kept_octets(note.words[0])));
               return Turn::Done;
             }});
  w.add(chasing(&Walk::ask_server));
  w.add({.ask = [&](Walk& walk) {
    walk.keep_octets(std::vector<uint8_t>{'z'});
    w.trace.push_back("[" + octets_of(walk.upstream_options()) + "]");
    return answer_with(walk, 9);
  }});
  w.serve();
  w.ask("a.test. A");
  CHECK(w.trace == Trace{"[]", "bxz", "ax"});
  w.trace.clear();
  w.ask("b.test. A");
  CHECK(w.trace == Trace{"[]", "bxz", "ax"});
}

TEST_CASE("walk: a question to the steps behind has the options of the one that asks") {
  Walked w;
  w.add({.ask = [](Walk& walk) {
    if (walk.received().label(0) == "a") walk.set_upstream_options(std::vector<uint8_t>{'o'});
    return Turn::Pass;
  }});
  w.add(chasing(&Walk::ask_rest));
  w.add({.ask = [&w](Walk& walk) {
    w.trace.push_back(std::to_string(walk.upstream_options().size()));
    return answer_with(walk, 9);
  }});
  w.serve();
  for (const char* question : {"a.test. A", "b.test. A"}) w.ask(question);
  CHECK(w.trace == Trace{"1", "0"});
}

TEST_CASE("walk: a failure in between is not the client's, but for that of another name for it") {
  const struct {
    Turn (Walk::*ask)(dns::NameView, dns::RrType);
    const char* heard;
  } rows[] = {
      {&Walk::ask_server, "NOERROR by 1"},
      {&Walk::ask_rest, "NOERROR by 0: of the target"},
  };
  for (const auto& row : rows) {
    Walked w;
    w.add(chasing(row.ask));
    w.add({.ask = [](Walk& walk) {
      if (walk.depth() == 0) return Turn::Pass;
      return walk.fail(dns::Rcode::ServFail, "of the target");
    }});
    w.observe();
    w.serve();
    CHECK(w.ask("a.test. A") == "NOERROR rd; answer a.test. 5 CNAME target.test.");
    CHECK(w.heard == Trace{row.heard});
  }
}

TEST_CASE("walk: a step knows what it has asked itself, and a name that nobody here has") {
  Walked w;
  const auto remember = [&w](const Walk& walk) {
    w.trace.push_back(std::to_string(walk.depth()) + (walk.is_asked_by_me() ? " mine" : " others"));
  };
  w.add({.ask = [&](Walk& walk) {
    remember(walk);
    return walk.depth() == 2 ? answer_with(walk, 1) : Turn::Pass;
  }});
  w.add({.ask =
             [&](Walk& walk) {
               remember(walk);
               return walk.is_asked_by_me() ? Turn::Pass : walk.ask_server(name_b(), kA);
             },
         .see =
             [&](Walk& walk, Note&) {
               w.trace.emplace_back(walk.found_nobody() ? "nobody" : "somebody");
               return answer_with(walk, 2);
             }});
  w.add({.ask =
             [&](Walk& walk) {
               remember(walk);
               return walk.ask_server(name_b(), kA);
             },
         .see =
             [&](Walk& walk, Note&) {
               w.trace.emplace_back(walk.found_nobody() ? "nobody" : "somebody");
               return Turn::Pass;
             }});
  w.serve();
  CHECK(w.ask("a.test. A") == "NOERROR rd; answer a.test. 5 A 192.0.2.2");
  CHECK(w.trace == Trace{"0 others", "0 others", "1 others", "1 mine", "1 others", "2 others",
                         "somebody", "nobody"});
}

TEST_CASE("walk: questions that ask themselves end, as do those that ask too many others") {
  Walked deep;
  deep.add({.ask =
                [&deep](Walk& walk) {
                  deep.trace.push_back(std::to_string(walk.depth()));
                  return walk.ask_server(walk.question().qname, kA);
                },
            .see =
                [](Walk& walk, Note&) {
                  walk.answer().rcode = walk.found()->rcode;
                  return Turn::Done;
                }});
  deep.serve();
  for (int i = 0; i < 2; ++i) {  // and nothing is left behind
    deep.trace.clear();
    CHECK(deep.ask("a.test. A") == "SERVFAIL rd");
    CHECK(deep.trace.size() == Walk::kMostDeep);
  }
  Walked many;
  int asked = 0;
  many.add({.ask = [](Walk& walk) { return walk.ask_rest(walk.question().qname, kA); },
            .see =
                [](Walk& walk, Note&) {
                  walk.answer().rcode = walk.found()->rcode;
                  if (walk.answer().rcode != dns::Rcode::NoError) return Turn::Done;
                  return walk.ask_rest(walk.question().qname, kA);
                }});
  many.add(
      {.ask = [&asked](Walk& walk) { return answer_with(walk, static_cast<uint8_t>(++asked)); }});
  many.serve();
  CHECK(many.ask("a.test. A") == "SERVFAIL rd");
  CHECK(asked == Walk::kMostQuestions - 1);  // the client's own is one of them
}

TEST_CASE("walk: a step may write the reply only where nobody else wants to see or change it") {
  const struct {
    const char* what;
    bool observer_reads, seen, changed, deep, expected;
  } rows[] = {
      {"nobody", false, false, false, false, true},
      {"an observer", true, false, false, false, false},
      {"a step", false, true, false, false, false},
      {"a rewrite", false, false, true, false, false},
      {"a question", false, false, false, true, false},
  };
  for (const auto& row : rows) {
    CAPTURE(std::string(row.what));
    Walked w;
    w.observe(row.observer_reads);
    if (row.deep) w.add(chasing(&Walk::ask_rest));
    w.add({.ask = [&row](Walk& walk) {
      if (row.seen) walk.see_me();
      if (row.changed) walk.change_question();
      return Turn::Pass;
    }});
    bool may = false;
    w.add({.ask = [&may](Walk& walk) {
      may = walk.may_write();
      if (!may) return answer_with(walk, 1);
      dns::Answer answer;
      answer.rcode = dns::Rcode::NxDomain;
      return walk.wrote(dns::render(walk.received(), answer, walk.out()), answer.rcode);
    }});
    w.serve();
    const std::string reply = w.ask("a.test. A");
    CHECK(may == row.expected);
    CHECK(reply.starts_with(row.expected ? "NXDOMAIN" : "NOERROR"));
    CHECK(w.heard.size() == 1);
  }
}

TEST_CASE("walk: the end comes once: arranged by the first, sealed by the last, then told") {
  struct Order final : Arranger {
    Order(Trace& trace, std::string name) : trace_(trace), name_(std::move(name)) {}
    void arrange(dns::Answer& answer, uint64_t seed) const override {
      trace_.push_back("arrange " + name_ + (seed != 0 ? "" : " without seed") + " " +
                       std::to_string(answer.records().size()));
    }
    Trace& trace_;
    const std::string name_;
  };
  Walked w;
  const Order orders[] = {{w.trace, "1"}, {w.trace, "2"}};
  for (const Order& order : orders) {
    w.add({.ask =
               [&order](Walk& walk) {
                 if (walk.depth() != 0) return Turn::Pass;
                 walk.arrange(order);
                 walk.seal_me();
                 return Turn::Pass;
               },
           .seal =
               [&w, &order](const Walk&, std::span<uint8_t> out, size_t size) {
                 w.trace.push_back("seal " + order.name_);
                 out[3] = static_cast<uint8_t>(out[3] | 0x10);  // CD, to be seen
                 return size;
               }});
  }
  w.add(chasing(&Walk::ask_server));
  w.add(answering(9));
  w.observe();
  w.serve();
  CHECK(w.ask("a.test. A") ==
        "NOERROR rd cd; answer a.test. 5 CNAME target.test.; answer target.test. 5 A 192.0.2.9");
  CHECK(w.trace == Trace{"arrange 1 2", "seal 2"});
  CHECK(w.heard == Trace{"NOERROR by 3"});
}

}  // namespace
}  // namespace fairlead::query
