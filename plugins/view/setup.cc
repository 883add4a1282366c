#include "plugins/view/setup.h"

#include <utility>

#include "expression/compile_error.h"
#include "expression/literal.h"
#include "expression/request.h"

namespace fairlead::plugins::view {
namespace {

using expression::Kind;

// The words of a line, joined by spaces: without the Corefile's quotes, as CoreDNS reads them, and
// with them, as they were meant.
struct Texts {
  std::string plain, quoted;
};

Texts read_words(corefile::Cursor& cursor) {
  Texts texts;
  const char* space = "";
  while (cursor.next_arg()) {
    const corefile::Token& word = cursor.token();
    texts.plain.append(space).append(word.text);
    texts.quoted.append(space).append(word.quoted ? expression::quoted(word.text) : word.text);
    space = " ";
  }
  return texts;
}

expression::Program compile(const Texts& texts, const expression::Environment& environment) try {
  return expression::compile(texts.plain, environment);
} catch (const expression::CompileError&) {
  if (texts.quoted == texts.plain) throw;
  try {
    return expression::compile(texts.quoted, environment);
  } catch (const expression::CompileError&) {  // the first error is CoreDNS's
  }
  throw;
}

expression::Program read_condition(corefile::Cursor& cursor,
                                   const expression::Environment& environment) try {
  expression::Program program = compile(read_words(cursor), environment);
  for (const std::string& warning : program.warnings()) cursor.warn(warning);
  if (program.type().kind != Kind::Bool && program.type().kind != Kind::Unknown) {
    cursor.warn("the expression `" + program.text() + "` is never true: it is of type " +
                expression::to_text(program.type()) + ", not bool");
  }
  return program;
} catch (const expression::CompileError& wrong) {
  throw cursor.error(wrong.what());
}

}  // namespace

Options parse(corefile::Cursor& cursor) {
  const expression::Environment environment = expression::request_environment();
  Options options;
  while (cursor.next()) {
    cursor.require_once();
    options.name = cursor.only_arg();
    while (cursor.next_block()) {
      if (cursor.value() != "expr") throw cursor.unknown_property();
      options.conditions.push_back(read_condition(cursor, environment));
    }
  }
  return options;
}

}  // namespace fairlead::plugins::view
