#include "plugins/forward/alternate.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "dns/types.h"
#include "forward/in_flight.h"
#include "plugins/building.h"
#include "plugins/forward/exchange.h"
#include "plugins/forward/forward_line.h"
#include "plugins/forward/groups.h"
#include "plugins/forward/upstream.h"
#include "plugins/names.h"
#include "plugins/plan.h"
#include "query/step.h"
#include "query/walk.h"

namespace fairlead::plugins::alternate {
namespace {

using forward::Exchanges;
using forward::ForwardLine;
using forward::Lines;
using query::Note;
using query::Turn;
using query::Walk;

/// The lines of a block, and which of them is for an rcode.
struct Rules {
  std::shared_ptr<const Lines> lines;
  std::vector<std::pair<uint16_t, size_t>> rcodes;

  /// The number of the line; SIZE_MAX for none.
  [[nodiscard]] size_t line_for(const Walk& walk) const {
    const auto rcode = static_cast<uint16_t>(walk.answer().rcode);
    const auto found = std::ranges::find(rcodes, rcode, &std::pair<uint16_t, size_t>::first);
    if (found == rcodes.end() || !lines->all[found->second].takes(walk.question())) return SIZE_MAX;
    return found->second;
  }
};

class Alternate : public query::Step {
 public:
  Alternate(Rules rules, query::LocalAt<Exchanges> exchanges)
      : rules_(std::move(rules)), exchanges_(std::move(exchanges)) {}

  Turn ask(Walk& walk) const override {
    if (walk.question().qclass == dns::RrClass::In) walk.see_me();
    return Turn::Pass;
  }

  Turn see(Walk& walk, Note&) const override {
    const size_t line = rules_.line_for(walk);
    if (line == SIZE_MAX || !walk.can_wait()) return Turn::Done;
    walk.forget_failure();
    walk.answer().clear();
    return walk.local(exchanges_).begin(walk, rules_.lines, line);
  }

  [[nodiscard]] bool may_wait() const override { return true; }

 private:
  const Rules rules_;
  const query::LocalAt<Exchanges> exchanges_;
};

class Told : public query::Step {
 public:
  explicit Told(std::string text) : text_(std::move(text)) {}

  Turn ask(Walk& walk) const override {
    walk.telling()->tell(text_);
    return Turn::Pass;
  }
  [[nodiscard]] bool may_wait() const override { return true; }

 private:
  const std::string text_;
};

fairlead::forward::Settings settings_of(const Options& options) {
  return forward::engine_settings({.from = options.from,
                                   .except = {},
                                   .upstreams = options.upstreams,
                                   .settings = {},
                                   .tls_server_name = {},
                                   .resolvers = {},
                                   .next = {},
                                   .next_on_nodata = false});
}

// "asks 192.0.2.1:53 when the answer is NXDOMAIN".
std::string text_of(const Options& options) {
  std::string text = "asks";
  for (const forward::Upstream& upstream : options.upstreams)
    text += " " + forward::host_and_port(upstream);
  text += " when the answer is";
  for (const uint16_t rcode : options.rcodes)
    text += " " + dns::to_text(static_cast<dns::Rcode>(rcode));
  return text;
}

/// One line as it is read.
struct Read {
  Options options;
  std::vector<dns::Name> from;
};

ForwardLine make_line(const Read& read, Building& building) {
  ForwardLine line{.from = read.from,
                   .except = {},
                   .next = {},
                   .next_on_nodata = false,
                   .group = nullptr,
                   .in_flight = std::make_shared<fairlead::forward::InFlight>(),
                   .kept = forward::keep_group(settings_of(read.options), building)};
  line.group = line.kept->group;
  building.tell_status([group = line.group] { return forward::status_of(*group); });
  return line;
}

void make_step(const std::vector<Read>& all, Building& building) {
  if (building.explaining() != nullptr) {
    for (const Read& read : all) building.step(std::make_unique<Told>(text_of(read.options)));
    return;
  }
  Rules rules;
  auto lines = std::make_shared<Lines>();
  for (const Read& read : all) {
    for (const uint16_t rcode : read.options.rcodes)
      rules.rcodes.emplace_back(rcode, lines->all.size());
    building.better(read.options.rcodes);
    lines->all.push_back(make_line(read, building));
  }
  lines->store = building.answer_store();
  rules.lines = std::move(lines);
  const auto exchanges = building.local<Exchanges>([](asio::io_context& context, size_t worker) {
    return std::make_shared<Exchanges>(context, worker);
  });
  building.step(std::make_unique<Alternate>(std::move(rules), exchanges));
}

}  // namespace

void read(corefile::Cursor& cursor, Plan& plan) {
  std::vector<Read> all;
  for (Options& options : parse(cursor, plan.context())) {
    Read& read = all.emplace_back();
    read.from = names_at(cursor, options.from);
    plan.identify(text_of(options));  // resolv.conf may have changed
    read.options = std::move(options);
  }
  plan.make([all = std::move(all)](Building& building) { make_step(all, building); });
}

}  // namespace fairlead::plugins::alternate
