// What a scenario is played in: a server, its clients, upstreams and files, with a clock that is
// turned by hand.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "test/scenarios/cluster.h"
#include "test/scenarios/etcd_keys.h"
#include "test/scenarios/server.h"
#include "test/scenarios/turned_clock.h"
#include "test/scenarios/udp_port.h"
#include "test/scenarios/upstream.h"

namespace fairlead::scenarios {

/// A new folder, which is the working directory as long as this lives.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

 private:
  std::string before_, path_;
};

/// One at a time. What it says of addresses is the same in every run: {NAME} stands for an
/// upstream, {server} for the port of the server.
class World {
 public:
  /// `directives` are those that Corefiles may use.
  explicit World(std::vector<plugins::Directive> directives);

  /// A server that has served nothing before, and a cluster without objects. The error if it cannot
  /// be served.
  std::optional<std::string> begin(const std::string& corefile);

  /// Another Corefile for the same server.
  std::optional<std::string> reload(const std::string& corefile);

  /// The addresses of the server's own interfaces, for begin().
  void set_local(const std::vector<std::string>& addresses);

  void write_file(const std::string& path, const std::string& text);

  /// Throws when there is none of this name; made by set_script().
  Upstream& upstream(const std::string& name);
  void set_script(const std::string& name, Script script);

  /// Throw before begin().
  Server& server();
  Cluster& cluster();
  EtcdKeys& etcd();
  [[nodiscard]] TurnedClock& clock() { return clock_; }

  /// `text` with ports as names, and `*` for what is random.
  [[nodiscard]] std::string same_each_time(std::string text) const;

 private:
  [[nodiscard]] std::string with_ports(std::string text) const;
  void on_datagram(std::span<const uint8_t> packet, const UdpPort::From& from);

  const Folder folder_;
  TurnedClock clock_;
  std::shared_ptr<UdpPort> port_;  // where the server is reached from its own probes
  std::map<std::string, std::unique_ptr<Upstream>> upstreams_;
  Cluster cluster_;
  EtcdKeys etcd_;
  Surroundings around_;
  std::unique_ptr<Server> server_;
};

}  // namespace fairlead::scenarios
