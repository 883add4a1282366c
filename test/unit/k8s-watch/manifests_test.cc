#include "k8s-watch/manifests.h"

#include <doctest/doctest.h>

#include <functional>

#include "net/asio.h"
#include "test/unit/k8s-watch/recorder.h"
#include "test/unit/support/temporary_folder.h"

using namespace fairlead;
using namespace fairlead::k8s_watch;

namespace {

const std::string kService = R"(apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop, labels: {app: web}}
spec: {clusterIP: 10.0.0.1, ports: [{name: http, port: 80}]}
)";

/// All objects as text, in order of kind and key.
std::vector<std::string> texts(const ManifestObjects& objects) {
  std::vector<std::string> lines;
  const auto add = [&](const auto& of_kind) {
    for (const auto& [key, object] : of_kind) lines.push_back(to_text(object));
  };
  add(objects.namespaces);
  add(objects.services);
  add(objects.slices);
  add(objects.pods);
  for (const auto& [kind, skip] : objects.skipped) {
    lines.push_back((skip.whole ? "SKIPPED " : "OMITTED ") + to_text(skip.key) + " " + skip.reason +
                    " " + skip.detail);
  }
  return lines;
}

WatchOptions with_pods() {
  WatchOptions options;
  options.pods = true;
  return options;
}

std::vector<std::string> read(const std::string& text, const WatchOptions& options = with_pods()) {
  return texts(read_manifests({{"m.yaml", text}}, options));
}

std::string error_of(const std::string& text) {
  try {
    read(text);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return {};
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("manifests: documents, lists and JSON say the same") {
  const Lines expected{"namespace shop", "service shop/web cluster 10.0.0.1 http/TCP/80"};
  CHECK(read(kService) == expected);
  CHECK(read("# a comment\n---\n" + kService +
             "---\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n") == expected);
  std::string item = "- " + kService;
  for (size_t at = item.find('\n'); at + 1 < item.size(); at = item.find('\n', at + 1))
    item.insert(at + 1, "  ");
  CHECK(read("apiVersion: v1\nkind: List\nitems:\n" + item) == expected);
  const std::string json =
      R"("metadata":{"name":"web","namespace":"shop"},"spec":{"clusterIP":"10.0.0.1","ports":[{"name":"http","port":80}]}})";
  CHECK(read(R"({"apiVersion":"v1","kind":"Service",)" + json) == expected);
  CHECK(read("{\n\t\"apiVersion\":\"v1\",\"kind\":\"Service\"," + json + "\n") == expected);
  // As the API itself lists: the items do not say what they are.
  CHECK(read(R"({"apiVersion":"v1","kind":"ServiceList","items":[{)" + json + "]}") == expected);
}

TEST_CASE("manifests: what the API lists, read as manifests") {
  CHECK(texts(read_manifests({{"s", recording("list-services-json")},
                              {"e", recording("list-endpointslices-json")},
                              {"n", recording("list-namespaces-json")},
                              {"p", recording("list-pods-json")}},
                             with_pods()))
            .size() == 50 + 29 + 11 + 17);
}

TEST_CASE("manifests: kinds that DNS does not need, and others of the same name") {
  CHECK(read("apiVersion: v1\nkind: Endpoints\nmetadata: {name: a}\n---\napiVersion: "
             "apps/v1\nkind: Deployment\n"
             "---\napiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: a}\n"
             "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {}\n")
            .empty());
  CHECK(read("").empty());
}

TEST_CASE("manifests: namespaces") {
  CHECK(read("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nstatus: {podIP: 10.0.0.9}\n") ==
        Lines{"namespace default", "pod default/a 10.0.0.9"});
  WatchOptions labelled = with_pods();
  labelled.namespace_labels = "team=a";
  const std::string spaces =
      "apiVersion: v1\nkind: Namespace\nmetadata: {name: one, labels: {team: a}}\n---\n"
      "apiVersion: v1\nkind: Namespace\nmetadata: {name: two}\n---\n";
  CHECK(read(spaces + kService, labelled) ==
        Lines{"namespace one", "service shop/web cluster 10.0.0.1 http/TCP/80"});
}

TEST_CASE("manifests: options hide objects") {
  const std::string all = kService +
                          "---\napiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: "
                          "{name: e, namespace: shop}\n"
                          "---\napiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: shop}\n";
  CHECK(read(all) == Lines{"namespace shop", "service shop/web cluster 10.0.0.1 http/TCP/80",
                           "slice shop/e of ", "pod shop/p"});
  WatchOptions few;
  few.endpoint_slices = false;
  CHECK(read(all, few) == Lines{"namespace shop", "service shop/web cluster 10.0.0.1 http/TCP/80"});
  WatchOptions labelled = with_pods();
  labelled.labels = "app in (web)";
  CHECK(read(all, labelled) ==
        Lines{"namespace shop", "service shop/web cluster 10.0.0.1 http/TCP/80"});
  labelled.labels = "app!=web";
  CHECK(read(all, labelled) == Lines{"namespace shop", "slice shop/e of ", "pod shop/p"});
}

TEST_CASE("manifests: the last of two wins, over all files") {
  const auto objects = read_manifests({{"a", kService},
                                       {"b",
                                        "apiVersion: v1\nkind: Service\nmetadata: {name: web, "
                                        "namespace: shop}\nspec: {clusterIP: None}\n"}},
                                      with_pods());
  CHECK(texts(objects) == Lines{"namespace shop", "service shop/web headless"});
}

TEST_CASE("manifests: an object that cannot be used is skipped with its place, the others stay") {
  CHECK(read("apiVersion: v1\nkind: Service\nmetadata: {name: bad, namespace: shop}\nspec: "
             "{clusterIP: 7}\n---\n" +
             kService) ==
        Lines{"namespace shop", "service shop/web cluster 10.0.0.1 http/TCP/80",
              "SKIPPED shop/bad type m.yaml: document 1, line 1: spec.clusterIP"});
  CHECK(read("apiVersion: v1\nkind: Service\nmetadata: {name: odd, namespace: shop}\nspec: "
             "{clusterIP: x}\n") ==
        Lines{"namespace shop", "service shop/odd cluster",
              "OMITTED shop/odd address m.yaml: document 1, line 1: spec.clusterIPs"});
}

TEST_CASE("manifests: a document that cannot be read is named with file, document and line") {
  const std::pair<std::string, std::string> rows[] = {
      {kService + "---\na: [\n---\n" + kService, "m.yaml: document 2, line 7: "},
      {"---\n# first\n---\na: b\n\tc: d\n", "m.yaml: document 1, line 5: "},
      {"just text\n", "m.yaml: document 1, line 1: not a Kubernetes object"},
      {"- a\n", "m.yaml: document 1, line 1: not a Kubernetes object"},
      {"kind: Service\n",
       "m.yaml: document 1, line 1: not a Kubernetes object: no apiVersion or kind"},
      {"apiVersion: v1\nkind: [x]\n",
       "m.yaml: document 1, line 1: not a Kubernetes object: no apiVersion or kind"},
      {"apiVersion: v1\nkind: List\nitems: 7\n",
       "m.yaml: document 1, line 1: the items of a List are no list of objects"},
      {"apiVersion: v1\nkind: List\nitems: [7]\n",
       "m.yaml: document 1, line 1: not a Kubernetes object"},
      {"{\n\"apiVersion\": \"v1\",\n\"kind\" \"Service\"}\n", "m.yaml: document 1, line 3: "},
  };
  for (const auto& [text, error] : rows) {
    CAPTURE(text);
    CHECK(error_of(text).starts_with(error));
  }
  for (const std::string& utf16 : {std::string("\xff\xfe") + "k\0", std::string("\xfe\xff\0k"),
                                   std::string("k\0i\0n\0", 6), std::string("\0k\0i", 4)}) {
    CHECK(error_of(utf16) == "m.yaml: the file is UTF-16; manifests are read as UTF-8");
  }
  CHECK(error_of("apiVersion: v1\nkind: Service\nmetadata:\n  <<: {name: a}\n") ==
        "m.yaml: document 1, line 4: merge keys (<<) are not supported");
  std::string nested = R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"n"}})";
  for (int i = 0; i < 10; ++i)
    nested = R"({"apiVersion":"v1","kind":"List","items":[)" + nested + "]}";
  CHECK(error_of(nested) == "m.yaml: document 1, line 1: lists within lists");
}

TEST_CASE("manifests: which files a folder gives") {
  const fairlead::test::TemporaryFolder folder;
  for (const char* name : {"b.yaml", "a.yml", "c.json", ".hidden.yaml", "notes.txt", "data"})
    folder.write(name, name);
  std::filesystem::create_directory(folder.path("folder.yaml"));
  std::filesystem::create_symlink("data", folder.path("link.yaml"));
  std::filesystem::create_symlink("nowhere", folder.path("broken.yaml"));
  Lines names;
  for (const auto& file : load_manifest_files(folder.path(""))) {
    names.push_back(std::filesystem::path(file.name).filename().string() + "=" + file.text);
  }
  CHECK(names == Lines{"a.yml=a.yml", "b.yaml=b.yaml", "c.json=c.json", "link.yaml=data"});
  CHECK(load_manifest_files(folder.path("notes.txt")).size() == 1);
  CHECK_THROWS_AS(load_manifest_files(folder.path("nothing")), std::runtime_error);
}

namespace {

struct Log final : Observer {
  void log(LogLevel level, const std::string& text) override {
    lines.push_back((level == LogLevel::Error ? "E " : "I ") + text);
  }
  void object_skipped(zones::Kind, const std::string&) override { ++skipped; }
  void api_request(const std::string&, const std::string&, const std::string&,
                   std::chrono::nanoseconds) override {}
  void event(zones::Kind) override {}
  void relisted(zones::Kind, const std::string&, size_t count) override { removed += count; }
  void programmed(bool, std::chrono::nanoseconds) override {}

  Lines lines;
  int skipped = 0;
  size_t removed = 0;
};

/// A watch on a folder, run until something is true.
struct Watching {
  explicit Watching(const fairlead::test::TemporaryFolder& folder) {
    WatchOptions options;
    options.manifests_path = folder.path("");
    watch = make_manifest_watch(
        io, options, [this](auto snapshot) { snapshots.push_back(std::move(snapshot)); }, log,
        std::chrono::milliseconds(1));
    watch->start();
  }

  bool until(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!condition() && std::chrono::steady_clock::now() < deadline)
      io.run_one_for(std::chrono::milliseconds(100));
    return condition();
  }

  asio::io_context io;
  std::shared_ptr<Log> log = std::make_shared<Log>();
  std::vector<std::shared_ptr<const zones::Snapshot>> snapshots;
  std::unique_ptr<ClusterWatch> watch;
};

}  // namespace

TEST_CASE("manifests: a change is published, a bad document is not, and the next good one is") {
  const fairlead::test::TemporaryFolder folder;
  folder.write("a.yaml", kService);
  Watching watching(folder);
  REQUIRE(watching.until([&] { return watching.snapshots.size() == 1; }));

  folder.write("placeholder.yaml", "");  // was never anything else
  folder.write("b.yaml", "a: [\n");
  REQUIRE(watching.until([&] { return !watching.log->lines.empty(); }));
  CHECK(watching.log->lines.back().starts_with("E " + folder.path("b.yaml") +
                                               ": document 1, line 2: "));
  CHECK(watching.log->lines.back().ends_with("(the last good state stays)"));
  // Looking again says nothing new.
  for (int i = 0; i < 5; ++i) watching.io.run_one();
  CHECK(watching.log->lines.size() == 1);
  CHECK(watching.snapshots.size() == 1);

  folder.write("b.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: more}\n");
  REQUIRE(watching.until([&] { return watching.snapshots.size() == 2; }));
  CHECK(watching.log->lines.back().starts_with("I manifests can be read again"));

  // Emptied by what is about to fill it.
  folder.write("a.yaml", "");
  REQUIRE(watching.until([&] { return watching.log->lines.back().starts_with("E "); }));
  CHECK(watching.log->lines.back() ==
        "E " + folder.path("a.yaml") + ": empty (the last good state stays)");
  CHECK(watching.snapshots.size() == 2);

  std::filesystem::remove(folder.path("a.yaml"));
  REQUIRE(watching.until([&] { return watching.snapshots.size() == 3; }));
  CHECK(watching.log->removed == 2);

  watching.watch->stop();
  folder.write("a.yaml", kService);
  watching.io.run();
  CHECK(watching.snapshots.size() == 3);
}

TEST_CASE("manifests: a folder without any is told") {
  const fairlead::test::TemporaryFolder folder;
  folder.write("notes.txt", kService);
  Watching watching(folder);
  REQUIRE(watching.until([&] { return !watching.snapshots.empty(); }));
  CHECK(watching.log->lines == Lines{"I no manifests in " + folder.path("") +
                                     ": its *.yaml, *.yml and *.json files are read"});
}

TEST_CASE("manifests: a file that is being written is read when it rests") {
  const fairlead::test::TemporaryFolder folder;
  folder.write("a.yaml", kService);
  Watching watching(folder);
  REQUIRE(watching.until([&] { return watching.snapshots.size() == 1; }));
  folder.write("a.yaml", "---\n");
  watching.io.run_one();  // this look finds a change
  folder.write("a.yaml", std::string(kService) + "# written\n");
  REQUIRE(watching.until([&] { return !watching.log->lines.empty(); }));
  CHECK(watching.log->lines == Lines{"I manifests reloaded from " + folder.path("")});
  CHECK(watching.log->removed == 0);
  CHECK(watching.snapshots.size() == 1);
}

TEST_CASE("manifests: a path that is not there, and selectors that cannot be read, end the start") {
  asio::io_context io;
  const auto log = std::make_shared<Log>();
  WatchOptions options;
  options.manifests_path = "/nonexistent/manifests";
  CHECK_THROWS_WITH(make_manifest_watch(io, options, nullptr, log),
                    "/nonexistent/manifests: no such file or folder");
  options.manifests_path = "/";
  options.labels = "a near (b)";
  CHECK_THROWS_WITH(make_manifest_watch(io, options, nullptr, log),
                    "found 'near', expected: in, notin, =, ==, != or ','");
}
