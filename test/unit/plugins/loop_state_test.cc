#include "plugins/loop/loop_state.h"

#include <doctest/doctest.h>

#include <set>

#include "plugins/loop/probe.h"
#include "test/unit/plugins/question.h"

namespace fairlead::plugins::loop {
using Kind = Action::Kind;
using Time = LoopState::Time;

namespace {

const Time kStart = Time(std::chrono::hours(1));

Time at(double seconds) {
  return kStart + std::chrono::milliseconds(static_cast<int64_t>(seconds * 1000));
}

double seconds_of(Time time) {
  return std::chrono::duration<double>(time - kStart).count();
}

Sighting see(LoopState& state, const dns::Name& name, double when) {
  const test::Question question(dns::to_text(name.view()), dns::RrType::Hinfo);
  return state.seen(question.query, at(when));
}

// The probe that must be sent now.
dns::Name send(LoopState& state, double when) {
  const Action action = state.next_action(at(when));
  REQUIRE(action.kind == Kind::Send);
  REQUIRE(action.probe.has_value());
  return *action.probe;
}

void find_loop(LoopState& state) {
  const dns::Name probe = send(state, 0);
  CHECK(see(state, probe, 0) == Sighting::Probe);
  CHECK(see(state, probe, 0.1) == Sighting::Probe);
  CHECK(see(state, probe, 0.2) == Sighting::Detected);
  REQUIRE(state.is_looping());
}

// One probe while looping that comes `times` times; whether the loop has ended.
bool recheck(LoopState& state, double when, int times, bool answered) {
  const dns::Name probe = send(state, when);
  for (int i = 0; i < times; ++i) see(state, probe, when + 0.1);
  if (answered) state.answered(at(when + 0.2));
  const Action wait = state.next_action(at(when + 0.2));
  REQUIRE(wait.kind == Kind::Wait);
  return state.next_action(wait.when).ended;
}

}  // namespace

TEST_CASE("loop probe: two random labels below the zone") {
  const dns::Name zone = *dns::Name::from_text("example.org");
  std::set<std::string> names;
  for (int i = 0; i < 100; ++i) {
    const auto name = probe_name(zone);
    REQUIRE(name.has_value());
    CHECK(dns::label_count(name->view()) == 4);
    CHECK(dns::is_at_or_below(name->view(), zone.view()));
    const std::string text = dns::to_text(name->view());
    CHECK(text.find_first_not_of("0123456789.") == text.find("example.org."));
    names.insert(text);
  }
  CHECK(names.size() == 100);
}

TEST_CASE("loop probe: a zone that leaves no room") {
  const std::string label(63, 'a');
  const dns::Name zone =
      *dns::Name::from_text(label + "." + label + "." + label +
                            ".aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
  CHECK_FALSE(probe_name(zone).has_value());
  LoopState state(zone, kStart);
  CHECK(state.next_action(at(0)).kind == Kind::Nothing);
  CHECK_FALSE(state.is_looping());
}

TEST_CASE("loop: an answered probe that came once ends the search after 2 s") {
  LoopState state(dns::Name(), kStart);
  const dns::Name probe = send(state, 0);
  CHECK(see(state, probe, 0.01) == Sighting::Probe);
  state.answered(at(0.5));
  const Action wait = state.next_action(at(0.5));
  CHECK(wait.kind == Kind::Wait);
  CHECK(seconds_of(wait.when) == 2.5);
  CHECK(see(state, probe, 2.4) == Sighting::Probe);
  const Action end = state.next_action(at(2.5));
  CHECK(end.kind == Kind::Nothing);
  CHECK_FALSE(end.ended);
  CHECK(see(state, probe, 2.6) == Sighting::None);
  CHECK(state.next_action(at(100)).kind == Kind::Nothing);
  CHECK_FALSE(state.is_looping());
}

TEST_CASE("loop: probes that fail are tried again for 30 s, each with its own name") {
  LoopState state(dns::Name(), kStart);
  std::set<std::string> names;
  double when = 0;
  for (Action action = state.next_action(at(when)); action.kind != Kind::Nothing;
       action = state.next_action(at(when))) {
    if (action.kind == Kind::Send) {
      names.insert(dns::to_text(action.probe->view()));
      state.send_failed(at(when));
    } else {
      REQUIRE(seconds_of(action.when) == when + 1);
      when = seconds_of(action.when);
    }
  }
  CHECK(when == 29);
  CHECK(names.size() == 30);
}

TEST_CASE("loop: a probe without an answer is tried again after 3 s, and forgotten then") {
  LoopState state(dns::Name(), kStart);
  const dns::Name first = send(state, 0);
  CHECK(see(state, first, 2.9) == Sighting::Probe);
  CHECK(seconds_of(state.next_action(at(0)).when) == 3);
  const dns::Name second = send(state, 3);
  CHECK(first != second);
  CHECK(see(state, first, 3.1) == Sighting::None);
  CHECK(see(state, second, 3.1) == Sighting::Probe);
  state.answered(at(5.5));  // too late to count
  double when = 6;
  for (; when < 30; when += 3) send(state, when);
  CHECK(state.next_action(at(when)).kind == Kind::Nothing);
}

TEST_CASE("loop: the third sighting is the loop") {
  LoopState state(*dns::Name::from_text("example.org"), kStart);
  const dns::Name probe = send(state, 0);
  CHECK(see(state, probe, 0) == Sighting::Probe);
  CHECK(see(state, probe, 0.1) == Sighting::Probe);
  CHECK_FALSE(state.is_looping());
  CHECK(see(state, probe, 0.2) == Sighting::Detected);
  CHECK(state.is_looping());
  CHECK(see(state, probe, 0.3) == Sighting::Repeated);
  CHECK(state.loop_text("127.0.0.1:55953", ":1053") ==
        "Loop (127.0.0.1:55953 -> :1053) detected for zone \"example.org.\", see "
        "https://coredns.io/plugins/loop#troubleshooting. Query: \"HINFO " +
            dns::to_text(probe.view()) + "\"");
}

TEST_CASE("loop: only the whole name, as HINFO, while the probe is under way") {
  LoopState state(*dns::Name::from_text("example.org"), kStart);
  const dns::Name probe = send(state, 0);
  const std::string name = dns::to_text(probe.view());
  for (int i = 0; i < 5; ++i) {
    test::Question other_type(name, dns::RrType::A);
    CHECK(state.seen(other_type.query, at(0)) == Sighting::None);
    test::Question other_class(name, dns::RrType::Hinfo);
    other_class.query.qclass = dns::RrClass::Ch;
    CHECK(state.seen(other_class.query, at(0)) == Sighting::None);
    test::Question below("x." + name, dns::RrType::Hinfo);
    CHECK(state.seen(below.query, at(0)) == Sighting::None);
    test::Question parent(name.substr(name.find('.') + 1), dns::RrType::Hinfo);
    CHECK(state.seen(parent.query, at(0)) == Sighting::None);
    test::Question guessed("1.2.example.org", dns::RrType::Hinfo);
    CHECK(state.seen(guessed.query, at(0)) == Sighting::None);
  }
  CHECK_FALSE(state.is_looping());
  state.send_failed(at(0));
  for (int i = 0; i < 5; ++i) CHECK(see(state, probe, 0.1) == Sighting::None);
  CHECK_FALSE(state.is_looping());
}

TEST_CASE("loop: two clean probes in a row end it") {
  LoopState state(dns::Name(), kStart);
  find_loop(state);
  const Action wait = state.next_action(at(3));
  CHECK(wait.kind == Kind::Wait);
  CHECK(seconds_of(wait.when) == 30);
  CHECK_FALSE(recheck(state, 30, 1, true));
  CHECK(state.is_looping());
  CHECK(recheck(state, 60, 1, false));
  CHECK_FALSE(state.is_looping());
  CHECK(state.next_action(at(90)).kind == Kind::Nothing);
  CHECK(ended_text(dns::Name()).starts_with("Loop for zone \".\" has ended"));
}

TEST_CASE("loop: probes that come back, get lost or cannot be sent do not end it") {
  LoopState state(dns::Name(), kStart);
  find_loop(state);
  state.next_action(at(3));
  CHECK_FALSE(recheck(state, 30, 1, true));
  CHECK_FALSE(recheck(state, 60, 2, true));  // twice: begins again
  CHECK_FALSE(recheck(state, 90, 1, true));
  CHECK_FALSE(recheck(state, 120, 0, false));  // lost: says nothing
  send(state, 150);
  state.send_failed(at(150));
  CHECK(seconds_of(state.next_action(at(150)).when) == 180);
  CHECK_FALSE(recheck(state, 180, 5, false));  // still there
  CHECK(state.is_looping());
  CHECK_FALSE(recheck(state, 210, 1, false));
  CHECK(recheck(state, 240, 1, true));
  CHECK_FALSE(state.is_looping());
}

TEST_CASE("loop: while looping a probe that comes back is refused and is no news") {
  LoopState state(dns::Name(), kStart);
  find_loop(state);
  state.next_action(at(3));
  const dns::Name probe = send(state, 30);
  CHECK(see(state, probe, 30) == Sighting::Probe);
  CHECK(see(state, probe, 30) == Sighting::Probe);
  CHECK(see(state, probe, 30) == Sighting::Repeated);
}

}  // namespace fairlead::plugins::loop
