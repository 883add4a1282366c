// Labels: what is known of a question beside its answer, as text under a name like
// "kubernetes/namespace". Nothing is kept of them: a value is made when somebody asks for it.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dns/name.h"
#include "dns/query.h"
#include "net/endpoint.h"

namespace fairlead::query {

class Live;
class Walk;

/// A question of which something is to be told: while it is looked for a block, or while it is
/// answered there. Used within one call, on the worker's thread.
struct Asked {
  const dns::Query& query;
  const net::Peers& peers;
  const Live& live;
  const Walk* walk = nullptr;  // null before a block has it
};

/// A directive that has labels to tell. Constant and shared: any thread.
class LabelSource {
 public:
  virtual ~LabelSource() = default;

  /// Appends the value of `label`, any octets. False, and nothing appended, when this question has
  /// none here.
  virtual bool tell(std::string_view label, const Asked& asked, std::string& out) const = 0;
};

/// The labels of one block. Constant once it is served.
class Labels {
 public:
  /// Questions at or below these names have labels (metadata); without a call none has.
  void tell_of(std::vector<dns::Name> zones) { zones_ = std::move(zones); }
  /// The first source that has a label is heard.
  void add(std::shared_ptr<const LabelSource> source) { sources_.push_back(std::move(source)); }

  [[nodiscard]] bool has(const dns::Query& query) const;

  /// As LabelSource::tell().
  bool tell(std::string_view label, const Asked& asked, std::string& out) const;

 private:
  std::vector<dns::Name> zones_;  // lower case
  std::vector<std::shared_ptr<const LabelSource>> sources_;
};

}  // namespace fairlead::query
