// What an expression may ask of a DNS request: the functions that CoreDNS has.
#pragma once

#include <string_view>

#include "dns/query.h"
#include "expression/environment.h"
#include "net/endpoint.h"

namespace fairlead::expression {

/// A request while an expression is evaluated. Whoever has more to tell derives from it, and adds
/// functions to the environment whose subject is his class.
class Request : public Subject {
 public:
  /// Both must outlive it.
  Request(const dns::Query& query, const net::Peers& peers) : query_(query), peers_(peers) {}

  [[nodiscard]] const dns::Query& query() const { return query_; }
  [[nodiscard]] const net::Peers& peers() const { return peers_; }

  /// metadata(label): empty when there is none. May keep the text in `scratch`.
  [[nodiscard]] virtual std::string_view label(std::string_view /*label*/,
                                               Scratch& /*scratch*/) const {
    return {};
  }

 private:
  const dns::Query& query_;
  const net::Peers& peers_;
};

/// name(), type(), class(), proto(), client_ip(), server_ip(), port(), server_port(), size(),
/// bufsize(), id(), opcode(), do(), incidr(ip, cidr), metadata(label). Their subject is a Request.
Environment request_environment();

}  // namespace fairlead::expression
