// Expressions of a template: about a request whose name has matched.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dns/query.h"
#include "expression/environment.h"
#include "expression/request.h"
#include "expression/value.h"
#include "net/endpoint.h"
#include "plugins/template/setup.h"
#include "plugins/template/value.h"

namespace fairlead::plugins::templates {

/// Who may be asked for what has matched, and for the variables so far.
class MatchedRequest : public expression::Request {
 public:
  /// All must outlive it. `variables` grows with each one that is evaluated.
  MatchedRequest(const dns::Query& query, const net::Peers& peers, const Data& data,
                 const std::vector<expression::Value>& variables)
      : Request(query, peers), data_(data), variables_(variables) {}

  [[nodiscard]] std::string_view label(std::string_view label,
                                       expression::Scratch& scratch) const override;
  [[nodiscard]] const Data& data() const { return data_; }
  [[nodiscard]] const std::vector<expression::Value>& variables() const { return variables_; }

 private:
  const Data& data_;
  const std::vector<expression::Value>& variables_;
};

/// What all requests have, and group(name or number). Subjects are MatchedRequests.
expression::Environment match_environment();

/// Names the result of variable number `number`, from then on.
void add_variable(expression::Environment& environment, const NamedProgram& variable,
                  size_t number);

/// Letters, digits and "_", no digit first.
bool is_variable_name(std::string_view name);

/// A result as templates use it; `texts` has what is made of lists.
Value value_of(const expression::Value& value, Texts& texts);

/// What has become of the variables and conditions of a rule.
enum class Verdict : uint8_t { Holds, Not, Failed };

/// One evaluation. The variables are put into `data`, as views into this, `scratch` and `texts`.
class Evaluation {
 public:
  Verdict run(const Rule& rule, const dns::Query& query, const net::Peers& peers, Texts& texts,
              Data& data);

 private:
  expression::Scratch scratch_;
  std::vector<expression::Value> values_;
  std::vector<Variable> variables_;
};

}  // namespace fairlead::plugins::templates
