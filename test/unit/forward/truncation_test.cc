// Truncated replies, and which transport a question takes.
#include <doctest/doctest.h>

#include "test/unit/forward/asked.h"

namespace fairlead::forward {
namespace {

using std::chrono::milliseconds;
using Status = Outcome::Status;
using Replies = std::vector<Octets>;

/// TC over UDP, the whole over TCP.
ScriptedUpstream::Script cut(bool edns) {
  return [edns](const AskedQuery& query) {
    return Replies{Says{.tag = 8, .truncated = !query.tcp, .edns = edns}.to(query)};
  };
}

TEST_CASE("truncation: asked again over TCP when the client can have more than came") {
  struct Case {
    const char* what;
    bool prefer_udp, edns;
    dns::Transport client;
    size_t client_size;
    bool whole;
  };
  const Case cases[] = {
      {"a client over TCP with prefer_udp", true, true, dns::Transport::Tcp, 65535, true},
      {"prefer_udp", true, true, dns::Transport::Udp, 1232, true},
      {"an upstream without EDNS cut at 512", false, false, dns::Transport::Udp, 1232, true},
      {"the client takes no more than 512 either", false, false, dns::Transport::Udp, 512, false},
      {"a client over UDP has what there is", false, true, dns::Transport::Udp, 1232, false},
  };
  for (const Case& c : cases) {
    CAPTURE(c.what);
    ScriptedUpstream upstream(cut(c.edns), true);
    Settings settings = settings_for({&upstream});
    settings.prefer_udp = c.prefer_udp;
    Worker worker(settings);
    const Told told = worker.result("www.example.", c.client, c.client_size);
    CHECK(told.status == Status::Answered);
    CHECK(told.truncated == !c.whole);
    CHECK(told.tags == (c.whole ? std::vector{8} : std::vector<int>{}));
    CHECK(worker.upstream(0).tcp_cache_misses == (c.whole ? 1 : 0));
  }
}

TEST_CASE("truncation: without TCP the truncated answer is the outcome, soon") {
  ScriptedUpstream upstream(cut(true));
  Settings settings = settings_for({&upstream});
  settings.prefer_udp = true;
  Worker worker(settings);
  const Told told = worker.result();
  CHECK(told.status == Status::Answered);
  CHECK(told.truncated);
  CHECK(told.took < milliseconds(100));
}

TEST_CASE("transport: TCP clients are asked for over TCP, and all with force_tcp") {
  ScriptedUpstream upstream(
      [](const AskedQuery& query) {
        return Replies{Says{.tag = static_cast<uint8_t>(query.tcp ? 1 : 2)}.to(query)};
      },
      true);
  Settings settings = settings_for({&upstream});
  Worker worker(settings);
  CHECK(worker.result().tags == std::vector{2});
  CHECK(worker.result("a.example.", dns::Transport::Tcp, 65535).tags == std::vector{1});
  settings.force_tcp = true;
  Worker forced(settings);
  CHECK(forced.result().tags == std::vector{1});
}

TEST_CASE("transport: TCP that is refused fails in CoreDNS's words") {
  ScriptedUpstream upstream([](const AskedQuery&) { return Replies{}; });
  Worker worker(settings_for({&upstream}));
  const Told told = worker.result("a.example.", dns::Transport::Tcp, 65535);
  CHECK(told.status == Status::Failed);
  CHECK(told.error == "dial tcp 127.0.0.1:" + std::to_string(upstream.settings().port) +
                          ": connect: connection refused");
}

TEST_CASE("transport: a datagram larger than any reply may be is fetched over TCP") {
  ScriptedUpstream upstream(
      [](const AskedQuery& query) {
        Octets reply = Says{.tag = 6}.to(query);
        if (!query.tcp) {
          reply[7] = 200;
          reply.resize(8000);
        }
        return Replies{reply};
      },
      true);
  Worker worker(settings_for({&upstream}));
  const Told told = worker.result();
  CHECK(told.tags == std::vector{6});
  CHECK(told.took < milliseconds(100));
}

/// Forty addresses, over UDP cut at 512 octets without a word.
Octets cut_at_512(const AskedQuery& query) {
  constexpr size_t kAddresses = 40;
  Octets reply = Says{.tag = 6, .edns = false}.to(query);
  Octets record(reply.end() - 16, reply.end());
  for (size_t i = 1; i < kAddresses; ++i) {
    ++record.back();
    reply.insert(reply.end(), record.begin(), record.end());
  }
  reply[7] = kAddresses;
  if (!query.tcp) reply.resize(512);
  return reply;
}

TEST_CASE("truncation: a datagram that was cut and does not say so is fetched over TCP") {
  ScriptedUpstream upstream([](const AskedQuery& query) { return Replies{cut_at_512(query)}; },
                            true);
  Worker worker(settings_for({&upstream}));
  for (const size_t client_size : {512U, 1232U}) {
    const Told told = worker.result("www.example.", dns::Transport::Udp, client_size);
    CHECK(told.status == Status::Answered);
    CHECK(told.tags.size() == 40);
    CHECK(told.took < milliseconds(100));
  }
  CHECK(upstream.queries() == 4);
}

TEST_CASE("truncation: such a datagram becomes TC when there is no TCP") {
  ScriptedUpstream upstream([](const AskedQuery& query) { return Replies{cut_at_512(query)}; });
  Worker worker(settings_for({&upstream}));
  const Told told = worker.result();
  CHECK(told.status == Status::Answered);
  CHECK(told.truncated);
  CHECK(told.tags.empty());
  CHECK(told.took < milliseconds(100));
}

TEST_CASE("transport: somebody who guesses makes the question go over TCP") {
  ScriptedUpstream upstream(
      [](const AskedQuery& query) {
        if (query.tcp) return Replies{Says{.tag = 1}.to(query)};
        Octets forged = Says{.tag = 66}.to(query);
        Replies out;
        for (int i = 0; i < 100; ++i) {
          forged[14] = static_cast<uint8_t>('a' + i % 20);  // the id is right, the name never
          out.push_back(forged);
        }
        return out;
      },
      true);
  Worker worker(settings_for({&upstream}));
  const Told told = worker.result();
  CHECK(told.tags == std::vector{1});
  CHECK(told.took < milliseconds(45));  // before anything was asked again for want of a reply
}

}  // namespace
}  // namespace fairlead::forward
