// One query and its reply -> one log line. Pure: the caller keeps the clock and writes the line.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dns/address.h"
#include "dns/answer.h"
#include "dns/query.h"
#include "plugins/log/setup.h"
#include "plugins/message_text.h"

namespace fairlead::plugins::log {

/// Appends "[INFO] ", the line and a newline. Does not allocate while `out` has room for it.
/// Nothing a client sends can break the line: names are escaped, and control characters of the
/// format become spaces.
void append_line(std::span<const Piece> format, const Entry& entry, std::string& out);

/// Which of kSuccess, kDenial and kError the reply is: success has data or a referral (or is an
/// empty NOERROR without a SOA), denial is NXDOMAIN or NODATA with its SOA, error is the rest.
uint8_t classify(const dns::Query& query, const dns::Answer& answer);

/// "NXDOMAIN", "NODATA", …: the label log/type.
std::string_view type_of(const dns::Query& query, const dns::Answer& answer);
/// "success", "denial", "error": the label log/class, for a bit of Rule::classes.
std::string_view class_word(uint8_t reply_class);

/// The octets of question and records without compression, OPT not counted.
size_t uncompressed_size(const dns::Query& query, const dns::Answer& answer);

/// The rules of one server block, ready to be asked. Constant after construction: any thread.
class Filter {
 public:
  explicit Filter(const Options& options);

  /// The rule that logs a reply of `reply_class` to this query, or nullptr. The first rule whose
  /// zone holds the name decides.
  [[nodiscard]] const Rule* find(const dns::Query& query, uint8_t reply_class) const;

 private:
  struct Scope {
    dns::Name zone;
    Rule rule;
  };
  std::vector<Scope> scopes_;
};

}  // namespace fairlead::plugins::log
