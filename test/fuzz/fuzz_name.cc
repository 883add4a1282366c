// Presentation form of a name: whatever is read comes back the same, and its text is printable.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "dns/address.h"
#include "dns/name.h"

namespace {

void demand(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "broken: %s\n", what);
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using fairlead::dns::Name;
  const std::string input(reinterpret_cast<const char*>(data), size);
  static_cast<void>(fairlead::dns::address_from_label(input));
  const auto name = Name::from_text(input);
  if (!name) return 0;
  demand(name->size() >= 1 && name->size() <= fairlead::dns::kMaxNameSize, "the name's size");
  const std::string text = fairlead::dns::to_text(name->view());
  for (const char c : text) demand(c > ' ' && c < 0x7f, "printable text");
  const auto again = Name::from_text(text);
  demand(again && *again == *name, "text and back");
  demand(fairlead::dns::is_at_or_below(name->view(), name->view()), "a name is at itself");
  static_cast<void>(fairlead::dns::address_from_reverse_name(name->lowered().view()));
  return 0;
}
