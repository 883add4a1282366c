#include "forward/exchange.h"

namespace fairlead::forward {
namespace {

// A token: 14 bits of index, 2 of the attempt, 16 of generation.
constexpr uint32_t kIndexBits = 14;
constexpr uint32_t kAttemptBits = 2;
static_assert(ExchangeTable::kCapacity <= uint32_t{1} << kIndexBits);
static_assert(Exchange::kAttempts <= uint32_t{1} << kAttemptBits);

}  // namespace

void ExchangeTable::grow() {
  blocks_.push_back(std::make_unique<Block>());
  Block& block = *blocks_.back();
  for (size_t i = kBlock; i-- > 0;) {
    Exchange& exchange = block[i];
    exchange.index = static_cast<uint32_t>((blocks_.size() - 1) * kBlock + i);
    exchange.timer.owner = &exchange;
    for (Attempt& attempt : exchange.attempts) attempt.exchange = &exchange;
    exchange.next = free_;
    free_ = &exchange;
  }
}

Exchange* ExchangeTable::take() {
  if (taken_ == kCapacity) return nullptr;
  if (free_ == nullptr) grow();
  Exchange* exchange = free_;
  free_ = exchange->next;
  exchange->next = nullptr;
  ++taken_;
  return exchange;
}

void ExchangeTable::give_back(Exchange& exchange) {
  ++exchange.generation;
  exchange.links = nullptr;
  exchange.asker = nullptr;
  exchange.asked = {};
  exchange.with_edns = 0;
  exchange.launched = 0;
  exchange.failed = 0;
  exchange.all_down = false;
  exchange.exhausted = false;
  exchange.waiting = false;
  exchange.kept.reset();
  exchange.error.clear();
  exchange.upstream = nullptr;
  exchange.next = free_;
  free_ = &exchange;
  --taken_;
}

uint32_t ExchangeTable::token(const Attempt& attempt) {
  const Exchange& exchange = *attempt.exchange;
  const auto number = static_cast<uint32_t>(&attempt - exchange.attempts.data());
  return exchange.index | number << kIndexBits |
         static_cast<uint32_t>(exchange.generation) << (kIndexBits + kAttemptBits);
}

Attempt* ExchangeTable::find(uint32_t token) {
  const size_t index = token & ((uint32_t{1} << kIndexBits) - 1);
  const size_t number = token >> kIndexBits & ((uint32_t{1} << kAttemptBits) - 1);
  if (index / kBlock >= blocks_.size() || number >= Exchange::kAttempts) return nullptr;
  Exchange& exchange = (*blocks_[index / kBlock])[index % kBlock];
  if (exchange.generation != token >> (kIndexBits + kAttemptBits)) return nullptr;
  Attempt& attempt = exchange.attempts[number];
  return attempt.state == Attempt::State::Stream ? &attempt : nullptr;
}

}  // namespace fairlead::forward
