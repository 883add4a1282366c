#include "corefile/cursor.h"

#include "corefile/directives.h"

namespace fairlead::corefile {
namespace {

const Token kNothing;

std::string hint(Cursor::Known known, const std::string& word) {
  return did_you_mean(nearest_name(known, word));
}

}  // namespace

Cursor::Cursor(const Directive& directive) : name_(directive.name), tokens_(directive.tokens) {}

const Token& Cursor::token() const {
  return tokens_.empty() ? kNothing : tokens_[position_];
}

bool Cursor::next() {
  if (!started_) {
    started_ = true;
    return !tokens_.empty();
  }
  if (position_ + 1 >= tokens_.size()) return false;
  ++position_;
  return true;
}

bool Cursor::next_arg() {
  if (!started_) return next();
  if (position_ + 1 >= tokens_.size() || tokens_[position_ + 1].starts_line) return false;
  if (tokens_[position_ + 1].opens() || tokens_[position_ + 1].closes()) return false;
  ++position_;
  return true;
}

bool Cursor::next_block() {
  if (!in_block_) {
    const bool opens = position_ + 1 < tokens_.size() && tokens_[position_ + 1].opens();
    if (!opens || tokens_[position_ + 1].starts_line) return false;
    ++position_;
    in_block_ = true;
  }
  if (next() && !token().closes()) return true;
  in_block_ = false;
  return false;
}

std::vector<std::string> Cursor::remaining_args() {
  std::vector<std::string> args;
  while (next_arg()) args.push_back(value());
  return args;
}

std::string Cursor::first_arg() {
  if (!next_arg()) throw missing_arg();
  return value();
}

std::string Cursor::only_arg() {
  std::string argument = first_arg();
  no_args();
  return argument;
}

void Cursor::no_args() {
  if (next_arg()) throw arg_error();
}

void Cursor::require_once() {
  if (met_once_) throw error("this plugin can only be used once per Server Block");
  met_once_ = true;
}

ConfigError Cursor::error(std::string_view message) const {
  return parse_error(token(), message, name_);
}

ConfigError Cursor::error(std::string_view message, Known known) const {
  return error(std::string(message) + hint(known, value()));
}

ConfigError Cursor::arg_error() const {
  return argument_error(token(), name_);
}

ConfigError Cursor::missing_arg() const {
  const bool brace = position_ + 1 < tokens_.size() && tokens_[position_ + 1].opens();
  return brace ? argument_error(tokens_[position_ + 1], name_) : arg_error();
}

ConfigError Cursor::syntax_error(std::string_view expected) const {
  return corefile::syntax_error(token(), expected, name_);
}

ConfigError Cursor::unknown_property(Known known) const {
  return error("unknown property '" + value() + "'", known);
}

ConfigError Cursor::unknown_option(Known known) const {
  const ConfigError error = arg_error();
  return {error.what() + hint(known, value()), error.file(), error.line()};
}

ConfigError Cursor::not_supported(const std::string& what) const {
  return error(corefile::not_supported(what));
}

}  // namespace fairlead::corefile
