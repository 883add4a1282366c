// What transfers are signed with.
#pragma once

#include "signing/tsig.h"

namespace fairlead::plugins::secondary {

struct SignedWith {
  signing::TsigKey key;  // its secret is that of the block's tsig
  signing::TsigAlgorithm algorithm = signing::TsigAlgorithm::Sha256;

  friend bool operator==(const SignedWith&, const SignedWith&) = default;
};

}  // namespace fairlead::plugins::secondary
