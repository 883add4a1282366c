#include "plugins/etcd/listing.h"

#include <stdexcept>

namespace fairlead::plugins::etcd {
namespace {

constexpr size_t kMostPage = 32U << 20U;
constexpr size_t kFirstPage = 1000;

}  // namespace

Listing::Listing(Gateway& gateway, const std::vector<std::string>& paths, Hooks hooks)
    : gateway_(gateway), paths_(paths), hooks_(std::move(hooks)) {
  for (const std::string& path : paths_)
    ranges_.push_back({path, all_beginning_with(path.ends_with('/') ? path : path + '/').end});
}

bool Listing::belongs(size_t number, const std::string& key) const {
  const std::string& path = paths_[number];
  return key.starts_with(path) &&
         (key.size() == path.size() || path.ends_with('/') || key[path.size()] == '/');
}

void Listing::begin() {
  at_ = 0;
  from_ = ranges_[0].begin;
  header_ = {};
  page_ = kFirstPage;
  ask();
}

void Listing::ask() try {
  reply_.expect(kMostPage, [this] { answered(); });
  exchange_ =
      gateway_.post("/v3/kv/range",
                    range_request({from_, ranges_[at_].end}, page_, header_.revision), {}, reply_);
} catch (const std::runtime_error& error) {
  hooks_.done(0, error.what());
}

void Listing::answered() {
  exchange_.reset();
  hooks_.heard(reply_.code());
  if (reply_.too_large() && page_ > 1) {
    page_ /= 2;
    return ask();
  }
  const auto page = reply_.good() ? read_range(reply_.text()) : std::nullopt;
  if (!page) return refused();
  if (header_.revision == 0) header_ = page->header;
  for (const KeyValue& key : page->keys)
    if (belongs(at_, key.key)) hooks_.take(key);
  if (page->more && !page->keys.empty()) {
    from_ = page->keys.back().key + '\0';
    return ask();
  }
  if (++at_ == ranges_.size()) return hooks_.done(reply_.status(), {});
  from_ = ranges_[at_].begin;
  ask();
}

// Rights are often given for what lies below a path.
void Listing::refused() {
  const std::string text = reply_.good() ? "the reply is none of etcd" : reply_.trouble();
  std::string& begin = ranges_[at_].begin;
  if (text.find("permission denied") != std::string::npos && !begin.ends_with('/')) {
    begin += '/';
    from_ = begin;
    return ask();
  }
  hooks_.done(reply_.status(), "reading " + begin + ": " + text);
}

}  // namespace fairlead::plugins::etcd
