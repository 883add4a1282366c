// What an upstream of DNS over HTTPS sends once it is connected. The first octet chooses: HTTP/2
// (1), questions by GET (2), octets that come in small pieces (4), questions that are given up (8),
// and what is to be sent not being taken (16). No question is told its end twice, what is taken for
// a reply is a message with id 0, and little is kept.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <set>
#include <vector>

#include "forward/doh.h"

namespace {

using namespace fairlead;
using Octets = std::vector<uint8_t>;

constexpr uint16_t kQuestions = 5;
constexpr uint16_t kMost = 64;  // asked in the end

void demand(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

class Listener final : public forward::ConversationListener {
 public:
  void on_reply(uint16_t id, std::span<uint8_t> message) override {
    demand(message.size() >= 12 && message.size() <= forward::kMaxHttpBody, "replies have a size");
    demand(message[0] == 0 && message[1] == 0, "a reply has the id of its question");
    std::ranges::fill(message, 0xff);
    end(id);
  }
  void on_failure(uint16_t id, std::string_view text, bool) override {
    demand(!text.empty() && text.size() < 300, "a failure has a reason");
    demand(std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; }),
           "text for people is printable");
    end(id);
  }

  void ask() {
    if (next_ == kMost || !conversation->takes_more()) return;
    conversation->ask(next_, Octets(30, 1));
    open_.insert(next_++);
  }
  void give_up_first() {
    if (open_.empty()) return;
    if (conversation->give_up(*open_.begin())) open_.erase(open_.begin());
  }

  forward::Conversation* conversation = nullptr;

 private:
  void end(uint16_t id) {
    demand(open_.erase(id) == 1, "a question ends once");
    ask();
  }

  std::set<uint16_t> open_;
  uint16_t next_ = 1;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0 || size > 65536) return 0;
  forward::DohUpstream upstream({.address = *dns::IpAddress::from_text("192.0.2.1"), .port = 443},
                                (data[0] & 2) != 0);
  Listener listener;
  const auto conversation =
      forward::DohConversation::make((data[0] & 1) != 0 ? "h2" : "http/1.1", upstream, listener);
  listener.conversation = conversation.get();
  for (uint16_t i = 0; i < kQuestions; ++i) listener.ask();
  Octets said;
  conversation->take_output(said);
  const size_t piece = (data[0] & 4) != 0 ? 7 : SIZE_MAX;
  for (size_t at = 1; at < size;) {
    const std::span<uint8_t> room = conversation->room();
    const size_t count = std::min({piece, room.size(), size - at});
    std::copy_n(data + at, count, room.begin());
    conversation->received(count);
    at += count;
    if ((data[0] & 8) != 0) listener.give_up_first();
    if ((data[0] & 16) == 0) conversation->take_output(said);
    demand(conversation->error().empty() || !conversation->takes_more(), "an error is the end");
    demand(conversation->width() <= forward::kMaxHttpStreams, "the width has a bound");
    demand(conversation->unsent() < size_t{512} * 1024, "what is to be sent has a bound");
  }
  conversation->ended();
  return 0;
}
