#include "plugins/nsid/setup.h"

namespace fairlead::plugins::nsid {

Options parse(corefile::Cursor& cursor) {
  Options options;
  while (cursor.next()) {
    cursor.require_once();  // a brace is taken for a second use
    for (const std::string& word : cursor.remaining_args())
      options.data.append(options.data.empty() ? "" : " ").append(word);
  }
  return options;
}

}  // namespace fairlead::plugins::nsid
