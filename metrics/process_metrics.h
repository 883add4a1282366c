// The process_* families, as Prometheus' Go client names them, read from /proc.
#pragma once

#include <vector>

namespace prometheus {
struct MetricFamily;
}

namespace fairlead::metrics {

/// Appends what can be read now; a file that cannot be read leaves its families out. Any thread.
void collect_process(std::vector<prometheus::MetricFamily>& out);

}  // namespace fairlead::metrics
