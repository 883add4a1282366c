#include "expression/environment.h"

#include <algorithm>
#include <utility>

#include "expression/builtins.h"
#include "expression/lexer.h"

namespace fairlead::expression {
namespace {

template <typename Named>
void put(std::vector<std::shared_ptr<const Named>>& all, Named named) {
  std::erase_if(all, [&](const auto& other) { return other->name == named.name; });
  all.push_back(std::make_shared<const Named>(std::move(named)));
}

template <typename Named>
std::shared_ptr<const Named> find(const std::vector<std::shared_ptr<const Named>>& all,
                                  std::string_view name) {
  const auto found = std::ranges::find_if(all, [&](const auto& n) { return n->name == name; });
  return found == all.end() ? nullptr : *found;
}

}  // namespace

void Environment::add(Function function) {
  put(functions_, std::move(function));
}

void Environment::add(Variable variable) {
  put(variables_, std::move(variable));
}

std::shared_ptr<const Function> Environment::function(std::string_view name) const {
  return find(functions_, name);
}

std::shared_ptr<const Variable> Environment::variable(std::string_view name) const {
  return find(variables_, name);
}

bool is_reserved(std::string_view name) {
  constexpr std::string_view kConstants[] = {"true", "false", "nil", "else"};
  return is_word_operator(name) || is_builtin_name(name) ||
         std::ranges::find(kConstants, name) != std::end(kConstants);
}

}  // namespace fairlead::expression
