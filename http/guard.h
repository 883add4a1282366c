// What stands before an address of the HTTP server: TLS, passwords, a limit.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "net/tls_context.h"

namespace fairlead::http {

/// Constant once made.
struct Rules {
  std::shared_ptr<const net::TlsContext> tls;  // null: plain HTTP
  std::vector<std::string> client_names;       // one of which a client's certificate must carry;
                                               // empty: any
  std::vector<std::pair<std::string, std::string>> headers;  // of every reply
  std::map<std::string, std::string> users;  // and crypt(5) hashes of their passwords; empty: all
                                             // may ask
};

/// Used by the thread of the HTTP server.
class Guard {
 public:
  virtual ~Guard() = default;

  /// Looks whether there are other rules now. Called before an address is opened, and for each
  /// connection and request: it must be quick when nothing has changed. Empty, or why there are no
  /// rules yet: then the address is not opened. Once there were rules, they hold until there are
  /// better ones.
  virtual std::string refresh() = 0;

  /// Never null once refresh() was empty.
  [[nodiscard]] virtual std::shared_ptr<const Rules> rules() const = 0;

  /// False: too many requests.
  virtual bool admit() = 0;
};

}  // namespace fairlead::http
