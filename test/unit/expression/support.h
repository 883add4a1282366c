// A request for expressions.
#pragma once

#include <string>
#include <string_view>

#include "dns/query.h"
#include "expression/compile_error.h"
#include "expression/program.h"
#include "expression/request.h"
#include "net/endpoint.h"

namespace fairlead::test {

struct Asked {
  explicit Asked(std::string_view text = "Web.Example.org", dns::RrType type = dns::RrType::A)
      : name(*dns::Name::from_text(text)) {
    query.has_question = true;
    query.set_name(name.view());
    query.qtype = type;
    query.id = 4711;
    query.size = 33;
    peers.client = {*dns::IpAddress::from_text("10.1.2.3"), 40'000};
    peers.local = {*dns::IpAddress::from_text("10.240.0.53"), 53};
  }
  Asked(const Asked&) = delete;
  Asked& operator=(const Asked&) = delete;

  dns::Name name;
  dns::Query query;
  net::Peers peers;
};

/// What compile() says of it; empty when it is good.
inline std::string error_of(const std::string& text, const expression::Environment& environment =
                                                         expression::request_environment()) {
  try {
    (void)expression::compile(text, environment);
    return {};
  } catch (const expression::CompileError& e) {
    return e.what();
  }
}

}  // namespace fairlead::test
