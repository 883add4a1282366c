// The chaos directive in a block's chain: TXT records of class CH about the server (RFC 4892).
#include "query/step.h"

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <utility>

#include "net/host_name.h"
#include "plugins/building.h"
#include "plugins/chaos/setup.h"
#include "query/telling.h"
#include "query/walk.h"

namespace fairlead::plugins::chaos {
namespace {

using query::Turn;
using query::Walk;

dns::Name name_of(std::string_view text) {
  return dns::Name::from_text(text).value_or(dns::Name());
}

class Chaos : public query::Step {
 public:
  explicit Chaos(Options options) : options_(std::move(options)) {}

  Turn ask(Walk& walk) const override {
    const Turn turn = answer(walk);
    if (walk.telling() != nullptr) {
      walk.telling()->tell(turn == Turn::Done
                               ? "answers what is asked about the server itself"
                               : "is for version.bind, id.server and their like in class CH: "
                                 "passed on");
    }
    return turn;
  }

 private:
  [[nodiscard]] Turn answer(Walk& walk) const {
    const dns::Query& question = walk.question();
    if (question.qclass != dns::RrClass::Ch || question.qtype != dns::RrType::Txt)
      return Turn::Pass;
    if (std::ranges::find(version_names_, question.lower_qname) != version_names_.end())
      return say(walk, options_.version);
    if (std::ranges::find(host_names_, question.lower_qname) != host_names_.end())
      return say(walk, host_name_);
    return question.lower_qname == authors_name_ ? say_authors(walk) : Turn::Pass;
  }

  static Turn say(Walk& walk, std::string_view text) {
    walk.answer().record_class = dns::RrClass::Ch;
    walk.answer().add_txt(dns::kQname, 0, text);
    return Turn::Done;
  }

  // In any order: nobody is the first.
  Turn say_authors(Walk& walk) const {
    for (const std::string& author : options_.authors) say(walk, author);
    const auto records = walk.answer().records();
    for (size_t left = records.size(); left > 1; --left)
      std::swap(records[left - 1],
                records[walk.worker().random().below(static_cast<uint32_t>(left))]);
    return Turn::Done;
  }

  const Options options_;
  const std::string host_name_ = net::host_name();
  const std::array<dns::Name, 2> version_names_ = {name_of("version.bind."),
                                                   name_of("version.server.")};
  const std::array<dns::Name, 2> host_names_ = {name_of("hostname.bind."), name_of("id.server.")};
  const dns::Name authors_name_ = name_of("authors.bind.");
};

void make_step(Options options, Building& building) {
  if (options.version.empty()) options.version = "Fairlead-" + building.site().version;
  building.take_other_classes();
  building.step(std::make_unique<Chaos>(std::move(options)));
}

}  // namespace

void read(corefile::Cursor& cursor, Plan& plan) {
  plan.make([options = parse(cursor)](Building& building) { make_step(options, building); });
}

}  // namespace fairlead::plugins::chaos
