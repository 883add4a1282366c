// Any text as an expression: it is refused, or says the same whenever it is asked.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "dns/query.h"
#include "expression/compile_error.h"
#include "expression/program.h"
#include "expression/request.h"
#include "net/endpoint.h"

namespace {

using namespace fairlead;

void require(bool good) {
  if (!good) std::abort();
}

void run(const expression::Program& program) {
  static const dns::Name kName = *dns::Name::from_text("web.default.svc.cluster.local");
  dns::Query query;
  query.has_question = true;
  query.set_name(kName.view());
  net::Peers peers;
  peers.client.address = *dns::IpAddress::from_text("10.1.2.3");
  const expression::Request request(query, peers);
  expression::Scratch scratch;
  const expression::Outcome first = program.run(request, scratch);
  const bool is_true = first.error == nullptr && first.value.is_true();
  require(program.holds(request) == is_true);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr size_t kEnough = 4096;
  static const expression::Environment kEnvironment = expression::request_environment();
  if (size > kEnough) return 0;
  try {
    run(expression::compile(std::string(data, data + size), kEnvironment));
  } catch (const expression::CompileError& e) {
    require(*e.what() != '\0');
  }
  return 0;
}
