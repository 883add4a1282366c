// HTTP/1.1 as a client of DNS over HTTPS (RFC 9112): one question at a time, for upstreams that do
// not speak HTTP/2.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "forward/doh.h"

namespace fairlead::forward {

class Http1 final : public DohConversation {
 public:
  Http1(DohUpstream& upstream, ConversationListener& listener);
  ~Http1() override;

  void received(size_t size) override;
  void ended() override;
  [[nodiscard]] size_t width() const override { return 1; }
  [[nodiscard]] bool takes_more() const override { return error_.empty() && !closing_; }
  [[nodiscard]] bool has_begun() const override;

 private:
  struct Parser;

  void start(Question question) override;
  [[nodiscard]] size_t under_way() const override { return asked_ ? 1 : 0; }
  void say() override {}

  bool parse();
  void on_whole();
  void answer(std::string fault, std::vector<uint8_t>& body);

  std::unique_ptr<Parser> parser_;  // null between replies
  std::vector<uint8_t> unparsed_;
  std::optional<uint16_t> asked_;  // the question that is under way
  bool closing_ = false;           // the upstream closes the connection behind its last reply
};

}  // namespace fairlead::forward
