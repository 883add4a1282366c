// The erratic directive in a block's chain: answers everything, and now and then drops, delays or
// cuts an answer. For tests of clients.
#include "query/step.h"

#include <array>
#include <atomic>
#include <map>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "dns/address.h"
#include "net/asio.h"
#include "plugins/building.h"
#include "plugins/erratic/setup.h"
#include "query/search_domains.h"
#include "query/telling.h"
#include "query/walk.h"

namespace fairlead::plugins::erratic {
namespace {

using dns::Section;
using query::Turn;
using query::Walk;

constexpr size_t kMoreOfLarge = 29;

dns::IpAddress address(const char* text) {
  return *dns::IpAddress::from_text(text);
}

// The walks of one worker that are delayed.
class Delayed final : public query::Awaited {
 public:
  explicit Delayed(asio::io_context& context) : context_(context) {}

  Turn wait(Walk& walk, std::chrono::nanoseconds time, Turn then) {
    auto& timer = timers_[&walk];
    timer = std::make_unique<net::Timer>(context_, time);
    timer->async_wait([this, &walk, then](const boost::system::error_code& error) {
      if (error) return;
      timers_.erase(&walk);
      walk.resume(then);
    });
    return walk.wait(*this);
  }
  void leave(Walk& walk) noexcept override { timers_.erase(&walk); }

 private:
  asio::io_context& context_;
  std::map<Walk*, std::unique_ptr<net::Timer>> timers_;
};

// What happens to the n-th question, counted from 0.
struct Fate {
  Fate(const Options& options, uint64_t n)
      : drop(options.drop > 0 && n % options.drop == 0),
        delay(options.delay > 0 && n % options.delay == 0),
        // CoreDNS looks at a bit here; tests rely on the sequence.
        truncate(options.truncate > 0 && (n & options.truncate) == 0) {}
  bool drop, delay, truncate;
};

void add_soa(dns::Answer& answer) {
  const dns::NameRef mname = answer.add_name(dns::Name::from_text("sns.dns.icann.org.")->view());
  const dns::NameRef rname = answer.add_name(dns::Name::from_text("noc.dns.icann.org.")->view());
  answer.add_soa(Section::Answer, dns::kQname, 0,
                 {mname, rname, 2'018'050'825, 7200, 3600, 1'209'600, 3600});
}

// A toy zone in one message, whose end is missing when it is cut.
void add_zone(dns::Answer& answer, dns::NameView apex, bool truncate) {
  const dns::NameRef a = answer.add_name("a", apex);
  const dns::NameRef b = answer.add_name("b", apex);
  add_soa(answer);
  for (const dns::NameRef server : {b, a})
    answer.add_name_record(dns::RrType::Ns, Section::Answer, dns::kQname, 0, server);
  answer.add_address(Section::Answer, a, 0, address("2001:bd8::53"));
  answer.add_address(Section::Answer, b, 0, address("2001:500::54"));
  if (!truncate) add_soa(answer);
}

// The search list of every client, that CoreDNS's tests of autopath rely on.
class Domains final : public query::SearchDomains {
 public:
  [[nodiscard]] std::span<const dns::Name> list() const override { return all_; }

 private:
  const std::array<dns::Name, 2> all_{*dns::Name::from_text("a.example.org."),
                                      *dns::Name::from_text("b.example.org.")};
};

class Erratic final : public query::Step {
 public:
  Erratic(const Options& options, std::shared_ptr<std::atomic<uint64_t>> count,
          query::LocalAt<Delayed> delayed)
      : options_(options), count_(std::move(count)), delayed_(std::move(delayed)) {}

  [[nodiscard]] bool may_wait() const override { return options_.delay > 0; }

  Turn ask(Walk& walk) const override {
    if (walk.telling() != nullptr) {
      walk.telling()->tell("answers everything, and drops, delays or cuts some of it");
      return answer(walk, false);
    }
    const Fate fate(options_, count_->fetch_add(1, std::memory_order_relaxed));
    if (fate.drop) return Turn::Drop;
    const Turn turn = answer(walk, fate.truncate);
    if (!fate.delay || options_.delay_time.count() <= 0) return turn;
    if (!walk.can_wait()) return walk.fail(dns::Rcode::Refused, "plugin/erratic: too many wait");
    return walk.local(delayed_).wait(walk, options_.delay_time, turn);
  }

 private:
  Turn answer(Walk& walk, bool truncate) const {
    dns::Answer& answer = walk.answer();
    switch (walk.question().qtype) {
      case dns::RrType::A:
        for (size_t i = 0; i <= (options_.large ? kMoreOfLarge : 0); ++i)
          answer.add_address(Section::Answer, dns::kQname, 0, address("192.0.2.53"));
        answer.truncated = truncate;
        break;
      case dns::RrType::Aaaa:
        answer.add_address(Section::Answer, dns::kQname, 0, address("2001:db8::53"));
        answer.truncated = truncate;
        break;
      case dns::RrType::Axfr:
        add_zone(answer, walk.question().qname, truncate);
        break;
      default:
        return walk.fail(dns::Rcode::ServFail);
    }
    answer.authoritative = true;
    return Turn::Done;
  }

  const Options options_;
  const std::shared_ptr<std::atomic<uint64_t>> count_;
  const query::LocalAt<Delayed> delayed_;
};

}  // namespace

void read(corefile::Cursor& cursor, Plan& plan) {
  plan.make([options = parse(cursor)](Building& building) {
    auto count = std::make_shared<std::atomic<uint64_t>>(0);
    auto delayed = building.local<Delayed>(
        [](asio::io_context& context, size_t) { return std::make_shared<Delayed>(context); });
    // What CoreDNS's tests of /ready wait for.
    building.ready({.directive = "erratic",
                    .ready = [count] { return *count == 3 || *count == 4; },
                    .why = [] { return std::string(); }});
    building.offer(std::make_shared<const Domains>());
    building.step(std::make_unique<Erratic>(options, std::move(count), std::move(delayed)));
  });
}

}  // namespace fairlead::plugins::erratic
