// What is said on a connection to an upstream, without its socket: questions in, octets out; octets
// in, replies out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace fairlead::forward {

/// Told what the upstream says, from within received() and ended(). May ask and give up there, and
/// must not destroy the conversation.
class ConversationListener {
 public:
  /// The reply to the question with this id, which is free again. `message` may be written to. Any
  /// id may come, and any number of octets.
  virtual void on_reply(uint16_t id, std::span<uint8_t> message) = 0;

  /// There will be no reply; the conversation goes on. `untouched`: the upstream has not looked at
  /// the question, which may be asked elsewhere.
  virtual void on_failure(uint16_t id, std::string_view text, bool untouched) = 0;

 protected:
  ~ConversationListener() = default;
};

/// Used by one thread. Nothing waits or throws because of what an upstream sends.
class Conversation {
 public:
  Conversation() = default;
  virtual ~Conversation() = default;
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;

  /// A message of 12 octets at least, with an id that no other question here has.
  virtual void ask(uint16_t id, std::span<const uint8_t> message) = 0;

  /// Nobody waits for the reply any more. True when the upstream will never hear of the question,
  /// and the id is free.
  virtual bool give_up(uint16_t id) = 0;

  /// Where octets from the upstream are put: never empty, the same until received().
  virtual std::span<uint8_t> room() = 0;

  /// So many have been put there.
  virtual void received(size_t size) = 0;

  /// None will come any more.
  virtual void ended() {}

  /// Appends what is to be sent.
  virtual void take_output(std::vector<uint8_t>& out) = 0;

  /// About how many octets questions take that have not been taken.
  [[nodiscard]] virtual size_t unsent() const = 0;

  /// How many questions the upstream works on at once; 0: nobody knows, and it may be one.
  [[nodiscard]] virtual size_t width() const = 0;

  /// More may be asked. Once false, it stays so: what is under way comes to its end.
  [[nodiscard]] virtual bool takes_more() const = 0;

  /// A reply has begun.
  [[nodiscard]] virtual bool has_begun() const = 0;

  /// Why there is nothing to be said or heard any more; empty while there is.
  [[nodiscard]] virtual const std::string& error() const = 0;
};

}  // namespace fairlead::forward
