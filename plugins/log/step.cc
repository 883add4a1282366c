// The log directive in a block: a line for each query that a rule is for.
#include "query/step.h"

#include <chrono>
#include <memory>
#include <string>

#include "plugins/building.h"
#include "plugins/log/format.h"
#include "plugins/log/json.h"
#include "plugins/log/setup.h"
#include "query/walk.h"

namespace fairlead::plugins::log {
namespace {

class Log : public query::Observer {
 public:
  Log(const Options& options, net::LogSink& log) : filter_(options), log_(log) {}

  [[nodiscard]] bool reads_answer() const override { return true; }

  // A query that got nothing has no flags and no size.
  void replied(const query::Walk& walk, const query::Reply& reply) const override {
    const bool silent = reply.octets.size() < 4;
    const dns::Query& query = walk.received();
    const auto* rule = filter_.find(query, silent ? kError : classify(query, walk.answer()));
    if (rule == nullptr) return;
    Entry entry{
        .query = query,
        .remote = walk.peers().client.address,
        .remote_port = walk.peers().client.port,
        .local = walk.peers().local.address,
        .duration = std::chrono::nanoseconds(reply.took),
    };
    if (!silent) {
      entry.rcode = reply.rcode;
      entry.reply_flags = static_cast<uint16_t>(reply.octets[2] << 8 | reply.octets[3]);
      entry.response_size = reply.many ? reply.size : uncompressed_size(query, walk.answer());
    }
    thread_local std::string line;  // kept for its memory
    line.clear();
    if (log_.format() == net::LogFormat::Json) {
      append_json_line(rule->format, entry, std::chrono::system_clock::now(), line);
    } else {
      append_line(rule->format, entry, line);
    }
    log_.write_lines(line);
  }

 private:
  const Filter filter_;
  net::LogSink& log_;
};

}  // namespace

void read(corefile::Cursor& cursor, Plan& plan) {
  plan.make([options = parse(cursor)](Building& building) {
    building.observe(std::make_unique<Log>(options, building.log()));
  });
}

}  // namespace fairlead::plugins::log
