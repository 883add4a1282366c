#include "k8s-watch/kubeconfig.h"

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "test/unit/support/temporary_folder.h"

using namespace fairlead::k8s_watch;

namespace {

const std::string kConfig = R"(apiVersion: v1
kind: Config
current-context: one
clusters:
- name: a
  cluster:
    server: https://10.0.0.1:6443/
    certificate-authority-data: Q0EgYQo=
    tls-server-name: api.example
- name: b
  cluster: {server: "https://[::1]:6443", insecure-skip-tls-verify: true}
users:
- name: cert
  user: {client-certificate-data: Q0VSVA==, client-key-data: S0VZ}
- name: token
  user: {token: secret}
- name: basic
  user: {username: u, password: "1"}
contexts:
- name: one
  context: {cluster: a, user: cert, namespace: x}
- name: two
  context: {cluster: b, user: token}
- name: three
  context: {cluster: b, user: basic}
- name: nobody
  context: {cluster: b}
)";

ApiAccess parse(const std::string& text, const std::string& context = "") {
  return parse_kubeconfig(text, "/etc/kube.conf", context);
}

/// The error's text; empty when there is none.
template <typename Action>
std::string error_of(Action action) {
  try {
    action();
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return {};
}

std::string with_user(const std::string& user) {
  return "current-context: c\nclusters: [{name: k, cluster: {server: 'https://h'}}]\n"
         "contexts: [{name: c, context: {cluster: k, user: u}}]\nusers: [{name: u, user: " +
         user + "}]\n";
}

std::string with_cluster(const std::string& cluster) {
  return "current-context: c\ncontexts: [{name: c, context: {cluster: k}}]\nclusters: [{name: k, "
         "cluster: " +
         cluster + "}]\n";
}

}  // namespace

TEST_CASE("kubeconfig: the current context") {
  const ApiAccess access = parse(kConfig);
  CHECK(access.url == "https://10.0.0.1:6443");
  CHECK(access.ca_pem == "CA a\n");
  CHECK(access.server_name == "api.example");
  CHECK(access.cert_pem == "CERT");
  CHECK(access.key_pem == "KEY");
  CHECK_FALSE(access.insecure);
  CHECK(access.token.empty());
}

TEST_CASE("kubeconfig: a named context") {
  CHECK(parse(kConfig, "two").url == "https://[::1]:6443");
  CHECK(parse(kConfig, "two").token == "secret");
  CHECK(parse(kConfig, "two").insecure);
  CHECK(parse(kConfig, "three").username == "u");
  CHECK(parse(kConfig, "three").password == "1");
  CHECK(parse(kConfig, "nobody").token.empty());
}

TEST_CASE("kubeconfig: errors name the file and what is missing") {
  struct Row {
    std::string text, context, what;
  };
  const Row rows[] = {
      {"", "", "not a kubeconfig"},
      {"[]", "", "not a kubeconfig"},
      {"a: [", "", "line 1: "},
      {"a: b\n\tc: d\n", "", "line 2: "},
      {"a: \"\\\x01\"", "", "unknown escape character: ?"},
      {"apiVersion: v1", "", "no current-context"},
      {kConfig, "four", "no context named \"four\""},
      {"current-context: c\ncontexts: 7", "", "contexts is not a list"},
      {"current-context: []", "", "current-context is not a text"},
      {"current-context: c\ncontexts: [{name: c}]", "", "context \"c\" has no content"},
      {"current-context: c\ncontexts: [{name: c, context: {}}]", "",
       "context \"c\" names no cluster"},
      {"current-context: c\ncontexts: [{name: c, context: {cluster: k}}]", "",
       "no cluster named \"k\""},
      {with_cluster("{}"), "", "cluster \"k\" has no server"},
      {with_cluster("{server: [x]}"), "", "server is not a text"},
      {with_cluster("{server: h, certificate-authority-data: '*'}"), "",
       "certificate-authority-data is not base64"},
      {with_cluster("{server: h, certificate-authority: /nonexistent/ca}"), "",
       "/nonexistent/ca: cannot be read"},
      {with_cluster("{server: h, insecure-skip-tls-verify: perhaps}"), "", "must be true or false"},
      {with_cluster("{server: h, proxy-url: 'http://p'}"), "", "proxy-url is not supported"},
      {with_user("{auth-provider: {name: gcp}}"), "", "user \"u\" needs an auth-provider"},
      {with_user("{token: \"a\\r\\nX-Remote-User: b\"}"), "", "token is not one line of text"},
      {with_user("{as: admin}"), "", "impersonation (as) is not supported"},
      {with_user("{client-key-data: S0VZ}"), "", "needs both client-certificate and client-key"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    const std::string error = error_of([&] { parse(row.text, row.context); });
    CHECK(error.starts_with("kubeconfig /etc/kube.conf: "));
    CHECK(error.find(row.what) != std::string::npos);
  }
  CHECK(error_of([] { load_kubeconfig("/nonexistent/config", ""); }) ==
        "kubeconfig /nonexistent/config: cannot be read");
  CHECK(error_of([] { load_kubeconfig("/", ""); }) == "kubeconfig /: cannot be read");
}

TEST_CASE("kubeconfig: an exec plugin") {
  const std::string v1 = "apiVersion: client.authentication.k8s.io/v1, interactiveMode: Never, ";
  const ApiAccess access =
      parse(with_user("{exec: {" + v1 +
                      "command: aws, args: [eks, 7], env: [{name: A, value: b}, {name: C}], "
                      "installHint: get it}}"));
  REQUIRE(access.exec);
  CHECK(access.exec->command == "aws");
  CHECK(access.exec->args == std::vector<std::string>{"eks", "7"});
  CHECK(access.exec->env ==
        std::vector<std::pair<std::string, std::string>>{{"A", "b"}, {"C", ""}});
  CHECK(access.exec->api_version == "client.authentication.k8s.io/v1");
  CHECK(access.exec->install_hint == "get it");
  CHECK_FALSE(access.exec->provide_cluster_info);
  CHECK(parse(with_user("{exec: {" + v1 + "command: ./aws}}")).exec->command == "/etc/aws");
  CHECK(parse(with_user("{exec: {" + v1 + "command: /bin/aws}}")).exec->command == "/bin/aws");
  CHECK(parse(with_user("{exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: x}}"))
            .exec);
  // Other credentials win.
  CHECK_FALSE(parse(with_user("{token: t, exec: {" + v1 + "command: x}}")).exec);
  CHECK_FALSE(parse(with_user("{username: t, exec: {" + v1 + "command: x}}")).exec);
}

TEST_CASE("kubeconfig: what an exec plugin is told of its cluster") {
  const auto text = [](const std::string& value) {
    return "current-context: c\ncontexts: [{name: c, context: {cluster: k, user: u}}]\n"
           "users: [{name: u, user: {exec: {apiVersion: client.authentication.k8s.io/v1beta1, "
           "command: x, provideClusterInfo: true}}}]\n"
           "clusters:\n- name: k\n  cluster:\n    server: https://h\n    extensions:\n"
           "    - {name: other, extension: 1}\n"
           "    - {name: client.authentication.k8s.io/exec, extension: " +
           value + "}\n";
  };
  const ApiAccess access =
      parse(text("{a: '1', b: 1, c: [true, null, x], 'd\"': {}, e: [], f: ~}"));
  REQUIRE(access.exec);
  CHECK(access.exec->provide_cluster_info);
  CHECK(access.exec->cluster_config ==
        R"({"a":"1","b":1,"c":[true,null,"x"],"d\"":{},"e":[],"f":null})");
  CHECK(error_of([&] {
          parse(text(std::string(40, '[') + std::string(40, ']')));
        }).ends_with("user \"u\": exec: the cluster's extension is nested too deeply"));
  CHECK(error_of([&] {
          parse(text("[" + std::string(70'000, 'x') + ", 1, 2]"));
        }).ends_with("exec: the cluster's extension is larger than 64 KiB"));
}

TEST_CASE("kubeconfig: mistakes in an exec plugin") {
  const std::string v1 = "apiVersion: client.authentication.k8s.io/v1, command: x";
  const std::pair<std::string, std::string> rows[] = {
      {"[]", "has no content"},
      {"{apiVersion: client.authentication.k8s.io/v1}", "no command"},
      {"{command: aws}", "apiVersion is \"\"; supported are client.authentication.k8s.io/v1 and "},
      {"{command: aws, apiVersion: client.authentication.k8s.io/v1alpha1}",
       "v1alpha1\"; supported"},
      {"{" + v1 + "}", "no interactiveMode"},
      {"{" + v1 + ", interactiveMode: Always}", "a server has no terminal"},
      {"{" + v1 + ", interactiveMode: Sometimes}", "interactiveMode is \"Sometimes\""},
      {"{" + v1 + ", args: x}", "args is not a list"},
      {"{" + v1 + ", args: [[]]}", "args is not a text"},
      {"{" + v1 + ", args: [\"\\0\"]}", "args holds a NUL"},
      {"{" + v1 + ", env: [x]}", "env holds what is no name and value"},
      {"{" + v1 + ", env: [{value: x}]}", "\"\" is no name of a variable"},
      {"{" + v1 + ", env: [{name: a=b}]}", "\"a=b\" is no name of a variable"},
      {"{" + v1 + ", interactiveMode: Never, provideClusterInfo: 7}", "must be true or false"},
  };
  for (const auto& [exec, what] : rows) {
    CAPTURE(exec);
    const std::string error = error_of([&] { parse(with_user("{exec: " + exec + "}")); });
    CHECK(error.starts_with("kubeconfig /etc/kube.conf: user \"u\": exec: "));
    CHECK(error.find(what) != std::string::npos);
  }
}

TEST_CASE("kubeconfig: files stand relative to it") {
  const fairlead::test::TemporaryFolder folder;
  folder.write("ca.pem", "CA");
  folder.write("config", with_cluster("{server: 'https://h', certificate-authority: ca.pem}"));
  CHECK(load_kubeconfig(folder.path("config"), "").ca_pem == "CA");
  folder.write("token-config", with_user("{tokenFile: token}"));
  CHECK(load_kubeconfig(folder.path("token-config"), "").token_file == folder.path("token"));
  folder.write("huge", std::string((4U << 20U) + 1, '#'));
  CHECK(error_of([&] { load_kubeconfig(folder.path("huge"), ""); }).ends_with("larger than 4 MiB"));
}

TEST_CASE("access: inside a cluster") {
  const fairlead::test::TemporaryFolder folder;
  folder.write("token", "t\n");
  folder.write("ca.crt", "CA");
  std::map<std::string, std::string> env{{"KUBERNETES_SERVICE_HOST", "10.96.0.1"},
                                         {"KUBERNETES_SERVICE_PORT", "443"}};
  const Surroundings inside{[&](const char* name) { return env[name]; }, folder.path("")};
  const ApiAccess access = resolve_access({}, inside);
  CHECK(access.url == "https://10.96.0.1:443");
  CHECK(access.ca_pem == "CA");
  CHECK(access.token_file == folder.path("") + "/token");
  env["KUBERNETES_SERVICE_HOST"] = "fd00::1";
  CHECK(resolve_access({}, inside).url == "https://[fd00::1]:443");
  folder.write("token", "\n");
  CHECK(error_of([&] { resolve_access({}, inside); }).ends_with("/token: empty"));
  const Surroundings elsewhere{inside.env, "/nonexistent"};
  CHECK(error_of([&] {
          resolve_access({}, elsewhere);
        }).find("/nonexistent/token: cannot be read") != std::string::npos);
  env.clear();
  CHECK(error_of([&] { resolve_access({}, inside); }).starts_with("not inside a cluster"));
}

TEST_CASE("access: endpoint and tls, alone or over a kubeconfig") {
  const fairlead::test::TemporaryFolder folder;
  for (const char* name : {"ca", "cert", "key"}) folder.write(name, name);
  folder.write("config", kConfig);
  ApiOptions options;
  options.endpoint = "http://127.0.0.1:8080/";
  CHECK(resolve_access(options).url == "http://127.0.0.1:8080");
  options.tls_ca_file = folder.path("ca");
  options.tls_cert_file = folder.path("cert");
  options.tls_key_file = folder.path("key");
  const ApiAccess access = resolve_access(options);
  CHECK(access.ca_pem == "ca");
  CHECK(access.cert_pem == "cert");
  CHECK(access.key_pem == "key");
  options.kubeconfig_file = folder.path("config");
  options.kubeconfig_context = "two";
  CHECK(resolve_access(options).url == "http://127.0.0.1:8080");
  CHECK(resolve_access(options).token == "secret");
  options.endpoint.clear();
  CHECK(resolve_access(options).url == "https://[::1]:6443");
}
