// The cluster zone's answer to a question: pure, no I/O, no clock.
#pragma once

#include "dns/answer.h"
#include "zones/subject.h"

namespace fairlead::zones {

enum class Outcome : uint8_t {
  NotInZone,    // the qname is in none of the zones; the answer is untouched
  FallThrough,  // the name does not exist here and `fallthrough` passes it on; the answer is
                // untouched
  Answered,     // the answer is complete
  Chase,        // the answer ends in a CNAME that leads out of the cluster: `target` is what to ask
                // elsewhere, same type
};

struct Response {
  Outcome outcome = Outcome::NotInZone;
  dns::NameRef target;  // in the answer; set with Chase
};

/// Answers a question of class IN into `answer`, which must be clear. Allocates nothing
/// once the answer's memory has grown. Sources: Kubernetes DNS specification 1.1; where it is
/// silent, CoreDNS's kubernetes plugin; the exceptions are in docs/differences.md.
Response respond(const Subject& subject, dns::Answer& answer);

}  // namespace fairlead::zones
