// Manifests instead of an API server: a file or folder of YAML or JSON whose objects fill the
// store, read again when it changes. For desks, demos and tests; `kubectl get
// svc,endpointslices,ns,pods -A -o yaml` makes such a file.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "k8s-watch/decode.h"
#include "k8s-watch/watch.h"

namespace fairlead::k8s_watch {

/// One file's text. `name` is what errors call it.
struct ManifestFile {
  std::string name;
  std::string text;
};

/// What all files together declare. A later object replaces an earlier one of the same kind and
/// key.
struct ManifestObjects {
  std::map<zones::ObjectKey, zones::Namespace> namespaces;
  std::map<zones::ObjectKey, zones::Service> services;
  std::map<zones::ObjectKey, zones::EndpointSlice> slices;
  std::map<zones::ObjectKey, zones::Pod> pods;
  std::map<zones::ObjectKey, zones::ServiceImport> imports;
  struct Skipped {
    zones::Kind kind;
    Skip skip;  // detail begins with file and line
  };
  std::vector<Skipped> skipped;
};

/// Reads every document of every file: YAML and JSON, several documents a file, `List` objects.
/// Kinds that DNS does not need are left out silently; so are objects that the label selectors of
/// `options` do not select. An object without a namespace is in "default". A namespace that no
/// document declares exists when an object is in it (and `namespace_labels` is empty): a desk has
/// no controller to create it. Throws std::runtime_error, "FILE: document N, line L: …", when a
/// document cannot be read, "FILE: …" when the whole file cannot: then nothing of it counts.
ManifestObjects read_manifests(const std::vector<ManifestFile>& files, const WatchOptions& options);

/// The files of `path` as they are now: the file itself, or a folder's *.yaml, *.yml and *.json (no
/// hidden ones, no subfolders, symbolic links followed), by name. Throws std::runtime_error when
/// something cannot be read or is too large (64 MiB together).
std::vector<ManifestFile> load_manifest_files(const std::string& path);

/// Watches options.manifests_path: looks every `interval`, and publishes when the content changed
/// and could be read. Files that change are read once they rest for an interval. A bad document, or
/// a file that has become empty, is logged once and the last good state stays. Until the first good
/// reading nothing is published.
std::unique_ptr<ClusterWatch> make_manifest_watch(
    boost::asio::io_context& io, const WatchOptions& options, Publish publish,
    std::shared_ptr<Observer> observer,
    std::chrono::milliseconds interval = std::chrono::seconds(1));

}  // namespace fairlead::k8s_watch
