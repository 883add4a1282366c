#include "metrics/family_set.h"

#include <prometheus/metric_family.h>

#include <algorithm>
#include <iterator>

namespace fairlead::metrics {

void FamilySet::collect(std::vector<prometheus::MetricFamily>& out) {
  std::ranges::move(others_, std::back_inserter(out));
  others_.clear();
  for (const auto& [name, family] : scalars_) family.collect(out);
  for (const auto& [name, family] : histograms_) family.collect(out);
}

}  // namespace fairlead::metrics
