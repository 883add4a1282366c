#include "plugins/etcd/source.h"

#include <chrono>

#include "corefile/duration.h"
#include "dns/printable.h"

namespace fairlead::plugins::etcd {
namespace {

constexpr size_t kMostText = 512;

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : " ") + text;
  return all;
}

}  // namespace

Source::Source(const MirrorOptions& options, net::LogSink& log, std::unique_ptr<Place> place,
               const Mirroring& mirroring)
    : options_(options), log_(log), place_(std::move(place)), thread_(log, "etcd", "mirror") {
  const auto publish_it = [this](std::shared_ptr<const Tree> tree) { publish(std::move(tree)); };
  mirror_ = mirroring.make(thread_.context(), options_, publish_it, *this);
}

Source::~Source() {
  thread_.end([this] { mirror_->stop(); });
}

void Source::start() {
  thread_.start("fl-etcd", [this] { mirror_->start(); });
}

void Source::publish(std::shared_ptr<const Tree> tree) {
  {
    const std::lock_guard lock(mutex_);
    keys_ = tree->size();
  }
  place_->publish(std::move(tree));
  synced_.store(true);
}

void Source::log(net::LogLevel level, const std::string& text) {
  log_.write(level, "etcd", text);
}

void Source::skipped(const std::string& reason) {
  const std::lock_guard lock(mutex_);
  ++skipped_[reason];
}

void Source::requested(const std::string& operation, const std::string& code) {
  const std::lock_guard lock(mutex_);
  ++requested_[{operation, code}];
}

void Source::listed(const std::string& reason) {
  const std::lock_guard lock(mutex_);
  ++listed_[reason];
}

void Source::heard() {
  const std::lock_guard lock(mutex_);
  heard_ = net::Clock::now();
}

void Source::trouble(const std::string& text) {
  std::string line = dns::one_line(text.substr(0, kMostText));
  if (text.size() > kMostText) line += "...";
  const std::lock_guard lock(mutex_);
  trouble_ = std::move(line);
}

std::string Source::trouble_line() const {
  const std::lock_guard lock(mutex_);
  return trouble_.empty() ? std::string() : "\netcd: " + trouble_;
}

std::vector<StatusLine> Source::status() const {
  const std::string servers = joined(options_.connection.endpoints);
  const std::lock_guard lock(mutex_);
  std::string text = servers + ", " + joined(options_.paths) + ": ";
  if (synced()) {
    text += std::to_string(keys_) + " keys";
  } else {
    text += "not read yet";
  }
  if (heard_ != net::Clock::time_point()) {
    const auto ago = std::chrono::floor<std::chrono::seconds>(net::Clock::now() - heard_);
    text += ", last heard of " + corefile::format_duration(ago) + " ago";
  }
  std::vector<StatusLine> lines{{"etcd", std::move(text)}};
  if (!trouble_.empty()) lines.push_back({"", trouble_});
  return lines;
}

// Directives that share their etcd tell the same, and it counts once.
void Source::collect(metrics::FamilySet& families) const {
  const std::string server = options_.connection.endpoints.front(), path = joined(options_.paths);
  const std::vector<std::string> names{"endpoint", "path"};
  const metrics::LabelValues values{server, path};
  const std::lock_guard lock(mutex_);
  families
      .gauge({"fairlead_etcd_synced", "1 once all keys were read; before, the zones are SERVFAIL.",
              names})
      .set(values, synced() ? 1 : 0);
  families.gauge({"fairlead_etcd_keys", "Keys that are kept.", names})
      .set(values, static_cast<double>(keys_));
  families.gauge({"fairlead_etcd_up", "1 unless the last attempt to read etcd has failed.", names})
      .set(values, trouble_.empty() ? 1 : 0);
  auto& skipped = families.counter({"fairlead_etcd_skipped_keys_total",
                                    "Keys that were left out, by what is wrong with them.",
                                    {"endpoint", "path", "reason"}});
  for (const auto& [reason, count] : skipped_)
    skipped.raise({server, path, reason}, static_cast<double>(count));
  auto& listed = families.counter({"fairlead_etcd_lists_total",
                                   "How often all keys were read.",
                                   {"endpoint", "path", "reason"}});
  for (const auto& [reason, count] : listed_)
    listed.raise({server, path, reason}, static_cast<double>(count));
  auto& requests = families.counter({"fairlead_etcd_requests_total",
                                     "Requests to etcd, by the code of the response.",
                                     {"endpoint", "path", "operation", "code"}});
  for (const auto& [request, count] : requested_)
    requests.raise({server, path, request.first, request.second}, static_cast<double>(count));
}

}  // namespace fairlead::plugins::etcd
