// Tells other servers that zones have changed (RFC 1996).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "dns/name.h"
#include "net/asio.h"
#include "net/log.h"
#include "plugins/offers.h"
#include "plugins/transfer/setup.h"
#include "records/journal.h"

namespace fairlead::plugins::transfer {

/// One for all blocks with the same rules. Made by make_shared; used and destroyed by the control
/// thread. Of each zone and server one message is on its way at most, sent at once and then every
/// two seconds until it is answered, three times in all; what is not is logged. Where the rule has
/// a key messages are signed, and an answer is one that is signed with it, too (RFC 8945).
class Notices final : public ZoneNews, public std::enable_shared_from_this<Notices> {
 public:
  static constexpr int kTries = 3;
  static constexpr std::chrono::seconds kPatience{2};
  static constexpr size_t kMostOpen = 10'000;

  /// `context` and `log` must outlive it; `counts` are those of all journals.
  Notices(asio::io_context& context, net::LogSink& log, Rules rules,
          std::shared_ptr<records::JournalCounts> counts);
  ~Notices() override;

  [[nodiscard]] const Rules& rules() const { return rules_; }

  std::shared_ptr<records::Journal> make_journal(const dns::Name& origin) override;
  void served(const dns::Name& origin, uint32_t serial) override;

 private:
  struct Notice {
    dns::Name origin;
    net::ServerEndpoint to;
    const Rule* rule = nullptr;  // one of rules_
    uint16_t id = 0;
    uint64_t began = 0;  // seconds since 1970: each try is the same octets
    int tries = 0;
    net::Clock::time_point due;
    std::string problem = "no reply";
  };
  struct Socket {
    explicit Socket(asio::io_context& context) : descriptor(context) {}
    asio::posix::stream_descriptor descriptor;
  };
  using SocketKey = std::pair<bool, std::optional<dns::IpAddress>>;  // IPv6, source

  void tell(const dns::Name& origin, const net::ServerEndpoint& to, const Rule& rule);
  static std::vector<uint8_t> message_of(const Notice& notice);  // without a signature
  /// Empty: it is taken.
  static std::string problem_of(const Notice& notice, std::span<const uint8_t> reply);
  bool send(Notice& notice);
  Socket* socket_for(const Notice& notice);
  void wait_readable(const std::shared_ptr<Socket>& socket);
  void read(Socket& socket);
  void heard(std::span<const uint8_t> reply, const net::Endpoint& from);
  void go_on();
  void wait();
  void give_up(const Notice& notice) const;

  asio::io_context& context_;
  net::LogSink& log_;
  const Rules rules_;
  const std::shared_ptr<records::JournalCounts> counts_;
  std::map<std::string, uint32_t> told_;  // the serial that was, by origin
  std::map<std::pair<std::string, net::ServerEndpoint>, Notice> open_;
  std::map<SocketKey, std::shared_ptr<Socket>> sockets_;
  net::Timer timer_;
};

}  // namespace fairlead::plugins::transfer
