// The any directive in a block's chain: a short answer to questions of type ANY (RFC 8482 §4.2).
#include "query/step.h"

#include <memory>
#include <string_view>
#include <vector>

#include "plugins/any/setup.h"
#include "plugins/building.h"
#include "query/walk.h"

namespace fairlead::plugins::any {
namespace {

constexpr uint32_t kTtl = 8482;

std::vector<uint8_t> hinfo(std::string_view cpu, std::string_view os) {
  std::vector<uint8_t> rdata;
  for (const std::string_view text : {cpu, os}) {
    rdata.push_back(static_cast<uint8_t>(text.size()));
    rdata.insert(rdata.end(), text.begin(), text.end());
  }
  return rdata;
}

class Any : public query::Step {
 public:
  query::Turn ask(query::Walk& walk) const override {
    if (walk.question().qtype != dns::RrType::Any) return query::Turn::Pass;
    if (walk.telling() != nullptr) walk.telling()->tell("answers type ANY with a HINFO record");
    walk.answer().add_raw(dns::Section::Answer, dns::kQname, dns::RrType::Hinfo, kTtl, rdata_);
    return query::Turn::Done;
  }

 private:
  const std::vector<uint8_t> rdata_ = hinfo("ANY obsoleted", "See RFC 8482");
};

}  // namespace

void read(corefile::Cursor& cursor, Plan& plan) {
  parse(cursor);
  plan.make([](Building& building) { building.step(std::make_unique<Any>()); });
}

}  // namespace fairlead::plugins::any
