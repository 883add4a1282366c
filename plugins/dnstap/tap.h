// What the sinks of a block are told, made into frames.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "forward/tap.h"
#include "plugins/dnstap/message.h"
#include "plugins/dnstap/sink.h"
#include "plugins/message_text.h"
#include "query/step.h"

namespace fairlead::plugins::dnstap {

/// A line of the block. Constant but for what the sink keeps; any worker's thread.
class Line {
 public:
  Line(std::shared_ptr<Sink> sink, std::string identity, std::string version);

  /// Adds what the line says of each message, and hands it to the sink. `entry` is null for
  /// messages that have no question of a client: `extra` has no placeholders' values then.
  void tell(size_t worker, Message message, const Entry* entry) const;

 private:
  const std::shared_ptr<Sink> sink_;
  const std::string identity_, version_;
  const std::vector<Piece> extra_;
};

using LinesOfBlock = std::shared_ptr<const std::vector<Line>>;

/// CLIENT_QUERY as a step, CLIENT_RESPONSE as an observer, FORWARDER_* as a tap.
std::unique_ptr<const query::Step> make_query_tap(LinesOfBlock lines);
std::unique_ptr<const query::Observer> make_response_tap(LinesOfBlock lines);
std::shared_ptr<const fairlead::forward::Tap> make_forwarder_tap(LinesOfBlock lines);

}  // namespace fairlead::plugins::dnstap
