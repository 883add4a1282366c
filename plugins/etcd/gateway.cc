#include "plugins/etcd/gateway.h"

#include "dns/printable.h"
#include "k8s-watch/kubeconfig.h"
#include "plugins/etcd/gateway_messages.h"

namespace fairlead::plugins::etcd {
namespace {

// Files count for servers that are reached over TLS only.
k8s_watch::ApiAccess access_to(const std::string& endpoint, const Connection& connection) {
  const bool has_scheme = endpoint.find("://") != std::string::npos;
  k8s_watch::ApiOptions options;
  options.endpoint = (has_scheme ? "" : connection.tls ? "https://" : "http://") + endpoint;
  if (options.endpoint.starts_with("https://")) {
    options.tls_cert_file = connection.cert;
    options.tls_key_file = connection.key;
    options.tls_ca_file = connection.ca;
  }
  k8s_watch::ApiAccess access = resolve_access(options);
  access.peer = "etcd server";
  return access;
}

}  // namespace

void check_connection(const Connection& connection) {
  asio::io_context unused;
  for (const std::string& endpoint : connection.endpoints)
    make_transport(unused, access_to(endpoint, connection));
}

void WholeReply::expect(size_t most, std::function<void()> done) {
  most_ = most;
  done_ = std::move(done);
  status_ = 0;
  too_large_ = false;
  text_.clear();
  error_.clear();
}

void WholeReply::on_body(std::string_view octets) {
  if (text_.size() + octets.size() <= most_) return static_cast<void>(text_.append(octets));
  too_large_ = true;
  on_end("the reply has more than " + std::to_string(most_) + " octets");
}

void WholeReply::on_end(const std::string& error) {
  error_ = error;
  const std::function<void()> done = std::exchange(done_, {});
  if (done) done();
}

std::string WholeReply::trouble() const {
  return error_.empty() ? refusal_text(status_, text_) : dns::one_line(error_);
}

std::string refusal_text(int status, std::string_view text) {
  std::string said = error_text(text);
  return said.empty() ? "HTTP " + std::to_string(status) : said;
}

std::unique_ptr<k8s_watch::Exchange> Gateway::post(const std::string& target, std::string body,
                                                   Patience patience, k8s_watch::HttpSink& sink) {
  if (transport_ == nullptr) transport_ = make_transport(io_, access_to(endpoint(), connection_));
  k8s_watch::HttpRequest request;
  request.target = target;
  request.body = std::move(body);
  request.head_timeout = patience.head;
  request.idle_timeout = patience.idle;
  if (!token_.empty()) request.headers.emplace_back("Authorization", token_);
  // A server that has lost the others says so, rather than nothing.
  request.headers.emplace_back("Grpc-Metadata-hasleader", "true");
  return transport_->send(std::move(request), sink);
}

void Gateway::next_endpoint() {
  transport_.reset();
  at_ = (at_ + 1) % connection_.endpoints.size();
}

}  // namespace fairlead::plugins::etcd
