// Requests with the credentials of a plugin, a shell script, against a scripted API server.
#include "k8s-watch/exec_login.h"

#include <algorithm>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "k8s-watch/api_client.h"
#include "test/unit/k8s-watch/transport_client.h"
#include "test/unit/support/certificates.h"
#include "test/unit/support/temporary_folder.h"
// Last, because its macros have short names.
#include <doctest/doctest.h>

namespace fairlead::k8s_watch {
namespace {

using namespace std::chrono_literals;
using namespace test;

struct Heard : Observer {
  void log(LogLevel, const std::string& text) override { lines.push_back(text); }
  void object_skipped(zones::Kind, const std::string&) override {}
  void api_request(const std::string&, const std::string&, const std::string&,
                   std::chrono::nanoseconds) override {}
  void event(zones::Kind) override {}
  void relisted(zones::Kind, const std::string&, size_t) override {}
  void programmed(bool, std::chrono::nanoseconds) override {}

  std::vector<std::string> lines;
};

// Runs a script that is a file of the folder; each run counts, in the folder's file "runs".
struct Login {
  explicit Login(const std::string& url = {}) {
    access.url = url;
    access.exec = ExecPlugin{.command = "/bin/sh",
                             .args = {folder.path("plugin")},
                             .env = {{"FOLDER", folder.path("")}},
                             .api_version = "client.authentication.k8s.io/v1"};
    source = [this] { return access; };
  }

  void script(const std::string& text) const {
    folder.write("plugin", "echo x >> $FOLDER/runs\n" + text + "\n");
  }

  // `$1` of the script's function: the status.
  void say(const std::string& status) const {
    folder.write("said", R"({"kind":"ExecCredential",)"
                         R"("apiVersion":"client.authentication.k8s.io/v1","status":)" +
                             status + "}");
    script("cat $FOLDER/said");
  }

  [[nodiscard]] size_t runs() const {
    std::ifstream in(folder.path("runs"));
    return static_cast<size_t>(std::count(std::istreambuf_iterator<char>(in), {}, 'x'));
  }

  // All at once; the statuses or errors, one after the other.
  std::string get(size_t requests = 1) {
    if (!client) client = std::make_unique<ApiClient>(io, ApiOptions(), source, heard);
    std::vector<std::unique_ptr<Received>> received;
    std::vector<std::unique_ptr<Exchange>> exchanges;
    for (size_t i = 0; i < requests; ++i) {
      received.push_back(std::make_unique<Received>());
      exchanges.push_back(client->get(patient("/"), *received.back()));
    }
    const auto limit = Clock::now() + 60s;
    const auto ended = [](const auto& one) { return one->ended; };
    io.restart();
    while (!std::ranges::all_of(received, ended) && Clock::now() < limit) io.run_one_for(100ms);
    std::string result;
    for (const auto& one : received)
      result += (result.empty() ? "" : " ") +
                (one->error.empty() ? std::to_string(one->status) : one->error);
    return result;
  }

  const fairlead::test::TemporaryFolder folder;
  asio::io_context io{1};
  Heard heard;
  ApiAccess access;
  AccessSource source;
  std::unique_ptr<ApiClient> client;
};

// 200 for the tokens that it knows.
struct Api {
  void serve(Peer& peer) {
    while (const auto request = peer.read()) {
      const std::lock_guard lock(mutex);
      const auto sent = request->headers.find("authorization");
      tokens.push_back(sent == request->headers.end() ? "none" : sent->second);
      peer.write(response(tokens.back() == "Bearer " + good ? 200 : 401, "{}"));
    }
  }

  void accept(const std::string& token) {
    const std::lock_guard lock(mutex);
    good = token;
  }

  std::mutex mutex;
  std::string good = "one";
  std::vector<std::string> tokens;
  HttpServer server{[this](Peer& peer) { serve(peer); }};
};

std::string time_text(std::chrono::seconds from_now) {
  const time_t at = std::time(nullptr) + from_now.count();
  tm parts{};
  gmtime_r(&at, &parts);
  char text[32];
  return {text, strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

}  // namespace

TEST_CASE("exec login: one run for all who wait, kept for those who come later") {
  Api api;
  Login login(api.server.url());
  login.say(R"({"token":"one"})");
  CHECK(login.get(3) == "200 200 200");
  CHECK(login.get() == "200");
  CHECK(login.runs() == 1);
}

TEST_CASE("exec login: a refused token is got again, by one of those who had it") {
  Api api;
  Login login(api.server.url());
  login.say(R"({"token":"one"})");
  CHECK(login.get() == "200");
  api.accept("two");
  login.say(R"({"token":"two"})");
  CHECK(login.get(2) == "401 401");
  CHECK(login.runs() == 1);
  CHECK(login.get(2) == "200 200");
  CHECK(login.runs() == 2);
}

TEST_CASE("exec login: before it expires") {
  Api api;
  Login login(api.server.url());
  SUBCASE("long before: not yet") {
    login.say(R"({"token":"one","expirationTimestamp":")" + time_text(1h) + "\"}");
    CHECK(login.get() == "200");
    CHECK(login.get() == "200");
    CHECK(login.runs() == 1);
  }
  SUBCASE("it has expired already: for those who waited only") {
    login.say(R"({"token":"one","expirationTimestamp":")" + time_text(-10s) + "\"}");
    CHECK(login.get() == "200");
    CHECK(login.get() == "200");
    CHECK(login.runs() == 2);
  }
}

TEST_CASE("exec login: without another one the old one goes on while it lasts") {
  Api api;
  Login login(api.server.url());
  login.say(R"({"token":"one","expirationTimestamp":")" + time_text(1h) + "\"}");
  CHECK(login.get() == "200");
  api.accept("none");
  CHECK(login.get() == "401");
  api.accept("one");
  login.script("exit 3");
  CHECK(login.get() == "200");
  CHECK(login.runs() == 2);
  CHECK(login.heard.lines == std::vector<std::string>{"exec plugin /bin/sh: ended with status 3"});
}

TEST_CASE("exec login: a plugin that fails fails the request, and is run again") {
  Api api;
  Login login(api.server.url());
  login.script("echo no session >&2; exit 1");
  CHECK(login.get(2) ==
        "no credentials: exec plugin /bin/sh: ended with status 1 "
        "no credentials: exec plugin /bin/sh: ended with status 1");
  CHECK(login.runs() == 1);
  CHECK(login.heard.lines == std::vector<std::string>{"exec plugin /bin/sh: no session"});
  login.script("echo '{'");
  CHECK(login.get().starts_with(
      "no credentials: exec plugin /bin/sh: what it wrote is no ExecCredential: "));
  login.say(R"({"token":"one"})");
  CHECK(login.get() == "200");
  CHECK(api.tokens == std::vector<std::string>{"Bearer one"});
}

TEST_CASE("exec login: a plugin that is not there says how to get it") {
  Api api;
  Login login(api.server.url());
  login.access.exec->command = "/nonexistent/plugin";
  login.access.exec->install_hint = "install it";
  CHECK(login.get() == "no credentials: exec plugin /nonexistent/plugin: not found; install it");
}

TEST_CASE("exec login: another plugin in the kubeconfig, or none any more") {
  Api api;
  Login login(api.server.url());
  login.say(R"({"token":"one"})");
  CHECK(login.get() == "200");
  api.accept("two");
  SUBCASE("another") {
    login.say(R"({"token":"two"})");
    login.access.exec->env.emplace_back("OTHER", "1");
    login.client->renew_credentials();
    CHECK(login.get() == "200");
    CHECK(login.runs() == 2);
  }
  SUBCASE("none") {
    login.access.exec.reset();
    login.access.token = "two";
    login.client->renew_credentials();
    CHECK(login.get() == "200");
    CHECK(login.runs() == 1);
  }
  SUBCASE("none, while it runs") {
    CHECK(login.get() == "401");
    login.script("sleep 1000");
    Received waiting;
    const auto exchange = login.client->get(patient("/"), waiting);
    login.access.exec.reset();
    login.access.token = "two";
    login.client->renew_credentials();
    CHECK(login.get() == "200");
    const auto limit = Clock::now() + 20s;
    while (!waiting.ended && Clock::now() < limit) login.io.run_one_for(100ms);
    CHECK(waiting.status == 200);
  }
}

TEST_CASE("exec login: a certificate") {
  const auto authority = fairlead::test::make_identity("authority", "", nullptr);
  const auto server = fairlead::test::make_identity("server", "IP:127.0.0.1", &authority);
  const auto user = fairlead::test::make_identity("user", "DNS:user", &authority);
  HttpServer api(always(response(200, "{}")), {.cert_pem = server.certificate_pem(),
                                               .key_pem = server.key_pem(),
                                               .client_ca_pem = authority.certificate_pem()});
  Login login;
  login.access.url = api.url();
  login.access.ca_pem = authority.certificate_pem();
  const auto said = [&](const std::string& certificate) {
    std::string status = R"({"clientCertificateData":")" + certificate + R"(","clientKeyData":")" +
                         user.key_pem() + "\"}";
    for (size_t at = 0; (at = status.find('\n', at)) != std::string::npos;)
      status.replace(at, 1, "\\n");
    return status;
  };
  login.say(said("none"));
  CHECK(login.get().starts_with("no credentials: "));
  login.say(said(user.certificate_pem()));
  CHECK(login.get() == "200");
  CHECK(login.get() == "200");
  CHECK(login.runs() == 2);
}

TEST_CASE("exec login: one that takes too long is killed") {
  Login login;
  login.script("sleep 1000");
  ExecLogin own(login.io, login.heard, 50ms);
  std::string trouble;
  own.run(login.access, [&](const std::string& text) { trouble = text; });
  login.io.run_for(60s);
  CHECK(trouble == "exec plugin /bin/sh: still ran after 0 s and was killed");
  CHECK_FALSE(own.is_usable());
}

}  // namespace fairlead::k8s_watch
