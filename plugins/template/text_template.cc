#include "plugins/template/text_template.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "dns/name.h"
#include "dns/name_text.h"
#include "plugins/template/action_parser.h"

namespace fairlead::plugins::templates {
namespace {

// One execution of a program.
class Execution {
 public:
  Execution(const std::string& name, const Program& program, const Data& data, Texts& texts)
      : name_(name), program_(program), data_(data), texts_(texts) {}

  // False when it failed: error() says why.
  bool run(std::span<const Piece> pieces, std::string& out) {
    for (const Piece& piece : pieces) {
      if (!run(piece, out)) return false;
      if (out.size() > TextTemplate::kMaxText) {
        error_ = "template: " + name_ + ": the text is too long";
        return false;
      }
    }
    return true;
  }

  std::string take_error() { return std::move(error_); }

 private:
  bool run(const Piece& piece, std::string& out) {
    if (piece.kind == Piece::Kind::Text) {
      out += piece.text;
      return true;
    }
    Value value;
    if (!evaluate(piece.expression, value)) return false;
    if (piece.kind == Piece::Kind::If)
      return run(is_true(value, data_) ? std::span(piece.then) : std::span(piece.otherwise), out);
    append_value(value, data_, out);
    return true;
  }

  bool evaluate(uint32_t place, Value& value) {
    const Expression& expression = program_.expressions[place];
    switch (expression.kind) {
      case Expression::Kind::Literal:
        value =
            expression.is_text ? Value::of(std::string_view(expression.text)) : expression.literal;
        return true;
      case Expression::Kind::Field:
        value = field(expression);
        return true;
      case Expression::Kind::Call:
        break;
    }
    const bool lazy = expression.function == Function::And || expression.function == Function::Or;
    return lazy ? choose(expression, value) : call(expression, value);
  }

  // The first argument that decides, or the last.
  bool choose(const Expression& expression, Value& value) {
    const bool wanted = expression.function == Function::Or;
    for (const uint32_t place : expression.arguments) {
      if (!argument(expression, place, value)) return false;
      if (is_true(value, data_) == wanted) return true;
    }
    return true;
  }

  bool call(const Expression& expression, Value& value) {
    std::array<Value, TextTemplate::kMaxArguments> values;
    size_t count = 0;
    for (const uint32_t place : expression.arguments) {
      if (!argument(expression, place, values[count++])) return false;
    }
    Called called =
        templates::call(expression.function, std::span(values).first(count), data_, texts_);
    if (!called.error.empty()) {
      const std::string_view source = expression.source;
      std::string function(source.substr(0, source.find(' ')));
      if (function.starts_with('.')) function.erase(0, 1);
      return fail(expression, "error calling " + function + ": " + called.error);
    }
    value = called.value;
    return true;
  }

  // What is missing can only be printed, or be a condition.
  bool argument(const Expression& of, uint32_t place, Value& value) {
    if (!evaluate(place, value)) return false;
    if (value.kind != Value::Kind::None || of.function == Function::Printf) return true;
    const bool text = of.function == Function::ParseInt || of.function == Function::Meta;
    return fail(program_.expressions[place],
                std::string("invalid value; expected ") + (text ? "string" : "reflect.Value"));
  }

  bool fail(const Expression& at, const std::string& why) {
    error_ = "template: " + name_ + ":" + std::to_string(at.line) + ":" +
             std::to_string(at.column) + ": executing \"" + name_ + "\" at <" + at.source +
             ">: " + why;
    return false;
  }

  Value field(const Expression& expression) {
    switch (expression.field) {
      case Field::Zone:
        return Value::of(data_.zone);
      case Field::Name:
        return Value::of(data_.name);
      case Field::Regex:
        return Value::of(data_.regex);
      case Field::Match:
        return {.kind = Value::Kind::Matches};
      case Field::Group:
        return {.kind = Value::Kind::Groups};
      case Field::GroupEntry:
        return group(data_, expression.text);
      case Field::Class:
        return Value::of(data_.class_text);
      case Field::Type:
        return Value::of(data_.type_text);
      case Field::Remote:
        return Value::of(std::string_view(texts_.add() = data_.remote.to_text()));
      case Field::Var: {
        const auto known = std::ranges::find(data_.variables, expression.text, &Variable::name);
        return known == data_.variables.end() ? Value() : known->value;
      }
      default:
        return data_.question == nullptr ? Value() : of_question(expression.field);
    }
  }

  Value name(dns::NameView name) {
    std::string& text = texts_.add();
    dns::append_word(name, text);
    return Value::of(std::string_view(text));
  }

  Value of_question(Field field) {
    const dns::Query& question = *data_.question;
    switch (field) {
      case Field::QuestionName:
        return name(question.qname);
      case Field::QuestionType:
        return Value::of(static_cast<uint64_t>(question.qtype));
      case Field::QuestionClass:
        return Value::of(static_cast<uint64_t>(question.qclass));
      case Field::MessageId:
        return Value::of(uint64_t{question.id});
      case Field::MessageOpcode:
        return Value::of(static_cast<int64_t>(question.opcode));
      case Field::MessageRecursionDesired:
        return Value::of(question.recursion_desired);
      case Field::MessageCheckingDisabled:
        return Value::of(question.checking_disabled);
      case Field::MessageAuthenticatedData:
        return Value::of(question.authentic_data);
      default:
        return {};
    }
  }

  const std::string& name_;
  const Program& program_;
  const Data& data_;
  Texts& texts_;
  std::string error_;
};

}  // namespace

TextTemplate::TextTemplate(std::string name, std::string_view text) : name_(std::move(name)) {
  if (text.size() > kMaxSource) throw TemplateError("template: " + name_ + ": it is too long");
  ActionParser parser(name_, text);
  program_ = parser.run();
  canonical_ = parser.canonical();
}

std::string TextTemplate::execute(const Data& data, Texts& texts, std::string& out) const {
  Execution execution(name_, program_, data, texts);
  execution.run(program_.pieces, out);
  return execution.take_error();
}

bool TextTemplate::is_constant() const {
  return program_.expressions.empty();
}

}  // namespace fairlead::plugins::templates
