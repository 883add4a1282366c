// What a directive signs with a key of the block's tsig: the option `key NAME [ALGORITHM]`.
#pragma once

#include <span>

#include "corefile/cursor.h"
#include "signing/tsig.h"

namespace fairlead::plugins {

struct SignedWith {
  signing::TsigKey key;  // its secret is that of the block's tsig
  signing::TsigAlgorithm algorithm = signing::TsigAlgorithm::Sha256;

  friend bool operator==(const SignedWith&, const SignedWith&) = default;
};

/// What the option's line says. `keys` are those of the block's tsig, with those of its files when
/// `complete`; else a key that is not among them is one without a secret. Throws
/// corefile::ConfigError.
SignedWith signed_with(corefile::Cursor& cursor, std::span<const signing::TsigKey> keys,
                       bool complete);

}  // namespace fairlead::plugins
