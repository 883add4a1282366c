// The header directive in a block's chain: flags of questions on their way in, of answers on their
// way out.
#include "query/step.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "plugins/building.h"
#include "plugins/header/setup.h"
#include "query/telling.h"
#include "query/walk.h"

namespace fairlead::plugins::header {
namespace {

using query::Turn;
using query::Walk;

void add_flag(std::string_view name, const std::optional<bool>& value, std::string& text) {
  if (!value) return;
  text.append(text.empty() ? "" : ", ").append(*value ? "sets " : "clears ").append(name);
}

// "sets RA, clears AA"; empty when nothing is changed.
std::string text_of(const Flags& flags) {
  std::string text;
  add_flag("AA", flags.authoritative, text);
  add_flag("RA", flags.recursion_available, text);
  add_flag("RD", flags.recursion_desired, text);
  return text;
}

class Header : public query::Step {
 public:
  explicit Header(const Options& options) : query_(options.query), response_(options.response) {}

  Turn ask(Walk& walk) const override {
    const std::optional<bool> rd = query_.recursion_desired;
    const bool changes = rd && *rd != walk.question().recursion_desired;
    if (walk.telling() != nullptr) tell(*walk.telling());
    if (changes) walk.change_question().recursion_desired = *rd;
    if (changes || response_ != Flags{}) walk.see_me();
    return Turn::Pass;
  }

  // A reply repeats the RD of its question as those behind have seen it. Where nobody answered
  // there is nothing else to change.
  Turn see(Walk& walk, query::Note&) const override {
    dns::Answer& answer = walk.answer();
    if (query_.recursion_desired && !answer.recursion_desired)
      answer.recursion_desired = query_.recursion_desired;
    if (walk.depth() == 0 && walk.made_by() == 0) return Turn::Done;
    answer.authoritative = response_.authoritative.value_or(answer.authoritative);
    answer.recursion_available = response_.recursion_available.value_or(answer.recursion_available);
    if (response_.recursion_desired) answer.recursion_desired = response_.recursion_desired;
    return Turn::Done;
  }

 private:
  // Of a question RD alone has a meaning.
  void tell(query::Telling& telling) const {
    std::string text = text_of(response_);
    if (!text.empty()) text += " in the reply";
    if (query_.recursion_desired) {
      text.append(text.empty() ? "" : "; ").append(*query_.recursion_desired ? "sets" : "clears");
      text += " RD in the question, and so in the reply unless it says otherwise";
    }
    telling.tell(text.empty() ? "changes nothing of this question or its reply" : text);
  }

  const Flags query_;
  const Flags response_;
};

}  // namespace

void read(corefile::Cursor& cursor, Plan& plan) {
  plan.make([options = parse(cursor)](Building& building) {
    building.step(std::make_unique<Header>(options));
  });
}

}  // namespace fairlead::plugins::header
