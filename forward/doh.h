// DNS over HTTPS as a client (RFC 8484): what both versions of HTTP have in common.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "forward/conversation.h"
#include "forward/settings.h"

namespace fairlead::forward {

/// What an upstream may send for one question; more is a failure.
inline constexpr size_t kMaxHttpHeader = size_t{16} * 1024;
inline constexpr size_t kMaxHttpBody = 65535;

/// Questions under way at once on an HTTP/2 connection, whatever the upstream allows.
inline constexpr size_t kMaxHttpStreams = 100;

inline constexpr std::string_view kDohPath = "/dns-query";
inline constexpr std::string_view kDohType = "application/dns-message";

/// One upstream, as one worker asks it.
struct DohUpstream {
  DohUpstream(const UpstreamSettings& upstream, bool get);

  /// "Post "https://192.0.2.1:443/dns-query": " in front of an error, as Go has it.
  const std::string prefix;
  const std::string authority;  // "dns.example", "192.0.2.1", "[2001:db8::1]:8443"
  const bool get;               // rather than POST

  /// How many questions it takes at once on an HTTP/2 connection, as it has said last.
  size_t streams = kMaxHttpStreams;
};

/// The path of a GET: "/dns-query?dns=…" with the message in base64url (RFC 8484 §4.1).
std::string doh_target(std::span<const uint8_t> message);

/// Why a reply is not taken; empty when it is. Its status must be a success (RFC 8484 §4.2.1), its
/// type that of messages, its id that of the question, 0.
std::string fault_of_head(unsigned status, std::string_view content_type);
std::string fault_of_body(std::span<const uint8_t> body);

/// Questions wait here while the upstream works on as many as it may.
class DohConversation : public Conversation {
 public:
  /// The conversation that `protocol` (ALPN) stands for: "h2", else HTTP/1.1. Both outlive it.
  static std::unique_ptr<Conversation> make(std::string_view protocol, DohUpstream& upstream,
                                            ConversationListener& listener);

  void ask(uint16_t id, std::span<const uint8_t> message) final;
  bool give_up(uint16_t id) final;
  std::span<uint8_t> room() final { return input_; }
  void take_output(std::vector<uint8_t>& out) final;
  [[nodiscard]] size_t unsent() const final { return waiting_size_ + output_.size(); }
  [[nodiscard]] const std::string& error() const final { return error_; }

 protected:
  struct Question {
    uint16_t id = 0;  // here; what is sent has id 0 (RFC 8484 §4.1)
    std::vector<uint8_t> message;
  };

  DohConversation(DohUpstream& upstream, ConversationListener& listener)
      : upstream_(upstream), listener_(listener) {}

  /// Starts those that wait, as far as the upstream works on more.
  void go_on();

  /// The upstream takes no more: those that wait are told so.
  void send_away(std::string_view text);

  virtual void start(Question question) = 0;
  [[nodiscard]] virtual size_t under_way() const = 0;
  /// Puts into output_ what can be sent now.
  virtual void say() = 0;

  DohUpstream& upstream_;
  ConversationListener& listener_;
  std::vector<uint8_t> output_;
  std::string error_;
  std::array<uint8_t, size_t{8} * 1024> input_{};

 private:
  std::deque<Question> waiting_;
  size_t waiting_size_ = 0;
};

}  // namespace fairlead::forward
