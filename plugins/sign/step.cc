// The sign directive in a block: no step of its chain, zones that are kept signed while it is
// served.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "plugins/building.h"
#include "plugins/sign/setup.h"
#include "plugins/sign/signer.h"

namespace fairlead::plugins::sign {
namespace {

// A zone that is kept signed over reloads that change nothing about it.
struct Kept {
  std::string identity;
  std::shared_ptr<Signer> signer;
};

std::string identity_of(const Options& options) {
  std::string text =
      dns::to_text(options.origin.view()) + " " + options.path + " " + options.signed_path;
  for (const auto& key : options.keys) {
    text += " ";
    text.append(key->rdata().begin(), key->rdata().end());
  }
  return text;
}

// Made with the configuration, at work once it is served.
void keep_signed(const Options& options, Building& building) {
  if (options.keys.empty()) return;
  const std::string identity = identity_of(options);
  const auto kept = building.keep<Kept>(
      [&](const Kept& other) { return other.identity == identity; },
      [&] {
        return std::make_shared<Kept>(Kept{
            identity, std::make_shared<Signer>(options, building.site().control, building.log())});
      });
  building.while_served([kept]() -> std::shared_ptr<void> {
    kept->signer->start();
    return kept;
  });
}

}  // namespace

void read(corefile::Cursor& cursor, Plan& plan) {
  const std::vector<Options> all = parse(cursor, plan.context());
  for (const Options& options : all) plan.identify(identity_of(options));
  plan.make([all](Building& building) {
    if (building.explaining() != nullptr) return;
    for (const Options& options : all) keep_signed(options, building);
  });
}

}  // namespace fairlead::plugins::sign
