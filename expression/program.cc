#include "expression/program.h"

#include <utility>

#include "expression/checker.h"
#include "expression/compile_error.h"
#include "expression/evaluation.h"
#include "expression/node.h"
#include "expression/parser.h"

namespace fairlead::expression {

Program::Program(std::string text, std::unique_ptr<Node> root)
    : text_(std::move(text)), root_(std::move(root)), warnings_(optimize(*root_)) {}

Program::Program(Program&&) noexcept = default;
Program& Program::operator=(Program&&) noexcept = default;
Program::~Program() = default;

Outcome Program::run(const Subject& subject, Scratch& scratch) const {
  return evaluate(*root_, subject, scratch);
}

bool Program::holds(const Subject& subject) const {
  Scratch scratch;
  const Outcome outcome = run(subject, scratch);
  return outcome.error == nullptr && outcome.value.is_true();
}

const Type& Program::type() const {
  return root_->type;
}

Program compile(std::string text, const Environment& environment) {
  if (text.size() > kMostText) throw CompileError("expression is too long", {}, 0);
  auto root = std::make_unique<Node>(parse(text, environment));
  check(*root, text, environment);
  return {std::move(text), std::move(root)};
}

}  // namespace fairlead::expression
