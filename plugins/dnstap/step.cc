// The dnstap directive in a block's chain: behind log, in front of all that answers.
#include <memory>
#include <utility>
#include <vector>

#include "net/host_name.h"
#include "plugins/building.h"
#include "plugins/dnstap/setup.h"
#include "plugins/dnstap/sink.h"
#include "plugins/dnstap/tap.h"

namespace fairlead::plugins::dnstap {
namespace {

std::shared_ptr<Sink> keep_sink(const Options& options, Building& building) {
  Site& site = building.site();
  auto sink =
      building.keep<Sink>([&](const Sink& other) { return other.options() == options; },
                          [&] { return std::make_shared<Sink>(options, site.workers, site.log); });
  building.collect([sink](metrics::FamilySet& families) { sink->collect(families); });
  building.tell_status([sink] { return std::vector<StatusLine>{{"dnstap", sink->status()}}; });
  return sink;
}

void make_taps(const std::vector<Options>& all, Building& building) {
  if (building.explaining() != nullptr) return;
  std::vector<Line> lines;
  lines.reserve(all.size());
  for (const Options& options : all) {
    lines.emplace_back(keep_sink(options, building), options.identity.value_or(net::host_name()),
                       options.version.value_or("Fairlead-" + building.site().version));
  }
  const auto shared = std::make_shared<const std::vector<Line>>(std::move(lines));
  building.step(make_query_tap(shared));
  building.observe(make_response_tap(shared));
  building.offer(make_forwarder_tap(shared));
}

}  // namespace

void read(corefile::Cursor& cursor, Plan& plan) {
  plan.make(
      [all = parse(cursor, plan.context())](Building& building) { make_taps(all, building); });
}

}  // namespace fairlead::plugins::dnstap
