// The pprof directive while its block is served: pages of an address.
#include <string>

#include "net/log.h"
#include "plugins/building.h"
#include "plugins/plan.h"
#include "plugins/pprof/pages.h"
#include "plugins/pprof/setup.h"

namespace fairlead::plugins::pprof {

void read(corefile::Cursor& cursor, Plan& plan) {
  const Options options = parse(cursor);
  plan.make([options](Building& building) {
    // That nobody can look is no reason to leave questions unanswered.
    const auto unopened = [&log = building.log()](const std::string& why) {
      if (why.empty()) return log.write(net::LogLevel::Info, "pprof", "Handler started");
      log.write(net::LogLevel::Error, "pprof", "Failed to start pprof handler: " + why);
    };
    bool first = true;
    for (const Page& page : pages()) {
      http::HttpRoute route{options.address, std::string(page.path), page.reply};
      // Once for the address, and null would make it one that must be opened.
      route.unopened = first ? decltype(route.unopened)(unopened) : [](const std::string&) {};
      first = false;
      building.http(route);
    }
  });
}

}  // namespace fairlead::plugins::pprof
