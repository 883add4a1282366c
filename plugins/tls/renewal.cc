#include "plugins/tls/renewal.h"

#include <fcntl.h>
#include <openssl/crypto.h>

#include <cerrno>
#include <ctime>
#include <functional>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "net/file.h"
#include "net/socket_address.h"

namespace fairlead::plugins::tls {
namespace {

using std::chrono::system_clock;

constexpr size_t kMostOctets = size_t{1} << 20;  // of a file
constexpr mode_t kOwnerOnly = 0600;

// RFC 7858, RFC 8484 §5.2: what a client may choose, the best first.
struct Spoken {
  const char* transport;
  std::initializer_list<const char*> alpn;
};
const Spoken kSpoken[] = {{"tls", {"dot"}}, {"https", {"h2", "http/1.1"}}};

std::string text_of(system_clock::time_point time) {
  const std::time_t seconds = system_clock::to_time_t(time);
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc)};
}

std::shared_ptr<const net::FileDescriptor> open_key_log(const std::string& path) {
  if (path.empty()) return nullptr;
  auto file = std::make_shared<net::FileDescriptor>(
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, kOwnerOnly));
  if (!file->is_open()) {
    throw std::runtime_error("plugin/tls: unable to write TLS Key Log to \"" + path + "\": open " +
                             path + ": " + net::error_text(errno));
  }
  return file;
}

}  // namespace

struct Renewal::Files {
  Files() = default;
  Files(Files&&) = default;
  Files(const Files&) = delete;
  Files& operator=(const Files&) = delete;
  Files& operator=(Files&&) = delete;
  ~Files() { OPENSSL_cleanse(key.data(), key.size()); }

  std::string certificate, key, client_ca;
  std::string error;  // why one of them could not be read
  size_t hash = 0;
};

Renewal::Renewal(TlsIdentity identity, std::shared_ptr<net::TicketKeys> tickets,
                 asio::io_context& context, net::LogSink& log)
    : identity_(std::move(identity)),
      tickets_(std::move(tickets)),
      log_(log),
      timer_(context),
      key_log_(open_key_log(identity_.key_log)) {
  const Files files = read();
  if (!files.error.empty()) throw std::runtime_error("plugin/tls: " + files.error);
  try {
    for (const auto& [transport, made] : make(files))
      current_.emplace(transport, std::make_shared<net::CurrentTls>(made));
  } catch (const std::runtime_error& error) {
    throw std::runtime_error(std::string("plugin/tls: could not load TLS cert: ") + error.what());
  }
  seen_ = files.hash;
}

bool Renewal::is_of(const TlsIdentity& other) const {
  return identity_.certificate == other.certificate && identity_.key == other.key &&
         identity_.client_ca == other.client_ca && identity_.client_auth == other.client_auth &&
         identity_.key_log == other.key_log;
}

Renewal::Files Renewal::read() const {
  Files files;
  std::string all;
  const std::pair<const std::string&, std::string&> each[] = {
      {identity_.certificate, files.certificate},
      {identity_.key, files.key},
      {identity_.client_ca, files.client_ca}};
  for (const auto& [path, text] : each) {
    if (path.empty()) continue;
    const int error = net::read_file(path, kMostOctets, text);
    if (error != 0 && files.error.empty()) {
      files.error = "open " + path + ": " + net::error_text(error);
    } else if (text.empty() && files.error.empty()) {
      files.error = path + " is empty";
    }
    files.hash = files.hash * 31 + std::hash<std::string_view>()(text);
  }
  files.hash = files.hash * 31 + std::hash<std::string_view>()(files.error);
  return files;
}

std::vector<std::string> Renewal::transports() {
  std::vector<std::string> names;
  for (const Spoken& spoken : kSpoken) names.emplace_back(spoken.transport);
  return names;
}

// They differ in what is spoken inside alone.
Renewal::Contexts Renewal::make(const Files& files) const {
  net::ServerTls settings{.certificate = {.file = identity_.certificate, .text = files.certificate},
                          .key = {.file = identity_.key, .text = files.key},
                          .client_auth = identity_.client_auth,
                          .client_ca = {.file = identity_.client_ca, .text = files.client_ca},
                          .tickets = tickets_,
                          .key_log = key_log_};
  Contexts made;
  for (const Spoken& spoken : kSpoken) {
    settings.alpn = {spoken.alpn.begin(), spoken.alpn.end()};
    made.emplace(spoken.transport, net::TlsContext::server(settings));
  }
  OPENSSL_cleanse(settings.key.text.data(), settings.key.text.size());
  return made;
}

void Renewal::start() {
  warn_of_age();
  timer_.expires_after(kEach);
  timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    const auto self = weak.lock();
    if (error || !self) return;
    self->check();
    self->start();
  });
}

// A pair is often seen half written, or with one file of each age: it is tried again when either
// changes.
void Renewal::check() {
  const Files files = read();
  if (files.hash == seen_) return;
  seen_ = files.hash;
  std::string why = files.error;
  if (why.empty()) {
    try {
      for (auto& [transport, context] : make(files)) current_.at(transport)->set(context);
    } catch (const std::runtime_error& error) {
      why = error.what();
    }
  }
  trouble_ = why;
  if (why.empty()) {
    ++renewed_;
    is_old_ = false;
    log_.write(net::LogLevel::Info, "tls",
               "certificate " + identity_.certificate + " is new, valid until " + valid_until());
    return;
  }
  ++failed_;
  log_.write(net::LogLevel::Error, "tls",
             "the new certificate " + identity_.certificate + " cannot be used: " + why +
                 "; the old one stays, valid until " + valid_until());
}

void Renewal::warn_of_age() {
  const bool old = end() <= system_clock::now();
  if (old && !is_old_) {
    log_.write(net::LogLevel::Error, "tls",
               "certificate " + identity_.certificate + " has expired: it was valid until " +
                   valid_until());
  }
  is_old_ = old;
}

std::string Renewal::valid_until() const {
  return text_of(end());
}

system_clock::time_point Renewal::end() const {
  return current_.begin()->second->get()->valid_until();
}

std::string Renewal::status() const {
  std::string text = "certificate " + identity_.certificate + " valid until " + valid_until();
  if (!trouble_.empty()) text += "; its renewal cannot be used: " + trouble_;
  return text;
}

void Renewal::collect(metrics::FamilySet& families) const {
  const std::string& name = identity_.certificate;
  families
      .gauge({"fairlead_tls_certificate_expiry_timestamp_seconds",
              "Until when the certificate that clients are shown is valid.",
              {"certificate"}})
      .set({name}, static_cast<double>(system_clock::to_time_t(end())));
  auto& renewals = families.counter({"fairlead_tls_renewals_total",
                                     "Changes of a certificate's files by outcome: used, failed.",
                                     {"certificate", "result"}});
  metrics::add_seen(renewals, {name, "used"}, renewed_);
  metrics::add_seen(renewals, {name, "failed"}, failed_);
}

}  // namespace fairlead::plugins::tls
