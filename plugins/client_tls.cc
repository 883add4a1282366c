#include "plugins/client_tls.h"

#include <algorithm>
#include <utility>

namespace fairlead::plugins {

// None: the system's authorities; one: a CA; two: certificate and key; three: all.
fairlead::forward::TlsSettings tls_option(corefile::Cursor& cursor,
                                          const corefile::Context& context) {
  const std::vector<std::string> files = cursor.remaining_args();
  if (files.size() > 3) throw cursor.arg_error();
  const auto path = [&](size_t i) { return corefile::rooted_path(context, files[i]); };
  fairlead::forward::TlsSettings tls;
  if (files.size() >= 2) {
    tls.cert = path(0);
    tls.key = path(1);
  }
  if (files.size() % 2 == 1) tls.ca = path(files.size() - 1);
  return tls;
}

bool take_suffix(std::string& host, std::string& suffix) {
  const size_t percent = host.find('%');
  if (percent == std::string::npos) return true;
  const bool brackets = host.starts_with('[');
  const size_t end = std::min(host.find(brackets ? ']' : ':', percent), host.size());
  suffix = host.substr(percent + 1, end - percent - 1);
  const std::string rest = host.substr(end);
  host.resize(percent);
  // The colon of a port must not become one of an IPv6 address.
  if (!brackets && !rest.empty()) host = "[" + host + "]";
  host += rest;
  return !suffix.empty();
}

TlsFiles files_of(const fairlead::forward::TlsSettings& settings) {
  TlsFiles files;
  for (const std::string* path : {&settings.cert, &settings.key, &settings.ca})
    files.push_back(path->empty() ? std::nullopt : net::FileStamp::of(*path));
  return files;
}

}  // namespace fairlead::plugins
