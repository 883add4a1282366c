// A query without a packet, for tests of what happens behind the parser.
#pragma once

#include <string_view>

#include "dns/query.h"

namespace fairlead::test {

/// A question that owns its name.
class Question {
 public:
  Question(std::string_view name, dns::RrType type) : name_(*dns::Name::from_text(name)) {
    query.has_question = true;
    query.qname = name_.view();
    query.lower_qname = name_.lowered();
    query.qtype = type;
  }
  Question(const Question&) = delete;
  Question& operator=(const Question&) = delete;

  dns::Query query;

 private:
  dns::Name name_;
};

}  // namespace fairlead::test
