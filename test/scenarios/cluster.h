// A cluster in memory and the path of a query through it: parse, respond, render, as a server with
// one block of one `kubernetes` directive and nothing behind it goes.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "dns/answer.h"
#include "dns/query.h"
#include "k8s-watch/watch.h"
#include "test/scenarios/wire.h"
#include "zones/cluster_zone.h"
#include "zones/store.h"

namespace fairlead::scenarios {

class Cluster {
 public:
  /// `directive`: the lines of a `kubernetes` directive, "kubernetes ZONE…" first, then its
  /// options. Besides CoreDNS's there are `local ADDRESS…`, the addresses of the server itself.
  /// Options that say where the API is are ignored. Throws std::runtime_error on an option that is
  /// unknown here.
  explicit Cluster(const std::vector<std::string>& directive);

  /// Puts every object of a YAML text in, as the `manifests` option would.
  void load_yaml(const std::string& text);

  /// One line that changes the cluster; true when it is such a line (see README.md). Throws when
  /// the line is wrong.
  bool change(std::string_view line);

  /// From now on a name that is not there does not exist.
  void sync() { store_.set_synced(); }

  /// The reply to a packet; empty when there is none.
  Octets ask(const Octets& packet, bool tcp);

 private:
  void put_line(const std::string& kind, std::istream& in);
  bool resolve(const dns::Query& query, dns::Answer& answer, int depth);
  size_t respond(const dns::Query& query, std::span<uint8_t> out);

  zones::ClusterZone zone_;
  k8s_watch::WatchOptions watch_;
  zones::Store store_;
  dns::Answer answer_;
};

}  // namespace fairlead::scenarios
