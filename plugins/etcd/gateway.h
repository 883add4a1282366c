// Requests to the JSON gateway of one of several servers of etcd.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "k8s-watch/transport.h"
#include "net/asio.h"

namespace fairlead::plugins::etcd {

/// How to reach etcd.
struct Connection {
  std::vector<std::string> endpoints;  // URLs, at least one; without a scheme TLS decides
  std::string username, password;      // both, or no login
  bool tls = false;                    // the option is there
  std::string cert, key, ca;           // files; of its own certificate both or none
  friend bool operator==(const Connection&, const Connection&) = default;
};

/// Reads the files and looks at the URLs; opens nothing. Throws std::runtime_error.
void check_connection(const Connection& connection);

/// One response, kept until its end.
class WholeReply final : public k8s_watch::HttpSink {
 public:
  /// `done` is called at the end, or when there is more than `most`; a new exchange may begin then.
  void expect(size_t most, std::function<void()> done);

  void on_head(const k8s_watch::HttpHead& head) override { status_ = head.status; }
  void on_body(std::string_view octets) override;
  void on_end(const std::string& error) override;

  [[nodiscard]] int status() const { return status_; }  // 0: there was no response
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] const std::string& error() const { return error_; }  // empty: it is complete
  [[nodiscard]] bool too_large() const { return too_large_; }
  /// The status as text, "<error>" without a response.
  [[nodiscard]] std::string code() const {
    return status_ == 0 ? "<error>" : std::to_string(status_);
  }
  /// Why it is not good, on one line: the connection's trouble, etcd's words, or the status.
  [[nodiscard]] std::string trouble() const;
  [[nodiscard]] bool good() const { return error_.empty() && !too_large_ && status_ == kOk; }

  static constexpr int kOk = 200;

 private:
  size_t most_ = 0;
  std::function<void()> done_;
  int status_ = 0;
  bool too_large_ = false;
  std::string text_, error_;
};

/// The same of a status and what came with it.
std::string refusal_text(int status, std::string_view text);

/// Used by the thread that runs `io`, which must outlive it.
class Gateway {
 public:
  Gateway(asio::io_context& io, Connection connection)
      : io_(io), connection_(std::move(connection)) {}

  struct Patience {
    std::chrono::milliseconds head{10'000};  // for the response to begin
    std::chrono::milliseconds idle{10'000};  // without anything of it
  };
  /// Begins a request. Throws std::runtime_error when its URL or the files of TLS cannot be used,
  /// which are read again behind next_endpoint().
  std::unique_ptr<k8s_watch::Exchange> post(const std::string& target, std::string body,
                                            Patience patience, k8s_watch::HttpSink& sink);

  /// The next request goes to the server behind this one.
  void next_endpoint();
  [[nodiscard]] const std::string& endpoint() const { return connection_.endpoints[at_]; }

  /// What a login has given; requests carry it. Empty: none.
  void set_token(std::string token) { token_ = std::move(token); }
  [[nodiscard]] bool has_token() const { return !token_.empty(); }
  [[nodiscard]] const Connection& connection() const { return connection_; }

 private:
  asio::io_context& io_;
  const Connection connection_;
  size_t at_ = 0;
  std::unique_ptr<k8s_watch::Transport> transport_;
  std::string token_;
};

}  // namespace fairlead::plugins::etcd
