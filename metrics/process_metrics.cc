#include "metrics/process_metrics.h"

#include <dirent.h>
#include <prometheus/metric_family.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>

namespace fairlead::metrics {

namespace {

using prometheus::MetricFamily;
using prometheus::MetricType;

void push(std::vector<MetricFamily>& out, MetricType type, const char* name, const char* help,
          double value) {
  MetricFamily family;
  family.name = name;
  family.help = help;
  family.type = type;
  prometheus::ClientMetric metric;
  (type == MetricType::Counter ? metric.counter.value : metric.gauge.value) = value;
  family.metric.push_back(metric);
  out.push_back(std::move(family));
}

// Seconds since 1970 at which the machine started, 0 when unknown.
double boot_time() {
  std::ifstream file("/proc/stat");
  std::string word;
  double value = 0;
  while (file >> word) {
    if (word == "btime" && file >> value) return value;
  }
  return 0;
}

// proc(5), /proc/PID/stat: the fields behind the command's closing parenthesis, which may itself
// hold anything.
std::vector<double> stat_fields() {
  std::ifstream file("/proc/self/stat");
  std::string line;
  std::getline(file, line);
  const size_t command_end = line.rfind(')');
  std::vector<double> fields;
  if (command_end == std::string::npos) return fields;
  std::istringstream rest(line.substr(command_end + 1));
  std::string state;
  rest >> state;
  for (double field = 0; rest >> field;) fields.push_back(field);
  return fields;
}

void collect_stat(std::vector<MetricFamily>& out) {
  // Counted from the fourth field of the file, ppid.
  constexpr size_t kUserTime = 10;
  constexpr size_t kSystemTime = 11;
  constexpr size_t kThreads = 16;
  constexpr size_t kStartTime = 18;
  constexpr size_t kVirtualSize = 19;
  constexpr size_t kResidentPages = 20;
  const std::vector<double> fields = stat_fields();
  if (fields.size() <= kResidentPages) return;
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  const auto page = static_cast<double>(sysconf(_SC_PAGESIZE));
  push(out, MetricType::Counter, "process_cpu_seconds_total",
       "Total user and system CPU time spent in seconds.",
       (fields[kUserTime] + fields[kSystemTime]) / ticks);
  push(out, MetricType::Gauge, "process_resident_memory_bytes", "Resident memory size in bytes.",
       fields[kResidentPages] * page);
  push(out, MetricType::Gauge, "process_virtual_memory_bytes", "Virtual memory size in bytes.",
       fields[kVirtualSize]);
  // Dashboards made for CoreDNS plot this name.
  push(out, MetricType::Gauge, "go_goroutines",
       "Number of threads: here nothing else runs side by side.", fields[kThreads]);
  if (const double boot = boot_time(); boot > 0) {
    push(out, MetricType::Gauge, "process_start_time_seconds",
         "Start time of the process since unix epoch in seconds.",
         boot + fields[kStartTime] / ticks);
  }
}

void collect_limits(std::vector<MetricFamily>& out) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    push(out, MetricType::Gauge, "process_max_fds", "Maximum number of open file descriptors.",
         static_cast<double>(limit.rlim_cur));
  }
  if (getrlimit(RLIMIT_AS, &limit) == 0) {
    push(out, MetricType::Gauge, "process_virtual_memory_max_bytes",
         "Maximum amount of virtual memory available in bytes.",
         static_cast<double>(limit.rlim_cur));
  }
}

void collect_descriptors(std::vector<MetricFamily>& out) {
  DIR* folder = opendir("/proc/self/fd");
  if (folder == nullptr) return;
  int open = 0;
  while (const dirent* entry = readdir(folder)) {  // NOLINT(concurrency-mt-unsafe): own stream
    if (entry->d_name[0] != '.') ++open;
  }
  closedir(folder);
  // The folder itself was open while it was read.
  push(out, MetricType::Gauge, "process_open_fds", "Number of open file descriptors.", open - 1);
}

// All interfaces of the network namespace together: what the Go client reports under these names.
void collect_network(std::vector<MetricFamily>& out) {
  std::ifstream file("/proc/self/net/dev");
  std::string line;
  double received = 0;
  double sent = 0;
  bool any = false;
  while (std::getline(file, line)) {
    const size_t colon = line.find(':');
    if (colon == std::string::npos) continue;
    std::istringstream columns(line.substr(colon + 1));
    std::vector<double> values;
    for (double value = 0; columns >> value;) values.push_back(value);
    constexpr size_t kSent = 8;
    if (values.size() <= kSent) continue;
    received += values[0];
    sent += values[kSent];
    any = true;
  }
  if (!any) return;
  push(out, MetricType::Counter, "process_network_receive_bytes_total",
       "Number of bytes received by the process over the network.", received);
  push(out, MetricType::Counter, "process_network_transmit_bytes_total",
       "Number of bytes sent by the process over the network.", sent);
}

}  // namespace

void collect_process(std::vector<MetricFamily>& out) {
  collect_stat(out);
  collect_limits(out);
  collect_descriptors(out);
  collect_network(out);
}

}  // namespace fairlead::metrics
