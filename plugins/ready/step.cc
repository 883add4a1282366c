// The ready directive: /ready.
#include <memory>
#include <string>

#include "net/clock.h"
#include "plugins/building.h"
#include "plugins/readiness.h"
#include "plugins/ready/notice.h"
#include "plugins/ready/setup.h"

namespace fairlead::plugins::ready {
namespace {

constexpr unsigned kServiceUnavailable = 503;

// 200 OK and what else there is to know, or 503 with the names of the directives that are not
// ready and behind them what these say of the reason. A reload that has failed is told in either.
http::HttpReply reply(Readiness& readiness, Notice& notice, net::LogSink& log) {
  if (readiness.is_shutting_down()) return {kServiceUnavailable, "Shutting down"};
  const Readiness::Report report = readiness.ask();
  if (const auto line = notice.of(report, net::Clock::now()))
    log.write(net::LogLevel::Info, "ready", *line);
  if (report.missing.empty()) return {200, "OK" + readiness.notes()};
  return {kServiceUnavailable, report.missing + report.why + readiness.reload_note()};
}

}  // namespace

void read(corefile::Cursor& cursor, Plan& plan) {
  const Options options = parse(cursor);
  plan.make([options](Building& building) {
    Site& site = building.site();
    const auto notice = building.process<Notice>([] { return std::make_shared<Notice>(); });
    const auto answer = [&readiness = site.readiness, notice, &log = site.log] {
      return reply(readiness, *notice, log);
    };
    const auto unopened = [&log = site.log](const std::string& why) {
      if (why.empty()) return log.write(net::LogLevel::Info, "ready", "Handler of /ready started");
      log.write(net::LogLevel::Error, "ready", "Failed to start the handler of /ready: " + why);
    };
    building.http({options.address, "/ready", answer, unopened});
    if (options.monitor == Monitor::Continuously) building.check_continuously();
  });
}

}  // namespace fairlead::plugins::ready
