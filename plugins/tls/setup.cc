#include "plugins/tls/setup.h"

#include <array>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "corefile/directives.h"
#include "net/tls_context.h"

namespace fairlead::plugins::tls {
namespace {

using corefile::Context;
using corefile::Cursor;
using net::ClientAuth;

constexpr std::array<std::pair<std::string_view, ClientAuth>, 5> kClientAuth = {{
    {"nocert", ClientAuth::None},
    {"request", ClientAuth::Request},
    {"require", ClientAuth::Require},
    {"verify_if_given", ClientAuth::VerifyIfGiven},
    {"require_and_verify", ClientAuth::RequireAndVerify},
}};

ClientAuth parse_client_auth(Cursor& cursor) {
  const std::string word = cursor.only_arg();
  for (const auto& [name, auth] : kClientAuth) {
    if (word == name) return auth;
  }
  throw cursor.error("unknown authentication type '" + word + "'",
                     {"nocert", "request", "require", "verify_if_given", "require_and_verify"});
}

void parse_option(Cursor& cursor, const Context& context, TlsIdentity& identity) {
  const std::string option = cursor.value();
  if (option == "client_auth") {
    identity.client_auth = parse_client_auth(cursor);
  } else if (option == "keylog") {
    identity.key_log = corefile::rooted_path(context, cursor.only_arg());
  } else if (option == "acme") {
    throw cursor.not_supported("'acme'");
  } else {
    throw cursor.error("unknown option '" + option + "'", {"client_auth", "keylog"});
  }
}

// Why a file could not be read, in Go's words.
std::string read_file(const Context& context, const std::string& path, std::string& text) {
  const std::optional<corefile::FileText> file = context.files->read(path);
  if (!file) return "open " + path + ": no such file or directory";
  if (!file->error.empty()) return "open " + path + ": " + file->error;
  text = file->text;
  return text.empty() ? "tls: " + path + " is empty" : std::string();
}

// OpenSSL's reasons name the file.
void try_out(const net::ServerTls& settings, const Cursor& cursor, const std::string& what) {
  try {
    static_cast<void>(net::TlsContext::server(settings));
  } catch (const std::runtime_error& error) {
    throw cursor.error(what + error.what());
  }
}

void read_files(const Cursor& cursor, const Context& context, TlsIdentity& identity) {
  if (context.files == nullptr) return;
  constexpr const char* kPair = "could not load TLS cert: ";
  net::ServerTls settings{.certificate = {.file = identity.certificate},
                          .key = {.file = identity.key}};
  for (net::Pem* pem : {&settings.certificate, &settings.key}) {
    const std::string error = read_file(context, pem->file, pem->text);
    if (!error.empty()) throw cursor.error(kPair + error);
  }
  try_out(settings, cursor, kPair);
  identity.certificate_text = settings.certificate.text;
  if (identity.client_ca.empty()) return;
  const std::string error = read_file(context, identity.client_ca, identity.client_ca_text);
  if (!error.empty()) throw cursor.error("error reading " + identity.client_ca + ": " + error);
  settings.client_ca = {.file = identity.client_ca, .text = identity.client_ca_text};
  try_out(settings, cursor, "could not read root certs: ");
}

TlsIdentity parse_use(Cursor& cursor, const Context& context) {
  TlsIdentity identity;
  const std::vector<std::string> args = cursor.remaining_args();
  const bool has_files = args.size() == 2 || args.size() == 3;
  if (has_files) {
    identity.certificate = corefile::rooted_path(context, args[0]);
    identity.key = corefile::rooted_path(context, args[1]);
    if (args.size() == 3) identity.client_ca = corefile::rooted_path(context, args[2]);
  } else if (!args.empty()) {
    throw cursor.arg_error();
  }
  while (cursor.next_block()) parse_option(cursor, context, identity);
  if (!has_files) throw cursor.error("a certificate and its key are expected");
  read_files(cursor, context, identity);
  return identity;
}

}  // namespace

TlsIdentity parse(Cursor& cursor, const Context& context) {
  std::optional<TlsIdentity> identity;
  while (cursor.next()) {
    if (identity) cursor.warn("tls: this line takes the place of the one before it in the block");
    identity = parse_use(cursor, context);
  }
  return identity.value_or(TlsIdentity{});
}

}  // namespace fairlead::plugins::tls
