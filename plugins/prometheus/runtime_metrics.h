// What dashboards made for the Go runtime plot, as far as it can be told of a program without one.
#pragma once

#include <cstddef>

#include "metrics/family_set.h"

namespace fairlead::plugins::prometheus {

/// Adds the families of `runtime_metrics`, of the process as a whole: once, whoever asks. Looks
/// through the allocator's free lists, and holds its locks in turn meanwhile.
void collect_runtime(size_t workers, metrics::FamilySet& families);

}  // namespace fairlead::plugins::prometheus
