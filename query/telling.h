// What steps say of a question that is explained rather than answered.
#pragma once

#include <string>
#include <string_view>

#include "dns/name.h"

namespace fairlead::query {

struct ServedZone;

/// Used by one thread.
class Telling {
 public:
  virtual ~Telling() = default;

  /// "  WHO  TEXT"; an empty `who` goes on with the line before.
  virtual void add(std::string_view who, std::string_view text) = 0;

  /// What the use of a directive that is asked now makes of the name; says where it is written.
  virtual void tell(const std::string& text) = 0;

  /// The rest is an upstream's to answer.
  virtual void leave_to_upstream() = 0;

  /// The client's question as it was typed, without a final dot unless there was one.
  [[nodiscard]] virtual const std::string& typed() const = 0;

  /// Said behind the answer.
  virtual void hint(std::string_view who, const std::string& text) = 0;

  // --- by the walk ---

  /// Another question is asked in between; `served` is null when nobody has the name.
  virtual void asks(dns::NameView name, const ServedZone* served) = 0;

  /// No step is left, or (not `handles`) there never was one.
  virtual void ran_out(bool handles) = 0;
};

}  // namespace fairlead::query
