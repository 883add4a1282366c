// Chains of steps, asked in octets as a worker asks them.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "dns/render.h"
#include "query/responder.h"
#include "test/scenarios/turned_clock.h"
#include "test/unit/query/doing.h"

namespace fairlead::query::testing {

inline constexpr dns::RrType kA = dns::RrType::A;

/// Whom questions wait for until a test lets them go.
struct Gate final : Awaited {
  void leave(Walk& gone) noexcept override {
    std::erase(walks, &gone);
    ++left;
  }
  Turn enter(Walk& walk) {
    walks.push_back(&walk);
    return walk.wait(*this);
  }
  /// The first who came goes on.
  void open(Turn turn) {
    Walk* const first = walks.front();
    walks.erase(walks.begin());
    first->resume(turn);
  }
  std::vector<Walk*> walks;
  int left = 0;
};

/// One worker with one block for everything, under a clock that stands.
class Walked {
 public:
  static constexpr uint32_t kListener = 1;

  /// Makers are numbered from 1.
  void add(Doing doing) {
    const auto maker = static_cast<uint8_t>(block->chain.size() + 1);
    block->chain.push_back({std::make_unique<DoingStep>(std::move(doing)), maker});
  }
  void observe(bool reads = false) {
    block->observers.push_back(std::make_unique<Hearing>(heard, reads));
    block->answer_is_read = block->answer_is_read || reads;
  }
  /// Call when the block is complete.
  void serve() {
    const auto routing = std::make_shared<Routing>();
    routing->add(kListener, {dns::Name(), block, {}});
    responder.set_routing(routing);
  }

  /// The packet is gone when this returns. `patient`: a reply may come later.
  std::shared_ptr<Client> send(const std::string& text, bool patient = true) {
    auto client = std::make_shared<Client>(text);
    const scenarios::Octets packet = client->packet();
    net::Request request;
    request.listener = kListener;
    request.packet = packet;
    if (patient) request.late = client.get();
    const size_t size = responder.respond(request, out);
    if (size != net::kReplyFollows) client->take(std::span(out).first(size));
    return client;
  }
  std::string ask(const std::string& text) { return send(text)->reply(); }

  scenarios::TurnedClock clock;
  metrics::PacketCounters packets;
  std::vector<std::string> heard;
  std::vector<std::string> trace;
  std::shared_ptr<Block> block = [] {
    auto made = std::make_shared<Block>();
    made->handles_queries = true;
    made->unanswered = "nobody left";
    return made;
  }();
  LiveBoard board;
  scenarios::Octets out = scenarios::Octets(dns::kMaxTcpReply);
  Responder responder{clock.context(), 0, board, packets};
};

}  // namespace fairlead::query::testing
