#include "test/scenarios/server.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "corefile/parser.h"
#include "dns/render.h"
#include "explain/explain_command.h"
#include "plugins/config.h"
#include "plugins/etcd/source.h"
#include "plugins/kubernetes/cluster_view.h"
#include "plugins/kubernetes/source.h"

namespace fairlead::scenarios {
namespace {

constexpr uint16_t kDnsPort = 53;
constexpr std::chrono::seconds kFlush{10};
constexpr const char* kClient = "10.240.0.1";
constexpr uint16_t kClientPort = 40212;
constexpr const char* kLocal = "10.240.0.53";

}  // namespace

Server::Server(Surroundings& around)
    : around_(around),
      log_file_(::memfd_create("log", MFD_CLOEXEC)),
      log_(log_file_.get()),
      site_{.control = around.clock.context(),
            .log = log_,
            .metrics = metrics_,
            .board = board_,
            .kept = kept_,
            .readiness = readiness_,
            .workers = 1,
            .look_for_reload = [] {}},
      responder_(around.clock.context(), 0, board_, metrics_.packets(0)) {
  static_cast<void>(kept_.process<plugins::kubernetes::Watching>([&] {
    auto watching = std::make_shared<plugins::kubernetes::Watching>();
    watching->make = [&cluster = around.cluster](auto&, const auto& options, auto publish, auto) {
      return cluster.watch(options, std::move(publish));
    };
    return watching;
  }));
  static_cast<void>(kept_.process<plugins::etcd::Mirroring>([&] {
    auto mirroring = std::make_shared<plugins::etcd::Mirroring>();
    mirroring->make = [&keys = around.etcd](auto&, const auto&, auto publish, auto& observer) {
      return keys.mirror(std::move(publish), observer);
    };
    return mirroring;
  }));
  for (const plugins::Directive& directive : around.directives)
    if (directive.start != nullptr) directive.start(site_);
}

Server::~Server() {
  if (!serving_) return;
  serving_->end();
  server::Deployment::hide(site_);
}

plugins::Config Server::config_of(const std::string& corefile) const {
  std::vector<corefile::DirectiveName> names;
  for (const plugins::Directive& known : around_.directives)
    names.push_back({known.name, known.read != nullptr});
  const corefile::DiskReader files;
  const corefile::Environment no_variables = [](const std::string&) { return std::string(); };
  return plugins::make_config(corefile::parse(corefile, "Corefile", {files, no_variables, names}),
                              kDnsPort, files, around_.interfaces, around_.directives);
}

std::optional<std::string> Server::serve(const std::string& corefile) try {
  plugins::Config config = config_of(corefile);
  for (const std::string& warning : config.warnings) log_.warning(warning);
  commit(std::make_unique<server::Deployment>(std::move(config), site_));
  corefile_ = corefile;
  around_.clock.settle();
  return std::nullopt;
} catch (const std::exception& error) {
  return error.what();
}

// As Runtime::commit(), without sockets.
void Server::commit(std::unique_ptr<server::Deployment> next) {
  std::vector<server::Listeners::Opened> opened;
  for (const plugins::Listening& listening : next->listening()) opened.push_back({listening, {}});
  listeners_.number(opened);
  responder_.set_routing(next->routing(0, listeners_));
  listeners_.keep_only(next->listening(), {});
  const std::unique_ptr<server::Deployment> before = std::exchange(serving_, std::move(next));
  if (before) before->end();
  serving_->show();
  readiness_.set_serving();
  serving_->begin();
}

std::shared_ptr<Client> Server::ask(const Question& question) {
  const net::Endpoint client{address_of(question.from.empty() ? kClient : question.from),
                             kClientPort};
  if (!serving_) throw std::runtime_error("nothing is served");
  const uint16_t first = serving_->listening().front().address.port;
  const net::Endpoint local{address_of(question.to.empty() ? kLocal : question.to),
                            question.port != 0 ? question.port : first};
  around_.cluster.publish();
  around_.clock.settle();  // the control thread hears of it, too
  return ask(encode(question), client, local, question.tcp);
}

std::shared_ptr<Client> Server::ask(std::span<const uint8_t> packet, const net::Endpoint& client,
                                    const net::Endpoint& local, bool tcp) {
  const auto asked = std::make_shared<Client>();
  const auto at = std::ranges::find_if(serving_->listening(), [&](const auto& listening) {
    const net::ListenAddress& address = listening.address;
    return address.port == local.port && (address.wildcard || address.address == local.address);
  });
  if (at == serving_->listening().end())
    throw std::runtime_error("nobody listens at " + net::to_text(local));
  around_.cluster.publish();
  kept_.drop_unused();
  net::Request request;
  request.client = client;
  request.local = local;
  request.listener = listeners_.number_of(at->address, at->transport);
  request.packet = packet;
  request.transport = tcp ? dns::Transport::Tcp : dns::Transport::Udp;
  request.late = asked.get();
  if (!tcp) responder_.look_ahead(std::span(&request, 1));
  Octets out(dns::kMaxTcpReply);
  const size_t size = responder_.respond(request, out);
  if (size != net::kReplyFollows) asked->take(std::span(out).first(size));
  return asked;
}

net::Request Server::request_of(std::span<const uint8_t> packet) const {
  const plugins::Listening& first = serving_->listening().front();
  net::Request request;
  request.client = {address_of(kClient), kClientPort};
  request.local = {address_of(kLocal), first.address.port};
  request.listener = listeners_.number_of(first.address, first.transport);
  request.packet = packet;
  return request;
}

std::vector<std::string> Server::take_log() {
  log_.flush(kFlush);
  std::string text;
  std::array<char, 4096> buffer{};
  for (;;) {
    const ssize_t n =
        ::pread(log_file_.get(), buffer.data(), buffer.size(), static_cast<off_t>(log_read_));
    if (n <= 0) break;
    text.append(buffer.data(), static_cast<size_t>(n));
    log_read_ += static_cast<size_t>(n);
  }
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::string Server::explain(const std::string& question) const {
  std::vector<std::string> words;
  std::istringstream in(question);
  for (std::string word; in >> word;) words.push_back(word);
  const auto flags = explain::parse_explain_flags(words);
  const auto* const asked = std::get_if<explain::ExplainFlags>(&flags);
  if (asked == nullptr) throw std::runtime_error("no question to explain: " + question);
  explain::Explainer explainer(config_of(corefile_), {});
  std::string text;
  for (const auto& one : explainer.explain(asked->question, asked->port, asked->server))
    text += one.text;
  return text;
}

}  // namespace fairlead::scenarios
