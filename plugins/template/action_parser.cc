#include "plugins/template/action_parser.h"

#include <algorithm>
#include <array>
#include <utility>

#include "plugins/template/literal.h"

namespace fairlead::plugins::templates {
namespace {

constexpr std::array<std::string_view, 7> kNotBuilt{"block", "break",    "continue", "define",
                                                    "range", "template", "with"};
constexpr std::array<std::string_view, 3> kKeywords{"else", "end", "if"};

bool is_keyword(std::string_view word) {
  return std::ranges::find(kKeywords, word) != kKeywords.end();
}

bool is_not_built(std::string_view word) {
  return std::ranges::find(kNotBuilt, word) != kNotBuilt.end();
}

constexpr std::array<std::pair<std::string_view, Field>, 16> kFields{{
    {".Zone", Field::Zone},
    {".Name", Field::Name},
    {".Regex", Field::Regex},
    {".Match", Field::Match},
    {".Group", Field::Group},
    {".Class", Field::Class},
    {".Type", Field::Type},
    {".Remote", Field::Remote},
    {".Question.Name", Field::QuestionName},
    {".Question.Qtype", Field::QuestionType},
    {".Question.Qclass", Field::QuestionClass},
    {".Message.Id", Field::MessageId},
    {".Message.Opcode", Field::MessageOpcode},
    {".Message.RecursionDesired", Field::MessageRecursionDesired},
    {".Message.CheckingDisabled", Field::MessageCheckingDisabled},
    {".Message.AuthenticatedData", Field::MessageAuthenticatedData},
}};

constexpr std::string_view kGroupEntry = ".Group.";
constexpr std::string_view kVarEntry = ".Var.";

std::string shown(const Token& token) {
  if (token.kind == Token::Kind::End) return "EOF";
  if (token.kind == Token::Kind::Word && (is_keyword(token.text) || is_not_built(token.text)))
    return "<" + token.text + ">";
  return '"' + token.text.substr(0, 10) + (token.text.size() > 10 ? "\"..." : "\"");
}

}  // namespace

ActionParser::ActionParser(const std::string& name, std::string_view text)
    : name_(name), text_(text), lexer_(text) {}

size_t ActionParser::line_at(size_t at) const {
  const std::string_view before = text_.substr(0, at);
  return 1 + static_cast<size_t>(std::ranges::count(before, '\n'));
}

void ActionParser::fail(const std::string& what) const {
  throw TemplateError("template: " + name_ + ":" + std::to_string(line_at(ahead_.at)) + ": " +
                      what);
}

void ActionParser::unexpected(const Token& token, std::string_view context) const {
  if (token.kind == Token::Kind::Error) fail(token.text);
  if (token.kind == Token::Kind::Variable) fail("variables (" + token.text + ") are not supported");
  fail("unexpected " + shown(token) + " in " + std::string(context));
}

Token ActionParser::take() {
  return std::exchange(ahead_, lexer_.next());
}

Program ActionParser::run() {
  take();
  switch (list(program_.pieces)) {
    case Ends::AtEnd:
      fail("unexpected {{end}}");
    case Ends::AtElse:
      fail("unexpected {{else}}");
    case Ends::AtFileEnd:
      break;
  }
  return std::move(program_);
}

ActionParser::Ends ActionParser::list(std::vector<Piece>& pieces) {
  for (;;) {
    if (ahead().kind == Token::Kind::End) return Ends::AtFileEnd;
    Token token = take();
    if (token.kind == Token::Kind::Text) {
      canonical_ += token.text;
      pieces.push_back({.kind = Piece::Kind::Text, .text = std::move(token.text)});
    } else if (token.kind == Token::Kind::Open) {
      Ends ends = Ends::AtEnd;
      if (!action(pieces, ends)) return ends;
    } else {
      unexpected(token, "input");
    }
  }
}

// Behind "{{"; false at one that ends the list.
bool ActionParser::action(std::vector<Piece>& pieces, Ends& ends) {
  const std::string word = ahead().kind == Token::Kind::Word ? ahead().text : "";
  if (is_not_built(word)) fail("{{" + word + "}} is not supported");
  if (word == "if") {
    condition(pieces);
  } else if (word == "end") {
    take();
    expect_close("end");
    ends = Ends::AtEnd;
    return false;
  } else if (word == "else") {
    take();
    if (ahead().kind == Token::Kind::Word && ahead().text == "with")
      fail("{{else with}} is not supported");
    if (ahead().kind != Token::Kind::Word || ahead().text != "if") expect_close("else");
    ends = Ends::AtElse;
    return false;
  } else {
    output(pieces);
  }
  return true;
}

void ActionParser::expect_close(std::string_view context) {
  const Token token = take();
  if (token.kind != Token::Kind::Close) unexpected(token, context);
}

void ActionParser::output(std::vector<Piece>& pieces) {
  const Operand value = pipeline("command", Token::Kind::Close);
  canonical_ += "{{" + value.source + "}}";
  pieces.push_back({.kind = Piece::Kind::Output, .expression = value.place});
}

void ActionParser::condition(std::vector<Piece>& pieces) {
  take();
  if (++depth_ > TextTemplate::kMaxDepth) fail("too many {{if}} within each other");
  const Operand value = pipeline("if", Token::Kind::Close);
  canonical_ += "{{if " + value.source + "}}";
  Piece piece{.kind = Piece::Kind::If, .expression = value.place};
  const Ends ends = list(piece.then);
  if (ends == Ends::AtFileEnd) fail("unexpected EOF");
  if (ends == Ends::AtElse) otherwise(piece);
  canonical_ += "{{end}}";
  --depth_;
  pieces.push_back(std::move(piece));
}

// Behind "{{else}}", or "{{else" of an "else if", whose "{{end}}" is that of both.
void ActionParser::otherwise(Piece& piece) {
  canonical_ += "{{else}}";
  if (ahead().kind == Token::Kind::Word && ahead().text == "if") return condition(piece.otherwise);
  switch (list(piece.otherwise)) {
    case Ends::AtElse:
      fail("expected end; found {{else}}");
    case Ends::AtFileEnd:
      fail("unexpected EOF");
    case Ends::AtEnd:
      break;
  }
}

// --- values ---

ActionParser::Operand ActionParser::pipeline(std::string_view context, Token::Kind end) {
  if (ahead().kind == end) fail("missing value for " + std::string(context));
  Operand all = command(nullptr);
  std::string source = all.source;
  while (ahead().kind == Token::Kind::Pipe) {
    take();
    if (ahead().kind == end) fail("missing value for " + std::string(context));
    all = command(&all);
    source += " | " + all.source;
  }
  const Token token = take();
  if (token.kind != end) unexpected(token, context);
  all.source = std::move(source);
  return all;
}

std::vector<ActionParser::Operand> ActionParser::operands() {
  std::vector<Operand> all;
  for (;;) {
    all.push_back(operand());
    const Token::Kind next = ahead().kind;
    if (next == Token::Kind::Close || next == Token::Kind::Pipe || next == Token::Kind::RightParen)
      break;
    if (!ahead().spaced) unexpected(ahead(), "operand");
    if (all.size() > TextTemplate::kMaxArguments) fail("too many arguments");
  }
  return all;
}

// One command: a value, or a function with what it is called with.
ActionParser::Operand ActionParser::command(const Operand* piped) {
  const std::vector<Operand> all = operands();
  const Operand& first = all.front();
  Operand whole{.at = first.at};
  for (const Operand& one : all) whole.source += (&one == &first ? "" : " ") + one.source;
  if (first.is_name) return call(all, piped, std::move(whole));
  if (piped != nullptr && first.is_literal) fail("non executable command in pipeline");
  if (all.size() > 1 || piped != nullptr)
    fail("can't give argument to non-function " + first.source);
  whole.place = first.place;
  whole.is_literal = first.is_literal;
  return whole;
}

ActionParser::Operand ActionParser::call(const std::vector<Operand>& operands, const Operand* piped,
                                         Operand whole) {
  Expression made = program_.expressions[operands.front().place];
  for (const Operand& one : std::span(operands).subspan(1)) {
    if (one.is_name) {
      if (arity_of(program_.expressions[one.place].function).least > 0)
        fail("wrong number of args for " + one.source +
             ": it takes some, so put it in parentheses");
    }
    made.arguments.push_back(one.place);
  }
  if (piped != nullptr) made.arguments.push_back(piped->place);
  const Arity arity = arity_of(made.function);
  const size_t got = made.arguments.size();
  if (got > TextTemplate::kMaxArguments) fail("too many arguments");
  if (got < arity.least || got > arity.most) {
    const std::string want = (arity.least == arity.most ? "" : "at least ") +
                             std::to_string(got < arity.least ? arity.least : arity.most);
    fail("wrong number of args for " + operands.front().source + ": want " + want + " got " +
         std::to_string(got));
  }
  return add(std::move(made), std::move(whole.source), whole.at);
}

ActionParser::Operand ActionParser::operand() {
  Token token = take();
  switch (token.kind) {
    case Token::Kind::Word:
      return word(token);
    case Token::Kind::Field:
      return field(std::move(token));
    case Token::Kind::Number:
    case Token::Kind::Character:
    case Token::Kind::String:
    case Token::Kind::RawString:
      return literal(token);
    case Token::Kind::LeftParen:
      return parentheses(token);
    case Token::Kind::Dot:
      fail("the data as a whole (.) is not supported");
    default:
      unexpected(token, "command");
  }
}

ActionParser::Operand ActionParser::word(const Token& token) {
  if (is_keyword(token.text) || is_not_built(token.text)) unexpected(token, "command");
  if (token.text == "nil") fail("nil is not supported");
  Expression made;
  if (token.text == "true" || token.text == "false") {
    made.literal = Value::of(token.text == "true");
    Operand value = add(std::move(made), token.text, token.at);
    value.is_literal = true;
    return value;
  }
  made.kind = Expression::Kind::Call;
  made.function = function_of(token.text);
  if (made.function == Function::Unknown) fail("function \"" + token.text + "\" not defined");
  if (made.function == Function::NotHere) fail("function \"" + token.text + "\" is not supported");
  Operand value = add(std::move(made), token.text, token.at);
  value.is_name = true;
  return value;
}

ActionParser::Operand ActionParser::field(Token token) {
  while (ahead().kind == Token::Kind::Field && !ahead().spaced) token.text += take().text;
  Expression made = field_of(token.text);
  const bool is_name = made.kind == Expression::Kind::Call;
  Operand value = add(std::move(made), token.text, token.at);
  value.is_name = is_name;
  return value;
}

Expression ActionParser::field_of(const std::string& path) const {
  Expression made;
  made.kind = Expression::Kind::Field;
  const auto known = std::ranges::find(kFields, path, [](const auto& one) { return one.first; });
  if (known != kFields.end()) {
    made.field = known->second;
    return made;
  }
  if (path == ".Meta") {
    made.kind = Expression::Kind::Call;
    made.function = Function::Meta;
    return made;
  }
  for (const auto& [prefix, entry] :
       {std::pair{kGroupEntry, Field::GroupEntry}, std::pair{kVarEntry, Field::Var}}) {
    if (!path.starts_with(prefix) || path.find('.', prefix.size()) != std::string::npos) continue;
    made.field = entry;
    made.text = path.substr(prefix.size());
    return made;
  }
  if (path == ".Var" || path == ".Question" || path == ".Message")
    fail(path + " as a whole is not supported");
  fail("can't evaluate field " + path.substr(1) +
       ": there are Zone, Name, Regex, Match, Group, Class, Type, Remote, Meta, Var.NAME, "
       "Question.Name, Question.Qtype, Question.Qclass, Message.Id, Message.Opcode, "
       "Message.RecursionDesired, Message.CheckingDisabled and Message.AuthenticatedData");
}

ActionParser::Operand ActionParser::literal(const Token& token) {
  Expression made;
  const std::string inner = token.text.substr(1, token.text.size() < 2 ? 0 : token.text.size() - 2);
  if (token.kind == Token::Kind::Number) {
    made.literal = number_literal(token.text);
    if (made.literal.kind == Value::Kind::None) fail("bad number syntax: \"" + token.text + "\"");
  } else if (token.kind == Token::Kind::Character) {
    made.literal = character_literal(inner);
    if (made.literal.kind == Value::Kind::None) fail("malformed character constant: " + token.text);
  } else {
    auto text = unquoted(inner, token.text.front());
    if (!text) fail("invalid syntax");
    made.is_text = true;
    made.text = *std::move(text);
  }
  Operand value = add(std::move(made), token.text, token.at);
  value.is_literal = true;
  if (ahead().kind == Token::Kind::Field && !ahead().spaced)
    fail("unexpected . after term \"" + token.text + "\"");
  return value;
}

ActionParser::Operand ActionParser::parentheses(const Token& token) {
  if (++depth_ > TextTemplate::kMaxDepth) fail("max expression depth exceeded");
  Operand value = pipeline("parenthesized pipeline", Token::Kind::RightParen);
  --depth_;
  if (ahead().kind == Token::Kind::Field && !ahead().spaced)
    fail("fields of a value in parentheses are not supported");
  value.source = "(" + value.source + ")";
  value.at = token.at;
  value.is_literal = false;
  return value;
}

void ActionParser::check_depth(Expression& made) const {
  for (const uint32_t place : made.arguments)
    made.depth = std::max(made.depth, program_.expressions[place].depth + 1);
  if (made.depth > TextTemplate::kMaxDepth) fail("max expression depth exceeded");
}

ActionParser::Operand ActionParser::add(Expression made, std::string source, size_t at) {
  check_depth(made);
  const size_t line_start = text_.substr(0, at).rfind('\n') + 1;  // npos + 1: the first line
  made.source = source;
  made.line = line_at(at);
  made.column = at - line_start;
  program_.expressions.push_back(std::move(made));
  const auto place = static_cast<uint32_t>(program_.expressions.size() - 1);
  return {.place = place, .source = std::move(source), .at = at};
}

}  // namespace fairlead::plugins::templates
