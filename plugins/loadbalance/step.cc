// The loadbalance directive in a block's chain: an order for whatever the answer will be.
#include "query/step.h"

#include <memory>
#include <utility>
#include <vector>

#include "plugins/building.h"
#include "plugins/loadbalance/setup.h"
#include "plugins/loadbalance/shuffle.h"
#include "plugins/loadbalance/weight_source.h"
#include "plugins/loadbalance/weights.h"
#include "query/walk.h"

namespace fairlead::plugins::loadbalance {
namespace {

using query::Turn;
using query::Walk;

class RoundRobin : public query::Step, private query::Arranger {
 public:
  explicit RoundRobin(std::vector<corefile::Subnet> prefer) : prefer_(std::move(prefer)) {}

  // Preferred addresses come first whatever the order: then the answer must be seen.
  Turn ask(Walk& walk) const override {
    walk.arrange(*this);
    if (!prefer_.empty()) walk.see_me();
    return Turn::Pass;
  }

 private:
  void arrange(dns::Answer& answer, uint64_t seed) const override {
    shuffle(answer, seed);
    if (!prefer_.empty()) prefer(answer, prefer_);
  }

  const std::vector<corefile::Subnet> prefer_;
};

class Weighted : public query::Step {
 public:
  explicit Weighted(std::shared_ptr<const WeightSource> source) : source_(std::move(source)) {}

  Turn ask(Walk& walk) const override {
    const dns::RrType type = walk.question().qtype;
    if (type == dns::RrType::A || type == dns::RrType::Aaaa || type == dns::RrType::Srv)
      walk.see_me();
    return Turn::Pass;
  }

  Turn see(Walk& walk, query::Note&) const override {
    static const Weights kAlike;
    const Weights* const weights = walk.live(source_->at());
    put_drawn_first(walk.answer(), walk.question().qname, weights != nullptr ? *weights : kAlike,
                    walk.worker().random());
    return Turn::Done;
  }

 private:
  const std::shared_ptr<const WeightSource> source_;
};

// A file that is not looked at again is read anew by every configuration that names it.
std::shared_ptr<const WeightSource> source_of(const WeightFile& file, Building& building) {
  return building.keep<WeightSource>(
      [&](const WeightSource& other) { return other.file() == file && file.reload.count() != 0; },
      [&] {
        auto made = std::make_shared<WeightSource>(file, building.site().control, building.log(),
                                                   building.live<Weights>());
        made->start();
        return made;
      });
}

}  // namespace

void read(corefile::Cursor& cursor, Plan& plan) {
  const Options options = parse(cursor, plan.context());
  if (options.weighted)
    plan.check([file = *options.weighted](std::vector<std::string>&) { check_weights(file); });
  plan.make([options](Building& building) {
    if (!options.weighted || building.explaining() != nullptr)
      return building.step(std::make_unique<RoundRobin>(options.prefer));
    building.step(std::make_unique<Weighted>(source_of(*options.weighted, building)));
  });
}

}  // namespace fairlead::plugins::loadbalance
