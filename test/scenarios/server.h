// The server as it is, but for its sockets and its time: a Corefile, deployed as the program
// deploys it, one worker's responder, and questions put to it.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "dns/render.h"
#include "metrics/metrics.h"
#include "net/file_descriptor.h"
#include "net/interfaces.h"
#include "net/log.h"
#include "plugins/building.h"
#include "plugins/directive.h"
#include "plugins/readiness.h"
#include "query/live_board.h"
#include "query/responder.h"
#include "server/deployment.h"
#include "server/listeners.h"
#include "test/scenarios/cluster.h"
#include "test/scenarios/etcd_keys.h"
#include "test/scenarios/turned_clock.h"
#include "test/scenarios/wire.h"

namespace fairlead::scenarios {

/// A question under way.
class Client final : public net::LateReplies, public std::enable_shared_from_this<Client> {
 public:
  std::shared_ptr<net::LateReplies> expect_reply() override { return shared_from_this(); }
  void send_late(const net::Peers&, std::span<const uint8_t> reply) override { take(reply); }

  /// All at once: nothing holds this client up.
  void send_many(const net::Peers& peers,
                 const std::shared_ptr<net::MessageSource>& messages) override {
    Octets out(dns::kMaxTcpReply);
    std::optional<size_t> size;
    while ((size = messages->next_message(out)).value_or(0) != 0)
      messages_.emplace_back(out.begin(), out.begin() + static_cast<ptrdiff_t>(*size));
    if (!size) messages_.emplace_back();  // the connection has ended
    if (messages_.empty()) return send_late(peers, {});
    const Octets last = std::move(messages_.back());
    messages_.pop_back();
    send_late(peers, last);
  }

  void take(std::span<const uint8_t> reply) {
    done_ = true;
    reply_.assign(reply.begin(), reply.end());
    if (then_) then_(reply_);
  }

  /// Calls `then` with the reply: now, or when it comes.
  void then(std::function<void(const Octets&)> then) {
    then_ = std::move(then);
    if (done_) then_(reply_);
  }
  [[nodiscard]] bool done() const { return done_; }
  [[nodiscard]] const Octets& reply() const { return reply_; }  // empty: nothing was said
  /// Those in front of it, when it has many messages.
  [[nodiscard]] const std::vector<Octets>& earlier() const { return messages_; }

 private:
  bool done_ = false;
  Octets reply_;
  std::vector<Octets> messages_;
  std::function<void(const Octets&)> then_;
};

/// What a server has to do with.
struct Surroundings {
  TurnedClock& clock;
  Cluster& cluster;
  EtcdKeys& etcd;
  std::vector<net::InterfaceAddress> interfaces;
  std::vector<plugins::Directive> directives;  // those there are
};

/// Used by one thread. A scenario that deploys another Corefile gets a new one, or a reload.
class Server {
 public:
  /// `around` must outlive it.
  explicit Server(Surroundings& around);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Reads the text and serves it, in place of what was served. The error if that cannot be;
  /// nothing has changed then.
  std::optional<std::string> serve(const std::string& corefile);

  /// Asks it; the reply may follow when the clock settles or is turned.
  std::shared_ptr<Client> ask(const Question& question);

  /// The same for octets that came from anywhere. Throws when nothing listens at `local`.
  std::shared_ptr<Client> ask(std::span<const uint8_t> packet, const net::Endpoint& client,
                              const net::Endpoint& local, bool tcp = false);

  /// The same for tests that feed the responder themselves: a request of `packet`, which must
  /// outlive it, from the usual client at the first address.
  [[nodiscard]] net::Request request_of(std::span<const uint8_t> packet) const;
  [[nodiscard]] net::Responder& responder() { return responder_; }

  /// What a scrape says.
  [[nodiscard]] std::string metrics() const { return metrics_.text(); }

  /// The lines of the log since this was asked last.
  std::vector<std::string> take_log();

  /// The words of `fairlead explain NAME [TYPE]`.
  [[nodiscard]] std::string explain(const std::string& question) const;

 private:
  [[nodiscard]] plugins::Config config_of(const std::string& corefile) const;
  void commit(std::unique_ptr<server::Deployment> next);

  Surroundings& around_;
  const net::FileDescriptor log_file_;
  size_t log_read_ = 0;
  net::LogSink log_;
  metrics::Metrics metrics_{1, "scenario"};
  query::LiveBoard board_;
  plugins::Readiness readiness_;
  plugins::Kept kept_;
  plugins::Site site_;
  query::Responder responder_;
  server::Listeners listeners_;
  std::string corefile_;
  std::unique_ptr<server::Deployment> serving_;
};

}  // namespace fairlead::scenarios
