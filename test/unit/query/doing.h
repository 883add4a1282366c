// Steps made of functions, those who hear what is said, and those who asked: for tests of the way
// of a question.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "net/responder.h"
#include "query/walk.h"
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
