// Any bytes as a resolv.conf of autopath, and the last of its words as a question: every name that
// is tried is one, and there is an end.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/autopath/search_path.h"
#include "plugins/autopath/setup.h"

namespace {

using namespace fairlead;
using namespace fairlead::plugins::autopath;

void require(bool good) {
  if (!good) std::abort();
}

void try_all(const SearchPath& path, const dns::Query& question) {
  size_t number = 0;
  while (const auto name = name_of(path, question, number)) {
    require(dns::Name::from_text(dns::to_text(name->view())) == name);
    ++number;
  }
  require(number <= kMostTried + 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr size_t kEnough = 16'384;
  if (size > kEnough) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::vector<std::string> wrong;
  const std::vector<dns::Name> list = read_search_list(text, wrong);
  for (const dns::Name& name : list) {
    require(name.size() > 1);
    dns::Query question;
    question.set_name(name.view());
    if (const auto path = path_in(list, question)) try_all(*path, question);
    for (size_t own = 1; own < question.label_count; ++own)
      try_all({.in_front = 1, .own = own, .rest = list}, question);
  }
  return 0;
}
