// The log directive in a block: a line for each query that a rule is for.
#include "query/step.h"

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "plugins/building.h"
#include "plugins/log/format.h"
#include "plugins/log/json.h"
#include "plugins/log/setup.h"
#include "query/labels.h"
#include "query/walk.h"

namespace fairlead::plugins::log {
namespace {

// The labels of the block, and those of the reply that are log's own.
class Texts final : public LabelTexts {
 public:
  Texts(const query::Walk& walk, uint8_t reply_class, bool silent)
      : walk_(walk), class_(reply_class), silent_(silent) {}

  bool tell(std::string_view label, std::string& out) const override {
    const bool type = label == "log/type";
    if (!type && label != "log/class") return walk_.label(label, out);
    const dns::Query& query = walk_.received();
    if (!walk_.served().block->labels->has(query)) return false;
    out += !type     ? class_word(class_)
           : silent_ ? std::string_view("OTHERERROR")
                     : type_of(query, walk_.answer());
    return true;
  }

 private:
  const query::Walk& walk_;
  const uint8_t class_;
  const bool silent_;
};

class Log : public query::Observer {
 public:
  Log(const Options& options, net::LogSink& log) : filter_(options), log_(log) {}

  [[nodiscard]] bool reads_answer() const override { return true; }

  // A query that got nothing has no flags and no size.
  void replied(const query::Walk& walk, const query::Reply& reply) const override {
    const bool silent = reply.octets.size() < 4;
    const dns::Query& query = walk.received();
    const uint8_t reply_class = silent ? kError : classify(query, walk.answer());
    const auto* rule = filter_.find(query, reply_class);
    if (rule == nullptr) return;
    const Texts labels(walk, reply_class, silent);
    Entry entry = entry_of(walk, labels);
    entry.duration = std::chrono::nanoseconds(reply.took);
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
