// The nsid directive in a block's chain: in front of all others, so that whatever they say goes out
// with this server's name (RFC 5001).
#include "query/step.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dns/edns_option.h"
#include "net/host_name.h"
#include "plugins/building.h"
#include "plugins/nsid/setup.h"
#include "query/telling.h"
#include "query/walk.h"

namespace fairlead::plugins::nsid {
namespace {

class Nsid : public query::Step {
 public:
  explicit Nsid(std::string_view data) : data_(data.begin(), data.end()) {}

  // Only what a client receives has options.
  query::Turn ask(query::Walk& walk) const override {
    const dns::Query& received = walk.received();
    if (walk.telling() != nullptr && walk.depth() == 0) tell(*walk.telling());
    if (walk.depth() == 0 && received.has_edns &&
        dns::find_option(received.edns.options, dns::OptionCode::Nsid))
      walk.see_me();
    return query::Turn::Pass;
  }

  // What nobody has answered goes out without (CoreDNS).
  query::Turn see(query::Walk& walk, query::Note&) const override {
    if (walk.made_by() != 0) walk.answer().set_option(dns::OptionCode::Nsid, data_);
    return query::Turn::Done;
  }

 private:
  void tell(query::Telling& telling) const {
    telling.tell("adds the name '" + std::string(data_.begin(), data_.end()) +
                 "' to the reply when the query has the option NSID (dig +nsid)");
  }

  const std::vector<uint8_t> data_;
};

}  // namespace

void read(corefile::Cursor& cursor, Plan& plan) {
  plan.make([data = parse(cursor).data](Building& building) {
    building.step(std::make_unique<Nsid>(data.empty() ? net::host_name() : data));
  });
}

}  // namespace fairlead::plugins::nsid
