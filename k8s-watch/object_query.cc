// The part of object_query.h that asks an API server.
#include "k8s-watch/object_query.h"

#include <exception>
#include <memory>
#include <string_view>
#include <utility>

#include "dns/printable.h"
#include "k8s-watch/api_client.h"
#include "k8s-watch/decode.h"
#include "k8s-watch/kubeconfig.h"
#include "k8s-watch/url.h"
#include "k8s-watch/whole_body.h"
#include "net/asio.h"

namespace fairlead::k8s_watch {
namespace {

constexpr int kOk = 200;

class Unseen final : public Observer {
 public:
  void log(LogLevel, const std::string& text) override { last = text; }
  void object_skipped(zones::Kind, const std::string&) override {}
  void api_request(const std::string&, const std::string&, const std::string&,
                   std::chrono::nanoseconds) override {}
  void event(zones::Kind) override {}
  void relisted(zones::Kind, const std::string&, size_t) override {}
  void programmed(bool, std::chrono::nanoseconds) override {}

  std::string last;  // what was logged
};

std::string target_of(const ObjectQuery& query) {
  const bool slices = query.resource == Resource::EndpointSlice;
  std::string target = slices ? "/apis/discovery.k8s.io/v1" : "/api/v1";
  target.append("/namespaces/").append(encode_query(query.namespace_name));
  target.append("/").append(resource_name(query.resource)).append("?limit=500");
  if (!query.name.empty())
    target.append("&fieldSelector=").append(encode_query("metadata.name=" + query.name));
  if (!query.labels.empty()) target.append("&labelSelector=").append(encode_query(query.labels));
  return target;
}

// Why `body` is not what was asked for; empty when it is.
std::string trouble_of(const WholeBody& body, const Unseen& observer) {
  if (!body.error.empty()) return body.error;
  if (!body.ended)
    return observer.last.empty() ? "the API server has not answered in time" : observer.last;
  if (body.status == kOk) return {};
  const Status status = decode_status(body.text);
  return std::to_string(body.status) + (status.message.empty() ? "" : " " + status.message);
}

ObjectList ask(const ApiOptions& options, const ObjectQuery& query,
               std::chrono::milliseconds patience) try {
  asio::io_context io(1);
  Unseen observer;
  ApiClient client(
      io, options, [&] { return resolve_access(options); }, observer);
  WholeBody body(io, "the list is larger than 16 MiB");
  HttpRequest request{.target = target_of(query), .headers = {{"Accept", "application/json"}}};
  const auto exchange = client.get(std::move(request), body);
  io.run_for(patience);
  std::string trouble = trouble_of(body, observer);
  if (!trouble.empty()) {
    constexpr size_t kLongest = 500;
    trouble = std::string("cannot list ") + resource_name(query.resource) + ": " +
              dns::printable(trouble, kLongest);
  }
  return {std::move(body.text), std::move(trouble)};
} catch (const std::exception& error) {
  return {{}, error.what()};
}

}  // namespace

const char* resource_name(Resource resource) {
  switch (resource) {
    case Resource::Service:
      return "services";
    case Resource::EndpointSlice:
      return "endpointslices";
    case Resource::Pod:
      return "pods";
    case Resource::ConfigMap:
      break;
  }
  return "configmaps";
}

ObjectSource object_source(const WatchOptions& options, std::chrono::milliseconds patience) {
  if (options.manifests_path.empty()) {
    return [api = options.api, patience](const ObjectQuery& query) {
      return ask(api, query, patience);
    };
  }
  return [path = options.manifests_path](const ObjectQuery& query) -> ObjectList {
    try {
      return manifest_objects(load_manifest_files(path))(query);
    } catch (const std::exception& error) {
      return {{}, error.what()};
    }
  };
}

}  // namespace fairlead::k8s_watch
