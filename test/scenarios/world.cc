#include "test/scenarios/world.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <stdexcept>
#include <utility>

namespace fairlead::scenarios {
namespace {

void replace_all(std::string& text, const std::string& what, const std::string& with) {
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
    text.replace(at, what.size(), with);
}

std::string address_of(uint16_t port) {
  return "127.0.0.1:" + std::to_string(port);
}

}  // namespace

Folder::Folder() : before_(std::filesystem::current_path()) {
  std::string made = std::filesystem::temp_directory_path() / "scenario-XXXXXX";
  if (::mkdtemp(made.data()) == nullptr) throw std::runtime_error("no folder can be made");
  path_ = made;
  std::filesystem::current_path(path_);
}

Folder::~Folder() {
  std::error_code ignored;
  std::filesystem::current_path(before_, ignored);
  std::filesystem::remove_all(path_, ignored);
}

World::World(std::vector<plugins::Directive> directives)
    : port_(std::make_shared<UdpPort>(
          clock_.context(), uint16_t{0},
          [this](auto packet, const auto& from) { on_datagram(packet, from); })),
      around_{clock_, cluster_, etcd_, {}, std::move(directives)} {
  port_->start();
}

std::optional<std::string> World::begin(const std::string& corefile) {
  server_.reset();
  cluster_ = Cluster();
  etcd_.clear();
  server_ = std::make_unique<Server>(around_);
  return reload(corefile);
}

std::optional<std::string> World::reload(const std::string& corefile) {
  const auto error = server().serve(with_ports(corefile));
  if (!error) return std::nullopt;
  return same_each_time(*error);
}

void World::set_local(const std::vector<std::string>& addresses) {
  around_.interfaces.clear();
  for (const std::string& text : addresses) {
    const auto address = dns::IpAddress::from_text(text);
    if (!address) throw std::runtime_error("no address: " + text);
    around_.interfaces.push_back({"eth0", *address});
  }
}

// The file's time is the scenario's.
void World::write_file(const std::string& path, const std::string& text) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  if (!folder.empty()) std::filesystem::create_directories(folder);
  std::ofstream(path) << text;
  const auto now = net::time_of_day().time_since_epoch();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now);
  const timespec time{static_cast<time_t>(seconds.count()),
                      static_cast<long>((now - seconds).count())};
  const timespec times[] = {time, time};
  if (::utimensat(AT_FDCWD, path.c_str(), times, 0) != 0)
    throw std::runtime_error("cannot be written: " + path);
}

Upstream& World::upstream(const std::string& name) {
  const auto known = upstreams_.find(name);
  if (known == upstreams_.end()) throw std::runtime_error("no upstream: " + name);
  return *known->second;
}

void World::set_script(const std::string& name, Script script) {
  auto& upstream = upstreams_[name];
  if (!upstream) upstream = std::make_unique<Upstream>(clock_.context(), port_->port());
  upstream->set_script(std::move(script));
}

Server& World::server() {
  if (!server_) throw std::runtime_error("a Corefile must come first");
  return *server_;
}

Cluster& World::cluster() {
  static_cast<void>(server());
  return cluster_;
}

EtcdKeys& World::etcd() {
  static_cast<void>(server());
  return etcd_;
}

std::string World::with_ports(std::string text) const {
  for (const auto& [name, upstream] : upstreams_)
    replace_all(text, "{" + name + "}", address_of(upstream->port()));
  replace_all(text, "{server}", std::to_string(port_->port()));
  return text;
}

std::string World::same_each_time(std::string text) const {
  for (const auto& [name, upstream] : upstreams_)
    replace_all(text, address_of(upstream->port()), "{" + name + "}");
  replace_all(text, ":" + std::to_string(port_->port()), ":{server}");
  static const std::regex local("127\\.0\\.0\\.1:[0-9]+");
  static const std::regex probe("[0-9]{8,20}\\.[0-9]{8,20}\\.");
  static const std::regex hash("[0-9a-f]{128}");
  text = std::regex_replace(text, local, "127.0.0.1:*");
  text = std::regex_replace(text, probe, "*.*.");
  return std::regex_replace(text, hash, "*");
}

void World::on_datagram(std::span<const uint8_t> packet, const UdpPort::From& from) {
  if (!server_) return;
  const auto v4 = from.address().to_v4().to_bytes();
  const net::Endpoint client{dns::IpAddress(std::span<const uint8_t>(v4)), from.port()};
  const net::Endpoint local{*dns::IpAddress::from_text("127.0.0.1"), port_->port()};
  server_->ask(packet, client, local)->then([port = port_, from](const Octets& reply) {
    if (!reply.empty()) port->send(reply, from);
  });
}

}  // namespace fairlead::scenarios
