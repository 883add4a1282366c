#include "zones/pod_details.h"

#include "dns/name.h"

namespace fairlead::zones {
namespace {

// Takes what stands in front of the next NUL, and the NUL.
std::string_view take_text(std::string_view& rest) {
  const size_t end = rest.find('\0');
  const std::string_view text = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return text;
}

}  // namespace

std::optional<std::string_view> PodDetails::label(std::string_view key) const {
  for (std::string_view rest = labels; !rest.empty();) {
    const std::string_view found = take_text(rest);
    const std::string_view value = take_text(rest);
    if (found == key) return value;
  }
  return std::nullopt;
}

Ref<PodDetails> make_pod_details(const Pod& object) {
  if (!object.labels) return nullptr;
  boost::intrusive_ptr<PodDetails> details(new PodDetails);
  details->name = object.key.name;
  details->namespace_name = dns::lowered(object.key.namespace_name);
  for (const auto& [key, value] : *object.labels) {
    details->labels.append(key).push_back('\0');
    details->labels.append(value).push_back('\0');
  }
  return details;
}

}  // namespace fairlead::zones
