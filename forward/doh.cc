#include "forward/doh.h"

#include <openssl/evp.h>

#include <algorithm>
#include <utility>

#include "dns/printable.h"
#include "dns/reader.h"
#include "forward/http1.h"
#include "forward/http2.h"
#include "net/endpoint.h"

namespace fairlead::forward {
namespace {

constexpr uint16_t kHttpsPort = 443;
constexpr size_t kMostShown = 64;  // octets of what an upstream says

// CoreDNS says the name without a port, whichever that is.
std::string authority_of(const UpstreamSettings& upstream) {
  std::string name = upstream.server_name;
  if (name.ends_with('.')) name.pop_back();
  if (!name.empty()) return name;
  const std::string whole = net::to_text(net::Endpoint{upstream.address, upstream.port});
  return upstream.port == kHttpsPort ? whole.substr(0, whole.rfind(':')) : whole;
}

// RFC 9110 §8.3.1: in any case, and parameters may follow.
bool is_message_type(std::string_view type) {
  type = type.substr(0, type.find(';'));
  while (type.ends_with(' ') || type.ends_with('\t')) type.remove_suffix(1);
  return std::ranges::equal(type, kDohType, [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  });
}

}  // namespace

DohUpstream::DohUpstream(const UpstreamSettings& upstream, bool by_get)
    : prefix(std::string(by_get ? "Get" : "Post") + " \"https://" +
             net::to_text(net::Endpoint{upstream.address, upstream.port}) + std::string(kDohPath) +
             "\": "),
      authority(authority_of(upstream)),
      get(by_get) {}

std::string doh_target(std::span<const uint8_t> message) {
  std::vector<unsigned char> encoded((message.size() + 2) / 3 * 4 + 1);
  EVP_EncodeBlock(encoded.data(), message.data(), static_cast<int>(message.size()));
  std::string target = std::string(kDohPath) + "?dns=";
  for (const unsigned char c : encoded) {
    if (c == '=' || c == '\0') break;
    target += c == '+' ? '-' : c == '/' ? '_' : static_cast<char>(c);
  }
  return target;
}

std::string fault_of_head(unsigned status, std::string_view content_type) {
  if (status < 200 || status > 299) return "unexpected HTTP status " + std::to_string(status);
  if (is_message_type(content_type)) return {};
  return "unexpected content type \"" + dns::printable(content_type, kMostShown) + "\"";
}

std::string fault_of_body(std::span<const uint8_t> body) {
  if (body.size() < dns::kHeaderSize) return "dns: reply is too short";
  return body[0] != 0 || body[1] != 0 ? "dns: id mismatch" : std::string();
}

std::unique_ptr<Conversation> DohConversation::make(std::string_view protocol,
                                                    DohUpstream& upstream,
                                                    ConversationListener& listener) {
  if (protocol == "h2") return std::make_unique<Http2>(upstream, listener);
  return std::make_unique<Http1>(upstream, listener);
}

void DohConversation::ask(uint16_t id, std::span<const uint8_t> message) {
  Question& question = waiting_.emplace_back(Question{id, {message.begin(), message.end()}});
  question.message[0] = question.message[1] = 0;
  waiting_size_ += message.size();
  go_on();
}

bool DohConversation::give_up(uint16_t id) {
  const auto found = std::ranges::find(waiting_, id, &Question::id);
  if (found == waiting_.end()) return false;
  waiting_size_ -= found->message.size();
  waiting_.erase(found);
  return true;
}

void DohConversation::take_output(std::vector<uint8_t>& out) {
  say();
  out.insert(out.end(), output_.begin(), output_.end());
  output_.clear();
}

void DohConversation::go_on() {
  while (!waiting_.empty() && takes_more() && under_way() < width()) {
    Question question = std::move(waiting_.front());
    waiting_.pop_front();
    waiting_size_ -= question.message.size();
    start(std::move(question));
  }
}

void DohConversation::send_away(std::string_view text) {
  waiting_size_ = 0;
  const std::deque<Question> all = std::exchange(waiting_, {});
  for (const Question& question : all) listener_.on_failure(question.id, text, true);
}

}  // namespace fairlead::forward
