// The ready directive: /ready.
#include <memory>
#include <string>

#include "plugins/building.h"
#include "plugins/readiness.h"
#include "plugins/ready/setup.h"

namespace fairlead::plugins::ready {
namespace {

constexpr unsigned kServiceUnavailable = 503;

// 200 OK and what else there is to know, or 503 with the names of the directives that are not
// ready, which are also logged, and behind them what these say of the reason.
http::HttpReply reply(Readiness& readiness, net::LogSink& log) {
  if (readiness.is_shutting_down()) return {kServiceUnavailable, "Shutting down"};
  const Readiness::Report report = readiness.ask();
  if (report.missing.empty()) return {200, "OK" + readiness.notes()};
  log.write(net::LogLevel::Info, "ready", "Plugins not ready: \"" + report.missing + '"');
  return {kServiceUnavailable, report.missing + report.why};
}

}  // namespace

void read(corefile::Cursor& cursor, Plan& plan) {
  const Options options = parse(cursor);
  plan.make([options](Building& building) {
    Site& site = building.site();
    const auto answer = [&readiness = site.readiness, &log = site.log] {
      return reply(readiness, log);
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
