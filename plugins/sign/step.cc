// The sign directive in a block: no step of its chain, zones that are kept signed while it is
// served.
#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "plugins/building.h"
#include "plugins/kept_files.h"
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

// One line has each signed file, and those that say the same: two would take turns in writing it.
KeptFile kept_file(const Options& options) {
  return {.directive = "sign",
          .path = options.signed_path,
          .content = identity_of(options),
          .advice =
              "nothing is signed here, a zone with another file or other keys needs another "
              "directory",
          .at = options.at,
          .may_go_without = true};
}

// Made with the configuration, at work once it is served.
void keep_signed(const Options& options, Building& building) {
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
  std::vector<Options> all = parse(cursor, plan.context());
  for (const Options& options : all) plan.identify(identity_of(options));
  std::erase_if(all, [](const Options& options) { return options.keys.empty(); });
  const size_t first = plan.files_kept.size();
  for (const Options& options : all) plan.files_kept.push_back(kept_file(options));
  plan.make([all, first](Building& building) {
    if (building.explaining() != nullptr) return;
    for (size_t i = 0; i < all.size(); ++i) {
      if (!building.plan().files_kept[first + i].goes_without) keep_signed(all[i], building);
    }
  });
}

}  // namespace fairlead::plugins::sign
