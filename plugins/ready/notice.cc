#include "plugins/ready/notice.h"

namespace fairlead::plugins::ready {
namespace {

// CoreDNS's line, and behind it the reasons, which are lines of their own in a reply.
std::string text_of(const Readiness::Report& report) {
  std::string text = "Plugins not ready: \"" + report.missing + '"';
  for (const char c : report.why) {
    if (c == '\n') {
      text += "; ";
    } else {
      text += c;
    }
  }
  return text;
}

}  // namespace

std::optional<std::string> Notice::of(const Readiness::Report& report, net::Clock::time_point now) {
  if (report.missing.empty()) {
    last_.clear();
    return std::nullopt;
  }
  std::string text = text_of(report);
  if (text == last_ && now - told_ < kAgain) return std::nullopt;
  told_ = now;
  last_ = text;
  return text;
}

}  // namespace fairlead::plugins::ready
