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

namespace fairlead::plugins::log {

/// What {/LABEL} stands for.
class LabelTexts {
 public:
  /// Appends the value of `label`, any octets; false when there is none.
  virtual bool tell(std::string_view label, std::string& out) const = 0;

 protected:
  ~LabelTexts() = default;
};

/// What a line can tell. Used within one call.
struct Entry {
  const dns::Query& query;
  dns::IpAddress remote;
  uint16_t remote_port = 0;
  dns::IpAddress local;             // the address that was asked
  std::optional<dns::Rcode> rcode;  // empty: nothing was answered
  uint16_t reply_flags = 0;         // the third and fourth octet of the reply's header
  size_t response_size = 0;  // uncompressed_size() of the answer, which is what CoreDNS prints
  std::chrono::nanoseconds duration{};
  const LabelTexts* labels = nullptr;  // null: there are none
};

/// Appends what one field says, "-" when it has nothing to say; no Literal or Meta.
void append_field(Field field, const Entry& entry, std::string& out);
/// Appends all fields of the format.
void append_message(std::span<const Piece> format, const Entry& entry, std::string& out);

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
