#include "plugins/prometheus/runtime_metrics.h"

#include <malloc.h>

namespace fairlead::plugins::prometheus {
namespace {

void gauge(metrics::FamilySet& families, const char* name, const char* help, size_t value) {
  families.gauge({name, help, {}}, static_cast<double>(value));
}

}  // namespace

void collect_runtime(size_t workers, metrics::FamilySet& families) {
  const auto info = mallinfo2();
  // Large blocks lie outside the arenas, each in a mapping of its own.
  const size_t in_use = info.uordblks + info.hblkhd;
  const size_t mapped = info.arena + info.hblkhd;
  gauge(families, "go_memstats_alloc_bytes", "Number of bytes allocated and in use.", in_use);
  gauge(families, "go_memstats_heap_alloc_bytes", "Number of bytes allocated and in use.", in_use);
  gauge(families, "go_memstats_heap_inuse_bytes", "Number of bytes allocated and in use.", in_use);
  gauge(families, "go_memstats_heap_idle_bytes", "Number of bytes that the allocator has free.",
        info.fordblks);
  gauge(families, "go_memstats_heap_sys_bytes",
        "Number of bytes that the allocator has from the system.", mapped);
  gauge(families, "go_memstats_sys_bytes",
        "Number of bytes that the allocator has from the system.", mapped);
  gauge(families, "go_sched_gomaxprocs_threads", "Number of threads that answer questions.",
        workers);
}

}  // namespace fairlead::plugins::prometheus
