#include "plugins/metadata/setup.h"

#include <utility>

#include "plugins/building.h"
#include "plugins/names.h"

namespace fairlead::plugins::metadata {

Options parse(corefile::Cursor& cursor, const corefile::Context& context) {
  cursor.next();
  Options options{corefile::zone_arguments(cursor, cursor.remaining_args(), context.block_zones)};
  if (cursor.next_block() || cursor.next()) throw cursor.arg_error();
  return options;
}

// Nothing is done with a question: who wants a label asks Walk::label().
void read(corefile::Cursor& cursor, Plan& plan) {
  const Options options = parse(cursor, plan.context());
  plan.make([zones = names_at(cursor, options.zones)](Building& building) {
    building.labels()->tell_of(zones);
    building.handles_queries();
  });
}

}  // namespace fairlead::plugins::metadata
