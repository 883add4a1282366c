// What directives of a block give to those that are built after them.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include "dns/name.h"
#include "query/answer_store.h"
#include "query/labels.h"

namespace fairlead::plugins {

/// In seconds: how long clients may keep what is said of a zone.
struct LongestTtls {
  uint32_t success = UINT32_MAX;
  uint32_t denial = UINT32_MAX;
};

/// Hears which zones there are, and in which version. Used by the control thread.
class ZoneNews {
 public:
  virtual ~ZoneNews() = default;
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

  /// How long the cache would keep what is said of a zone: for steps whose answers it never sees.
  void limit_ttls(std::function<LongestTtls(const dns::Name& zone)> longest) {
    longest_ttls_ = std::move(longest);
  }
  [[nodiscard]] LongestTtls longest_ttls(const dns::Name& zone) const {
    return longest_ttls_ ? longest_ttls_(zone) : LongestTtls{};
  }

  /// Labels that the block has to tell of its questions, and which questions have any (metadata).
  void label(std::shared_ptr<const query::LabelSource> source) { labels_->add(std::move(source)); }
  [[nodiscard]] const std::shared_ptr<query::Labels>& labels() const { return labels_; }

  /// Wants to hear of the zones of the directives behind; null without.
  void offer(std::shared_ptr<ZoneNews> news) { zone_news_ = std::move(news); }
  [[nodiscard]] const std::shared_ptr<ZoneNews>& zone_news() const { return zone_news_; }

 private:
  std::shared_ptr<const query::AnswerStore> store_;
  std::shared_ptr<ZoneNews> zone_news_;
  std::function<LongestTtls(const dns::Name&)> longest_ttls_;
  const std::shared_ptr<query::Labels> labels_ = std::make_shared<query::Labels>();
};

}  // namespace fairlead::plugins
