// The latest steps between versions of a zone, for those who have one of these versions (RFC 1995
// §5): bounded, the oldest go first.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "records/journal_step.h"

namespace fairlead::records {

/// Of all journals that have it. Any thread.
struct JournalCounts {
  std::atomic<size_t> octets = 0;
  std::atomic<size_t> steps = 0;
  std::atomic<uint64_t> overruns = 0;  // steps that went because others came
};

/// Of one zone. One thread changes it, any reads; a mutex is held for the time of a few pointers.
class Journal {
 public:
  static constexpr size_t kMostOctets = size_t{8} << 20;
  static constexpr size_t kMostSteps = 4096;

  /// All steps together take at most `most` octets.
  explicit Journal(std::shared_ptr<JournalCounts> counts, size_t most = kMostOctets)
      : counts_(std::move(counts)), most_(most) {}
  ~Journal() { clear(); }
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;

  /// What is here must lead to where `step` begins, else it goes. A step that is larger than all
  /// may be leaves none; `most` is another limit.
  void add(JournalStepPtr step, size_t most = SIZE_MAX);

  /// Nobody can be led on from the versions that were.
  void clear();

  /// The steps that lead from one version to another; none when these are not all here.
  [[nodiscard]] std::vector<JournalStepPtr> steps(uint32_t from, uint32_t to) const;

 private:
  void drop_oldest();

  const std::shared_ptr<JournalCounts> counts_;
  const size_t most_;
  mutable std::mutex mutex_;
  std::deque<JournalStepPtr> steps_;  // each begins where the one before ends
  size_t octets_ = 0;
};

}  // namespace fairlead::records
