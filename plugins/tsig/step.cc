// The tsig directive in a block's chain: checks signatures on their way in, and signs replies as
// octets on their way out.
#include "query/step.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "dns/render.h"
#include "plugins/building.h"
#include "plugins/tsig/setup.h"
#include "plugins/tsig/signer.h"
#include "query/telling.h"
#include "query/walk.h"

namespace fairlead::plugins::tsig {
namespace {

using dns::Rcode;
using query::Turn;
using query::Walk;

class TsigStep : public query::Step {
 public:
  explicit TsigStep(std::shared_ptr<const Signer> signer) : signer_(std::move(signer)) {}

  // Once for each question of a client: what is asked in between is asked by us.
  Turn ask(Walk& walk) const override {
    const bool ours = signer_->is_for(walk.question().lower_qname.view());
    if (walk.telling() != nullptr) {
      tell(ours, walk.received(), *walk.telling());
      return Turn::Pass;
    }
    if (!ours || !walk.is_clients() || !walk.has_client() || !walk.sealing().empty())
      return Turn::Pass;
    const Rcode rcode = signer_->check(walk.received(), walk.packet(), walk.sealing());
    if (!walk.sealing().empty()) {
      walk.seal_me(leave_room(walk));
    }
    return rcode == Rcode::NoError ? Turn::Pass : walk.fail(rcode);
  }

  [[nodiscard]] size_t seal(const Walk& walk, std::span<uint8_t> out, size_t size) const override {
    const Signer::Room room = Signer::room(walk.sealing());
    if (size + room.signature > std::min(out.size(), room.reply)) size = truncate(walk, out);
    return signer_->sign(walk.sealing(), out, size);
  }

 private:
  // For how many octets in front of the signature there is room.
  static size_t leave_room(Walk& walk) {
    const Signer::Room room = Signer::room(walk.sealing());
    const size_t left = room.reply > room.signature ? room.reply - room.signature : 0;
    if (walk.received().transport == dns::Transport::Udp)
      walk.limit_udp_size(static_cast<uint16_t>(left));
    return left;
  }

  // The client asks again over TCP (RFC 8945 §5.3).
  static size_t truncate(const Walk& walk, std::span<uint8_t> out) {
    dns::Answer cut;
    cut.rcode = walk.answer().rcode;
    cut.truncated = true;
    return dns::render(walk.received(), cut, out);
  }

  void tell(bool ours, const dns::Query& query, query::Telling& telling) const {
    if (!ours) return telling.tell("is not for this name");
    telling.tell(signer_->is_required(query)
                     ? "refuses queries that are not signed with a known key"
                     : "checks the query if it is signed, and signs the reply then");
  }

  const std::shared_ptr<const Signer> signer_;
};

// What the Corefile's words do not tell.
std::string identity_of(const Options& options) {
  std::string text;
  for (const signing::TsigKey& key : options.keys) {
    text += dns::to_text(key.name.view()) + " ";
    text.append(key.secret.begin(), key.secret.end());
  }
  return text;
}

}  // namespace

void read(corefile::Cursor& cursor, Plan& plan) {
  const Options options = parse(cursor, plan.context());
  plan.identify(identity_of(options));
  plan.keys_known = options.keys;
  plan.make([options](Building& building) {
    const auto signer = std::make_shared<const Signer>(options);
    building.sign_with(signer);
    building.step(std::make_unique<TsigStep>(signer));
  });
}

}  // namespace fairlead::plugins::tsig
