// What directives of a block give to those that are built after them.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "dns/name.h"
#include "query/answer_store.h"
#include "query/labels.h"

namespace fairlead::forward {
class Tap;
}

namespace fairlead::records {
class Journal;
}

namespace fairlead::plugins {

/// In seconds.
struct TtlRange {
  uint32_t shortest = 0;
  uint32_t longest = UINT32_MAX;

  /// 0 stays: it says "only for this question" (RFC 1035 §3.2.1).
  [[nodiscard]] uint32_t clamp(uint32_t ttl) const {
    return ttl == 0 ? 0 : std::min(std::max(ttl, shortest), longest);
  }
};

/// How long clients may keep what is said of a zone.
struct TtlRanges {
  TtlRange success;
  TtlRange denial;
};

/// Hears which zones there are, and in which version. Used by the control thread.
class ZoneNews {
 public:
  virtual ~ZoneNews() = default;
  /// A new one, for the differences between versions; null: nobody may have the zone.
  virtual std::shared_ptr<records::Journal> make_journal(const dns::Name& origin) = 0;
  /// When a block begins to be served, and again after each change; the same may be said twice.
  virtual void served(const dns::Name& origin, uint32_t serial) = 0;
};

/// Used by the control thread while a block is deployed.
class Offers {
 public:
  /// Where steps behind keep what comes from outside; null without.
  void offer(std::shared_ptr<const query::AnswerStore> store) { store_ = std::move(store); }
  [[nodiscard]] const std::shared_ptr<const query::AnswerStore>& answer_store() const {
    return store_;
  }

  /// Who sees what steps behind ask upstreams; null without dnstap.
  void offer(std::shared_ptr<const fairlead::forward::Tap> tap) { tap_ = std::move(tap); }
  [[nodiscard]] const std::shared_ptr<const fairlead::forward::Tap>& tap() const { return tap_; }

  /// How long the cache would keep what is said of a zone: for steps whose answers it never sees.
  void limit_ttls(std::function<TtlRanges(const dns::Name& zone)> ranges) {
    ttl_ranges_ = std::move(ranges);
  }
  [[nodiscard]] TtlRanges ttl_ranges(const dns::Name& zone) const {
    return ttl_ranges_ ? ttl_ranges_(zone) : TtlRanges{};
  }

  /// Answers with these rcodes are not the end: a step in front asks somebody else then, and they
  /// are not to be kept.
  void better(const std::vector<uint16_t>& rcodes) {
    bettered_.insert(bettered_.end(), rcodes.begin(), rcodes.end());
  }
  [[nodiscard]] const std::vector<uint16_t>& bettered() const { return bettered_; }

  /// Labels that the block has to tell of its questions, and which questions have any (metadata).
  void label(std::shared_ptr<const query::LabelSource> source) { labels_->add(std::move(source)); }
  [[nodiscard]] const std::shared_ptr<query::Labels>& labels() const { return labels_; }

  /// Wants to hear of the zones of the directives behind; null without.
  void offer(std::shared_ptr<ZoneNews> news) { zone_news_ = std::move(news); }
  [[nodiscard]] const std::shared_ptr<ZoneNews>& zone_news() const { return zone_news_; }

 private:
  std::shared_ptr<const query::AnswerStore> store_;
  std::shared_ptr<const fairlead::forward::Tap> tap_;
  std::function<TtlRanges(const dns::Name&)> ttl_ranges_;
  std::vector<uint16_t> bettered_;
  std::shared_ptr<ZoneNews> zone_news_;
  const std::shared_ptr<query::Labels> labels_ = std::make_shared<query::Labels>();
};

}  // namespace fairlead::plugins
