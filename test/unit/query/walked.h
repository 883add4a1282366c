// Chains of steps made of functions, asked in octets as a worker asks them: for tests of the way of
// a question.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "dns/render.h"
#include "query/responder.h"
#include "test/scenarios/turned_clock.h"
#include "test/scenarios/wire.h"

namespace fairlead::query::testing {

/// What a step does, and what it says of itself.
struct Doing {
  std::function<Turn(Walk&)> ask = [](Walk&) { return Turn::Pass; };
  std::function<Turn(Walk&, Note&)> see = [](Walk&, Note&) { return Turn::Done; };
  std::function<Turn(Walk&, Note&)> late = [](Walk&, Note&) { return Turn::Wait; };
  std::function<size_t(const Walk&, std::span<uint8_t>, size_t)> seal =
      [](const Walk&, std::span<uint8_t>, size_t size) { return size; };
};

class DoingStep final : public Step {
 public:
  explicit DoingStep(Doing doing) : doing_(std::move(doing)) {}
  Turn ask(Walk& walk) const override { return doing_.ask(walk); }
  Turn see(Walk& walk, Note& note) const override { return doing_.see(walk, note); }
  Turn late(Walk& walk, Note& note) const override { return doing_.late(walk, note); }
  size_t seal(const Walk& walk, std::span<uint8_t> out, size_t size) const override {
    return doing_.seal(walk, out, size);
  }

 private:
  const Doing doing_;
};

/// "RCODE by MAKER: ERROR" of each reply, "silence" in place of the rcode.
class Hearing final : public Observer {
 public:
  Hearing(std::vector<std::string>& heard, bool reads) : heard_(heard), reads_(reads) {}
  void replied(const Walk& walk, const Reply& reply) const override {
    std::string text = reply.octets.empty() ? "silence" : dns::to_text(reply.rcode);
    text += " by " + std::to_string(walk.made_by());
    if (!walk.error().empty()) text += ": " + std::string(walk.error());
    heard_.push_back(text);
  }
  [[nodiscard]] bool reads_answer() const override { return reads_; }

 private:
  std::vector<std::string>& heard_;
  const bool reads_;
};

/// The one who asked.
class Client final : public net::LateReplies, public std::enable_shared_from_this<Client> {
 public:
  explicit Client(const std::string& text) : question_(scenarios::parse_question(text)) {}

  std::shared_ptr<net::LateReplies> expect_reply() override { return shared_from_this(); }
  void send_late(const net::Peers&, std::span<const uint8_t> reply) override { take(reply); }
  void take(std::span<const uint8_t> reply) {
    reply_.assign(reply.begin(), reply.end());
    ++replies_;
  }

  [[nodiscard]] scenarios::Octets packet() const { return scenarios::encode(question_); }
  /// "waits"; "noreply"; or the reply's lines, the first without "reply ".
  [[nodiscard]] std::string reply() const {
    if (replies_ != 1) return replies_ == 0 ? "waits" : "several replies";
    std::string all;
    for (const std::string& line : scenarios::reply_lines(question_, reply_))
      all += (all.empty() ? "" : "; ") + line;
    return all.starts_with("reply ") ? all.substr(6) : all;
  }

 private:
  const scenarios::Question question_;
  scenarios::Octets reply_;
  int replies_ = 0;
};

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
    scenarios::Octets out(dns::kMaxTcpReply);
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
  Responder responder{clock.context(), 0, board, packets};
};

/// 192.0.2.N with TTL 5, for the question as it stands.
inline Turn answer_with(Walk& walk, uint8_t n) {
  const std::array<uint8_t, 4> address{192, 0, 2, n};
  walk.answer().add_address(dns::Section::Answer, dns::kQname, 5, dns::IpAddress(address));
  return Turn::Done;
}

inline Doing answering(uint8_t n) {
  return {.ask = [n](Walk& walk) { return answer_with(walk, n); }};
}

/// The question's name.
inline std::string name_of(const Walk& walk) {
  return dns::to_text(walk.question().qname);
}

}  // namespace fairlead::query::testing
