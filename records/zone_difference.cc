#include "records/zone_difference.h"

#include <algorithm>

#include "records/journal.h"

namespace fairlead::records {
namespace {

using Node = Zone::Node;

// What is in both is in it, too, for the names that differ.
constexpr size_t kMostCompared = 4 * Journal::kMostOctets;

class Comparison {
 public:
  Comparison(const Zone& earlier, const Zone& later) : earlier_(earlier), later_(later) {}

  JournalStepPtr run() {
    add_earlier(earlier_.apex());
    add_later(later_.apex());
    for (size_t i = 1, k = 1; i < earlier_.name_count() || k < later_.name_count();) {
      if (builder_.octets() > kMostCompared) return nullptr;
      const int order = compare(i, k);
      if (order == 0 && !is_same(earlier_.node(i), later_.node(k))) {
        add_earlier(earlier_.node(i));
        add_later(later_.node(k));
      }
      if (order < 0) add_earlier(earlier_.node(i));
      if (order > 0) add_later(later_.node(k));
      i += order <= 0 ? 1 : 0;
      k += order >= 0 ? 1 : 0;
    }
    return builder_.finish();
  }

 private:
  // Which name comes first; behind the last there is none.
  [[nodiscard]] int compare(size_t i, size_t k) const {
    if (i == earlier_.name_count()) return 1;
    if (k == later_.name_count()) return -1;
    return compare_names(earlier_.name(earlier_.node(i)), later_.name(later_.node(k)));
  }

  [[nodiscard]] bool is_same(const Node& a, const Node& b) const {
    const RecordsOfName left = earlier_.records(a), right = later_.records(b);
    return std::equal(left.begin(), left.end(), right.begin(), right.end(),
                      [](const ZoneRecord& x, const ZoneRecord& y) {
                        return x.type == y.type && x.ttl == y.ttl &&
                               std::ranges::equal(x.rdata, y.rdata);
                      });
  }

  void add_earlier(const Node& node) {
    for (const ZoneRecord record : earlier_.records(node))
      builder_.add_earlier({earlier_.name(node), record.type, record.ttl, record.rdata});
  }
  void add_later(const Node& node) {
    for (const ZoneRecord record : later_.records(node))
      builder_.add_later({later_.name(node), record.type, record.ttl, record.rdata});
  }

  const Zone& earlier_;
  const Zone& later_;
  StepBuilder builder_;
};

}  // namespace

JournalStepPtr difference(const Zone& earlier, const Zone& later) {
  return Comparison(earlier, later).run();
}

}  // namespace fairlead::records
