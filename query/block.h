// A server block as workers use it: its chain of steps, and who sees the replies.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "query/labels.h"
#include "query/notified.h"
#include "query/signatures.h"
#include "query/step.h"

namespace fairlead::query {

/// Tells blocks apart that serve the same zone at the same address (view). Constant and shared.
class When {
 public:
  virtual ~When() = default;
  [[nodiscard]] virtual bool holds(const Asked& asked) const = 0;
  /// For people: whether it holds and why (`fairlead explain`).
  [[nodiscard]] virtual std::string explain(const Asked&) const { return {}; }
};

/// Constant once it is served: shared by all workers.
struct Block {
  struct Link {
    std::unique_ptr<const Step> step;
    uint8_t maker = 0;  // what Walk::made_by() says when this step has made the answer
  };

  std::vector<Link> chain;                                 // in the order in which they are asked
  std::vector<const Step*> fetching;                       // those that look ahead
  std::vector<std::unique_ptr<const Observer>> observers;  // in the order in which they are told
  bool answer_is_read = false;                             // some observer reads the answer
  bool handles_queries = false;                            // false: every question is REFUSED
  bool other_classes = false;                // questions of other classes than IN reach the chain
  std::string unanswered;                    // what is logged when the chain ends without an answer
  std::shared_ptr<const When> when;          // null: always
  std::shared_ptr<const Notified> notified;  // null: NOTIFY is not understood
  std::shared_ptr<const Signatures> signatures;  // null: what is signed is NOTAUTH
  std::shared_ptr<const Labels> labels = std::make_shared<const Labels>();
  std::vector<std::shared_ptr<const void>> kept;  // what lives over reloads, and steps refer to
};

}  // namespace fairlead::query
