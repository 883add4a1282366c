// Messages as the tests see them: questions put on the wire and replies read back, without any of
// the code under test.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fairlead::scenarios {

using Octets = std::vector<uint8_t>;

/// A question in the words of a `query` line.
struct Question {
  std::string name;  // presentation form, escapes as written
  std::string type = "A";
  uint16_t rr_class = 1;
  bool tcp = false;
  uint16_t flags = 0x0100;  // the header's second word without the opcode; RD by default
  uint8_t opcode = 0;
  std::string from, to;         // addresses of client and server; empty: the usual ones
  uint16_t port = 0;            // the server's; 0: the first one of the Corefile
  bool in_order = false;        // the records of the reply are not sorted
  std::optional<uint32_t> soa;  // the serial of the SOA in the authority section (IXFR)

  struct Edns {
    uint16_t size = 1232;
    uint8_t version = 0;
    bool dnssec_ok = false;
    std::vector<std::pair<uint16_t, Octets>> options;
  };
  std::optional<Edns> edns;
};

/// Reads `NAME TYPE [tcp] [nord] [cd] [ad] [z] [flags=0xHEX] [class=C] [opcode=N]
/// [edns=SIZE[,do][,version=N]] [option=CODE:HEX] [from=ADDRESS] [to=ADDRESS] [port=N]
/// [soa=SERIAL] [inorder]`. Throws std::runtime_error on anything else.
Question parse_question(std::string_view text);

/// The wire form; `id` is the message's.
Octets encode(const Question& question, uint16_t id = 0x4242);

/// A name in wire form. Throws std::runtime_error when the text is none.
Octets encode_name(std::string_view text);

struct Reply {
  uint16_t id = 0;
  uint16_t flags = 0;  // the header's second word
  uint16_t rcode = 0;  // the OPT's upper bits included

  struct Asked {
    std::string name;
    uint16_t type = 0;
    uint16_t rr_class = 0;
    friend bool operator==(const Asked&, const Asked&) = default;
  };
  std::vector<Asked> question;

  struct Edns {
    uint16_t size = 0;
    uint8_t version = 0;
    uint16_t flags = 0;
    Octets options;
  };
  std::optional<Edns> edns;

  /// One record as text, `OWNER TTL TYPE RDATA`; in the packet's order.
  std::vector<std::string> answer, authority, additional;

  [[nodiscard]] bool truncated() const { return (flags & 0x0200) != 0; }
};

/// Reads a whole message and is strict about it: names by RFC 1035 with pointers strictly
/// backwards, rdata exactly as long as RDLENGTH says, no octets left. Empty, and `error` says why,
/// when it is not such a message.
std::optional<Reply> decode(std::span<const uint8_t> message, std::string* error = nullptr);

/// The `reply`, `question`, `edns`, `answer`, `authority` and `additional` lines for a reply to
/// `question`: records sorted unless `in_order`, an SOA's serial as '*', no records when truncated.
/// `message` empty: "noreply".
std::vector<std::string> reply_lines(const Question& question, std::span<const uint8_t> message);

}  // namespace fairlead::scenarios
