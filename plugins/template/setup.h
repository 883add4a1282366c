// The template directive: records that are made of the question.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "corefile/arguments.h"
#include "corefile/cursor.h"
#include "dns/types.h"
#include "expression/program.h"
#include "plugins/template/pattern.h"
#include "plugins/template/text_template.h"

namespace fairlead::plugins {
class Plan;
}

namespace fairlead::plugins::templates {

/// What makes one record.
struct RecordTemplate {
  dns::Section section = dns::Section::Answer;
  TextTemplate text;
};

struct ExtendedError {
  uint16_t code = 0;
  std::string text;
};

struct NamedProgram {
  std::string name;
  expression::Program program;
};

/// One use of the directive.
struct Rule {
  dns::RrClass rr_class = dns::RrClass::In;  // Any: all
  dns::RrType type = dns::RrType::A;         // Any: all
  std::vector<std::string> zones;
  std::vector<std::shared_ptr<const Pattern>> patterns;  // none: every name
  std::vector<NamedProgram> variables;                   // later ones see earlier ones
  std::vector<expression::Program> conditions;           // all must be true
  std::vector<RecordTemplate> answers;
  std::vector<RecordTemplate> additionals;
  std::vector<RecordTemplate> authorities;
  dns::Rcode rcode = dns::Rcode::NoError;
  std::optional<ExtendedError> extended_error;
  std::vector<std::string> fall_through;  // zones; none: it does not
};

struct Options {
  std::vector<Rule> rules;  // in their order
};

// Throws corefile::ConfigError. Warns of what will never answer.
Options parse(corefile::Cursor& cursor, const corefile::Context& context);

// What parse() says, into the block's plan. Throws corefile::ConfigError.
void read(corefile::Cursor& cursor, Plan& plan);

}  // namespace fairlead::plugins::templates
