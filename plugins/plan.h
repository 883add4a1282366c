// What one server block of a Corefile says, before anything is opened or started.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "corefile/arguments.h"
#include "corefile/key.h"
#include "dns/name.h"
#include "net/endpoint.h"
#include "net/interfaces.h"
#include "plugins/kept_files.h"
#include "plugins/tls_identity.h"
#include "signing/tsig.h"

namespace fairlead::plugins {

class Building;

/// Patience with TCP connections. What is not said stays as it is without the directive.
struct ConnectionSettings {
  std::optional<std::chrono::nanoseconds> read;  // for the first query, and for each to be complete
  std::optional<std::chrono::nanoseconds> idle;  // between two queries
  std::optional<std::chrono::nanoseconds> write;  // for a reply to leave
  std::optional<int64_t> max_queries;             // of one connection; -1: no limit

  /// What `other` sets holds.
  void add(const ConnectionSettings& other) {
    if (other.read) read = other.read;
    if (other.idle) idle = other.idle;
    if (other.write) write = other.write;
    if (other.max_queries) max_queries = other.max_queries;
  }

  friend bool operator==(const ConnectionSettings&, const ConnectionSettings&) = default;
};

/// Limits of DNS over HTTPS. What is not said stays as it is without the directive.
struct HttpsSettings {
  std::optional<size_t> max_connections;  // 0: no limit
  std::optional<uint32_t> max_streams;    // of one HTTP/2 connection; 0: as if not said
  friend bool operator==(const HttpsSettings&, const HttpsSettings&) = default;
};

/// What a listening address takes from the blocks that are served there. Of the sockets its first
/// block alone speaks, as in CoreDNS.
struct ListenSettings {
  ConnectionSettings connections;
  std::optional<size_t> sockets;  // UDP and TCP sockets each; none or 0: one per worker
  HttpsSettings https;            // of connections, again the first block speaks

  friend bool operator==(const ListenSettings&, const ListenSettings&) = default;
};

/// How often the Corefile is looked at.
struct ReloadTimes {
  std::chrono::nanoseconds interval{};
  std::chrono::nanoseconds jitter{};
};

/// One key of a block and where it is served.
struct ServedKey {
  corefile::Key key;
  dns::Name zone;  // that of the key
  std::vector<net::ListenAddress> addresses;

  /// "dns://:53": the `server` label of metrics.
  [[nodiscard]] std::string server_label(const net::ListenAddress& address) const {
    return key.transport + "://" + address.to_text();
  }
};

/// Where one use of a directive begins: "Corefile:7".
struct Use {
  std::string directive;
  std::string place;
};

/// Filled while the block's directives are read, in their order; constant afterwards.
class Plan {
 public:
  /// `context` is what directives read their words with: the block's zones, files, the root folder.
  Plan(corefile::Context context, std::vector<net::InterfaceAddress> interfaces)
      : context_(std::move(context)), interfaces_(std::move(interfaces)) {}

  [[nodiscard]] const corefile::Context& context() const { return context_; }
  [[nodiscard]] std::span<const net::InterfaceAddress> interfaces() const { return interfaces_; }

  /// Files with relative names lie in this folder, for all directives that are read later.
  void set_root(std::string folder) { context_.root_dir = std::move(folder); }

  /// What the directive puts into the block when the configuration is deployed: by the control
  /// thread, in the order of the directives. May throw std::runtime_error, which ends that.
  using Make = std::function<void(Building&)>;
  void make(Make make) { parts_.push_back({reading_, std::move(make)}); }

  /// For -check: what else can be wrong, found without a socket. May throw, adds what it warns of.
  using Check = std::function<void(std::vector<std::string>& warnings)>;
  void check(Check check) { checks.push_back(std::move(check)); }
  std::vector<Check> checks;

  void warn(std::string text) { warnings.push_back(std::move(text)); }

  /// Adds to identity(): what the words of the directives alone do not tell.
  void identify(const std::string& text) { identity_ += text + '\n'; }
  /// Another text means other answers: the words of all directives, and what they stand for.
  [[nodiscard]] const std::string& identity() const { return identity_; }

  std::vector<std::string> warnings;  // whole sentences
  ListenSettings listening;
  std::optional<TlsIdentity> tls;  // of the addresses of its keys that want TLS
  std::optional<ReloadTimes> reload;
  std::chrono::nanoseconds lameduck{};       // goes on answering for so long after SIGTERM
  bool debug = false;                        // debug lines in the log
  std::vector<signing::TsigKey> keys_known;  // of the block's peers (tsig)
  std::vector<KeptFile> files_kept;
  bool outside = false;  // where services are reached from outside is to be known (k8s_external)

  /// Where the block is served, without ports; empty: at every address of the machine.
  std::vector<net::ListenAddress> addresses;
  std::string view;             // the `view` label of the block's metrics
  bool is_conditional = false;  // for some questions only: another may have the same keys (view)

  // --- the server's ---
  struct Part {
    std::string directive;
    Make make;
  };
  [[nodiscard]] std::span<const Part> parts() const { return parts_; }
  void set_reading(std::string directive) { reading_ = std::move(directive); }

  std::string place;  // where the keys begin: "Corefile:1"
  std::vector<ServedKey> keys;
  std::vector<Use> uses;                // of every directive, in plugin order
  std::vector<std::string> directives;  // names, in plugin order

 private:
  corefile::Context context_;
  std::vector<net::InterfaceAddress> interfaces_;
  std::string reading_;
  std::string identity_;
  std::vector<Part> parts_;
};

}  // namespace fairlead::plugins
