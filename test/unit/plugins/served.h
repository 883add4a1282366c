// A server block as the server builds it, asked in octets, without sockets: for tests of what
// directives do with questions.
#pragma once

#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "corefile/parser.h"
#include "dns/render.h"
#include "plugins/config.h"
#include "plugins/directive.h"
#include "query/responder.h"
#include "test/scenarios/wire.h"
#include "test/unit/plugins/surroundings.h"

namespace fairlead::plugins::testing {

/// A step in one function: it stands for directives that are not of the test.
class Stub : public query::Step {
 public:
  using Ask = std::function<query::Turn(query::Walk&)>;
  explicit Stub(Ask ask) : ask_(std::move(ask)) {}
  query::Turn ask(query::Walk& walk) const override { return ask_(walk); }

 private:
  const Ask ask_;
};

/// Answers everything from 127.0.0.1 at port 53. One thread.
class Served {
 public:
  /// `lines` are those of the block of the root zone. `last` and `first`, if any, stand behind and
  /// in front of all others.
  explicit Served(const std::string& lines, const Stub::Ask& last = {}, const Stub::Ask& first = {},
                  bool debug = false)
      : config_(config_of(lines)) {
    around_.log.set_debug(debug);
    Plan& plan = config_.blocks.front();
    plan.debug = debug;
    Building building(plan, {}, around_.site, config_.hash, nullptr);
    built_ = building.build();
    auto& chain = built_.block->chain;
    const uint8_t maker = around_.metrics.maker("stub");
    if (last) chain.push_back({std::make_unique<Stub>(last), maker});
    if (first)
      chain.insert(chain.begin(), query::Block::Link{std::make_unique<Stub>(first), maker});
    const auto routing = std::make_shared<query::Routing>();
    query::ServedZone zone{dns::Name(), built_.block, {}};
    for (const auto& counted : built_.counted)
      zone.counters.push_back(counted.table->slot({"dns://:53", ".", ""}, 0));
    routing->add(0, std::move(zone));
    responder_.set_routing(routing);
  }

  /// The lines of the reply to a question in the words of scenarios::parse_question(), the first
  /// without "reply ": "NOERROR aa rd; answer x. 5 A 10.0.0.1".
  std::string ask(const std::string& text) {
    const scenarios::Question question = scenarios::parse_question(text);
    const scenarios::Octets packet = scenarios::encode(question);
    net::Request request;
    request.client = {*dns::IpAddress::from_text("127.0.0.1"), 40000};
    request.packet = packet;
    request.transport = question.tcp ? dns::Transport::Tcp : dns::Transport::Udp;
    reply_.resize(dns::kMaxTcpReply);
    reply_.resize(responder_.respond(request, reply_));
    std::string all;
    for (const std::string& line : scenarios::reply_lines(question, reply_))
      all += (all.empty() ? "" : "; ") + line;
    return all.starts_with("reply ") ? all.substr(6) : all;
  }

  /// The octets of the last reply.
  [[nodiscard]] const scenarios::Octets& reply() const { return reply_; }
  [[nodiscard]] std::string scrape() const { return around_.metrics.text(); }
  net::LogSink& log() { return around_.log; }
  test::Pipe& log_pipe() { return around_.pipe; }

 private:
  static Config config_of(const std::string& lines) {
    const corefile::MemoryReader no_files;
    const corefile::Environment no_variables = [](const std::string&) { return std::string(); };
    corefile::Config parsed = corefile::parse(".:53 {\n" + lines + "\n}", "Corefile",
                                              {no_files, no_variables, directive_names()});
    return make_config(std::move(parsed), 53, no_files, {});
  }

  Config config_;
  Surroundings around_;
  Built built_;
  query::Responder responder_{around_.control, 0, around_.board, around_.metrics.packets(0)};
  scenarios::Octets reply_;
};

/// A question and what Served::ask() says to it.
struct Exchange {
  const char* question;
  const char* reply;
};

inline void check(Served& served, std::initializer_list<Exchange> exchanges) {
  for (const Exchange& exchange : exchanges) {
    CAPTURE(exchange.question);
    CHECK(served.ask(exchange.question) == exchange.reply);
  }
}

}  // namespace fairlead::plugins::testing
