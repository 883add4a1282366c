// Questions of two workers that want the same: one of them asks.
#include "plugins/forward/exchange.h"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "dns/render.h"
#include "query/responder.h"
#include "test/unit/forward/scripted_upstream.h"
#include "test/unit/query/doing.h"

namespace fairlead::plugins::forward {
using fairlead::forward::AskedQuery;
using fairlead::forward::InFlight;
using fairlead::forward::Says;
using fairlead::forward::ScriptedUpstream;
using query::testing::Client;
using query::testing::DoingStep;

namespace {

constexpr char kAnswered[] = "NOERROR rd ra; answer a.test. 60 A 192.0.2.1";
constexpr char kTableFull[] = "plugin/forward: too many queries wait for upstreams";

/// Says what it has been told to once the test lets it.
class GatedUpstream {
 public:
  explicit GatedUpstream(uint8_t third_octet = 0x80) : flags_(third_octet) {}
  ~GatedUpstream() { open(); }
  GatedUpstream(const GatedUpstream&) = delete;
  GatedUpstream& operator=(const GatedUpstream&) = delete;

  void open() {
    open_ = true;
    open_.notify_all();
  }
  [[nodiscard]] size_t queries() const { return upstream_.queries(); }
  [[nodiscard]] auto settings() const { return upstream_.settings(); }

 private:
  const uint8_t flags_;
  std::atomic<bool> open_ = false;
  ScriptedUpstream upstream_{[this](const AskedQuery& query) {
    open_.wait(false);
    auto reply = Says{}.to(query);
    reply[3] = flags_;
    return std::vector<fairlead::forward::Octets>{reply};
  }};
};

/// A store in which the answer has been found since anybody looked.
class Knowing final : public query::AnswerStore {
 public:
  void keep(const dns::Query&, dns::Answer& answer) const override {
    ++kept;
    rcode = answer.rcode;
  }
  bool find(const dns::Query&, dns::Answer& answer) const override {
    if (meanwhile) std::exchange(meanwhile, nullptr)();
    if (!knows) return false;
    const std::array<uint8_t, 4> address{192, 0, 2, 77};
    answer.add_address(dns::Section::Answer, dns::kQname, 9, dns::IpAddress(address));
    return true;
  }
  [[nodiscard]] uint64_t version() const override { return 1; }

  bool knows = false;
  mutable size_t kept = 0;
  mutable dns::Rcode rcode = dns::Rcode::NoError;  // of the last that was kept
  mutable std::function<void()> meanwhile;         // happens while somebody looks
};

/// Two workers of one server, whose event loops the test runs.
class TwoWorkers {
 public:
  explicit TwoWorkers(const fairlead::forward::UpstreamSettings& upstream) {
    auto made = std::make_shared<Lines>();
    made->all.push_back({.from = {dns::Name()},
                         .group = fairlead::forward::make_group({.upstreams = {upstream}}, 2),
                         .in_flight = std::make_shared<InFlight>()});
    made->store = store;
    const auto block = std::make_shared<query::Block>();
    block->handles_queries = true;
    block->chain.push_back({std::make_unique<DoingStep>(query::testing::Doing{
                                .ask =
                                    [this, made](query::Walk& walk) {
                                      return workers_[walk.worker().number()].exchanges.begin(
                                          walk, made, 0);
                                    }}),
                            1});
    block->observers.push_back(std::make_unique<query::testing::Hearing>(heard, false));
    const auto routing = std::make_shared<query::Routing>();
    routing->add(0, {dns::Name(), block, {}});
    for (Worker& worker : workers_) worker.responder.set_routing(routing);
  }

  std::shared_ptr<Client> send(size_t worker, const std::string& text) {
    auto client = std::make_shared<Client>(text);
    const auto packet = client->packet();
    net::Request request;
    request.packet = packet;
    request.late = client.get();
    const size_t size = workers_[worker].responder.respond(request, out_);
    if (size != net::kReplyFollows) client->take(std::span(out_).first(size));
    return client;
  }

  /// Until nobody waits; false when that takes more than 20 s.
  bool run() {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (workers_[0].responder.replies_to_follow() + workers_[1].responder.replies_to_follow() !=
           0) {
      if (std::chrono::steady_clock::now() > limit) return false;
      for (Worker& worker : workers_) {
        worker.context.restart();
        if (worker.context.poll() == 0) worker.context.run_one_for(std::chrono::milliseconds(1));
      }
    }
    return true;
  }

  std::vector<std::string> heard;
  std::shared_ptr<Knowing> store = std::make_shared<Knowing>();

 private:
  struct Worker {
    Worker(size_t number, const query::LiveBoard& board)
        : responder(context, number, board, packets), exchanges(context, number) {}
    asio::io_context context{1};
    metrics::PacketCounters packets;
    query::Responder responder;
    Exchanges exchanges;
  };

  scenarios::Octets out_ = scenarios::Octets(dns::kMaxTcpReply);
  query::LiveBoard board_;
  Worker workers_[2]{{0, board_}, {1, board_}};
};

}  // namespace

TEST_CASE("exchange: one question for all who ask the same, on every worker") {
  GatedUpstream upstream;
  TwoWorkers workers(upstream.settings());
  std::vector<std::shared_ptr<Client>> clients;
  for (const size_t worker : {1, 0, 1, 0, 1, 0, 1, 0})
    clients.push_back(workers.send(worker, "a.test. A"));
  upstream.open();
  REQUIRE(workers.run());
  for (const auto& client : clients) CHECK(client->reply() == kAnswered);
  CHECK(upstream.queries() < 4);  // one, unless the machine is so busy that it is sent again
  CHECK(workers.store->kept == 1);
}

TEST_CASE("exchange: the failure is everybody's, too") {
  const uint16_t closed = [] {
    const GatedUpstream gone;
    return gone.settings().port;
  }();
  TwoWorkers workers({.address = *dns::IpAddress::from_text("127.0.0.1"), .port = closed});
  const auto one = workers.send(0, "a.test. A");
  const auto other = workers.send(1, "a.test. A");
  REQUIRE(workers.run());
  CHECK(one->reply() == "SERVFAIL rd");
  CHECK(other->reply() == "SERVFAIL rd");
  REQUIRE(workers.heard.size() == 2);
  CHECK(workers.heard[0].find("connection refused") != std::string::npos);
  CHECK(workers.heard[0] == workers.heard[1]);
  CHECK(workers.store->kept == 1);  // for those who ask soon
  CHECK(workers.store->rcode == dns::Rcode::ServFail);
}

TEST_CASE("exchange: each has the name as it asked for it, and AD only if it understands it") {
  GatedUpstream upstream(0xa0);
  TwoWorkers workers(upstream.settings());
  const auto plain = workers.send(0, "a.test. A");
  const auto wanting = workers.send(0, "A.test. A ad");
  const auto elsewhere = workers.send(1, "a.Test. A ad");
  const auto plain_elsewhere = workers.send(1, "a.test. A");
  upstream.open();
  REQUIRE(workers.run());
  CHECK(plain->reply() == kAnswered);
  CHECK(wanting->reply() == "NOERROR rd ra ad; answer A.test. 60 A 192.0.2.1");
  CHECK(elsewhere->reply() == "NOERROR rd ra ad; answer a.Test. 60 A 192.0.2.1");
  CHECK(plain_elsewhere->reply() == kAnswered);
}

TEST_CASE("exchange: an answer that came into the store meanwhile is taken from there") {
  GatedUpstream upstream;
  TwoWorkers workers(upstream.settings());
  workers.store->knows = true;
  CHECK(workers.send(0, "a.test. A")->reply() == "NOERROR rd; answer a.test. 9 A 192.0.2.77");
  CHECK(workers.send(1, "a.test. A")->reply() == "NOERROR rd; answer a.test. 9 A 192.0.2.77");
  CHECK(upstream.queries() == 0);
  workers.store->knows = false;  // and nothing is left in flight
  const auto client = workers.send(1, "a.test. A");
  upstream.open();
  REQUIRE(workers.run());
  CHECK(client->reply() == kAnswered);
}

TEST_CASE("exchange: who has begun to wait meanwhile is told what the store says") {
  GatedUpstream upstream;
  TwoWorkers workers(upstream.settings());
  workers.store->knows = true;
  std::vector<std::shared_ptr<Client>> waiting;
  workers.store->meanwhile = [&] {
    for (int i = 0; i < 3; ++i) waiting.push_back(workers.send(1, "a.test. A"));
    CHECK(waiting[0]->reply() == "waits");
  };
  CHECK(workers.send(0, "a.test. A")->reply() == "NOERROR rd; answer a.test. 9 A 192.0.2.77");
  REQUIRE(workers.run());
  for (const auto& client : waiting) {
    CHECK(client->reply() == "NOERROR rd; answer a.test. 9 A 192.0.2.77");
  }
  CHECK(upstream.queries() == 0);
}

TEST_CASE("exchange: only so many wait for one question; more are refused, other questions not") {
  GatedUpstream upstream;
  TwoWorkers workers(upstream.settings());
  std::vector<std::shared_ptr<Client>> waiting;
  for (size_t i = 0; i <= InFlight::kMaxWaiters; ++i)
    waiting.push_back(workers.send(i % 2, "a.test. A"));
  CHECK(workers.send(0, "a.test. A")->reply() == "REFUSED rd");
  CHECK(workers.send(1, "a.test. A")->reply() == "REFUSED rd");
  CHECK(workers.heard == std::vector<std::string>(2, std::string("REFUSED by 0: ") + kTableFull));
  const auto other = workers.send(1, "b.test. A");
  CHECK(other->reply() == "waits");
  upstream.open();
  REQUIRE(workers.run());
  size_t answered = 0;
  for (const auto& client : waiting) answered += client->reply() == kAnswered ? 1 : 0;
  CHECK(answered == waiting.size());
  CHECK(other->reply() == "NOERROR rd ra; answer b.test. 60 A 192.0.2.1");
}

}  // namespace fairlead::plugins::forward
