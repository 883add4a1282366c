// The view directive in a block: the condition by which questions come here, and the view's name as
// a label.
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "expression/request.h"
#include "plugins/building.h"
#include "plugins/view/setup.h"
#include "query/block.h"
#include "query/labels.h"

namespace fairlead::plugins::view {
namespace {

using query::Asked;

// A question as expressions see it, with the labels of the block that is tried.
class Request final : public expression::Request {
 public:
  Request(const Asked& asked, const query::Labels& labels)
      : expression::Request(asked.query, asked.peers), asked_(asked), labels_(labels) {}

  [[nodiscard]] std::string_view label(std::string_view label,
                                       expression::Scratch& scratch) const override {
    std::string text;
    return labels_.tell(label, asked_, text) ? scratch.keep(text) : std::string_view();
  }

 private:
  const Asked& asked_;
  const query::Labels& labels_;
};

class View final : public query::When {
 public:
  View(std::shared_ptr<const Options> options, std::shared_ptr<const query::Labels> labels)
      : options_(std::move(options)), labels_(std::move(labels)) {}

  [[nodiscard]] bool holds(const Asked& asked) const override {
    const Request request(asked, *labels_);
    for (const expression::Program& condition : options_->conditions)
      if (!condition.holds(request)) return false;
    return true;
  }

  [[nodiscard]] std::string explain(const Asked& asked) const override {
    const Request request(asked, *labels_);
    const std::string name = "view " + options_->name;
    for (const expression::Program& condition : options_->conditions) {
      expression::Scratch scratch;
      const expression::Outcome outcome = condition.run(request, scratch);
      const std::string is = name + ": " + condition.text();
      if (outcome.error != nullptr) return is + " cannot be evaluated: " + outcome.error;
      if (!outcome.value.is_true()) return is + " is not true";
    }
    return name;
  }

 private:
  const std::shared_ptr<const Options> options_;
  const std::shared_ptr<const query::Labels> labels_;
};

class Name final : public query::LabelSource {
 public:
  explicit Name(std::string name) : name_(std::move(name)) {}

  bool tell(std::string_view label, const Asked&, std::string& out) const override {
    if (label != "view/name") return false;
    out += name_;
    return true;
  }

 private:
  const std::string name_;
};

}  // namespace

void read(corefile::Cursor& cursor, Plan& plan) {
  const auto options = std::make_shared<const Options>(parse(cursor));
  plan.view = options->name;
  plan.is_conditional = true;
  plan.make([options](Building& building) {
    building.label(std::make_shared<const Name>(options->name));
    building.when(std::make_shared<const View>(options, building.labels()));
    building.handles_queries();
  });
}

}  // namespace fairlead::plugins::view
