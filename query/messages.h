// A reply of many messages (RFC 5936 §2.2), made while its client takes them.
#pragma once

#include "dns/answer.h"

namespace fairlead::query {

/// What a step says with Walk::send_many(). Asked on the worker's thread, for each message when the
/// connection has room for it; may be destroyed before its end, when the client goes.
class Messages {
 public:
  virtual ~Messages() = default;

  /// Puts into `answer`, which is empty, what the next message says; it must fit into
  /// dns::kMaxTcpReply octets. False: there is none. What it throws ends the connection, for the
  /// client has no whole reply then.
  virtual bool next(dns::Answer& answer) = 0;
};

}  // namespace fairlead::query
