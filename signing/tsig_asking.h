// A signed question, and its replies as whoever asks checks them (RFC 8945 §5.2–5.4).
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "signing/tsig.h"

namespace fairlead::signing {

class TsigDigest;

/// One question and its reply of one message or many. Used by one thread; `key` must outlive it.
/// Times are seconds since 1970.
class TsigAsking {
 public:
  TsigAsking(const TsigKey& key, TsigAlgorithm algorithm);
  ~TsigAsking();

  /// Puts the record behind `query`. False when no MAC can be made.
  [[nodiscard]] bool sign(std::vector<uint8_t>& query, uint64_t now);

  /// The next message of the reply: what is wrong with it, empty for nothing. The first must be
  /// signed, and one of any hundred.
  [[nodiscard]] std::string check(std::span<const uint8_t> message, uint64_t now);

  /// The last message was signed, as that of a whole reply must be.
  [[nodiscard]] bool is_closed() const { return is_closed_; }

 private:
  [[nodiscard]] std::string check_signed(std::span<const uint8_t> message, const dns::Tsig& tsig,
                                         uint64_t now);
  void begin_digest(std::span<const uint8_t> before);

  const TsigKey& key_;
  const TsigAlgorithm algorithm_;
  std::unique_ptr<TsigDigest> digest_;  // of what has come since the last MAC
  bool is_first_ = true;
  bool is_closed_ = false;
  unsigned unsigned_ = 0;  // messages since the last that was signed
};

}  // namespace fairlead::signing
