// Questions, read from their line and put on the wire.
#include <charconv>
#include <sstream>
#include <stdexcept>

#include "dns/types.h"
#include "test/scenarios/wire.h"

namespace fairlead::scenarios {
namespace {

[[noreturn]] void fail(std::string_view what, std::string_view text) {
  throw std::runtime_error(std::string(what) + ": " + std::string(text));
}

uint32_t number(std::string_view text, int base = 10) {
  uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size()) fail("not a number", text);
  return value;
}

Octets hexadecimal(std::string_view text) {
  Octets octets;
  for (size_t i = 0; i + 1 < text.size(); i += 2)
    octets.push_back(static_cast<uint8_t>(number(text.substr(i, 2), 16)));
  return octets;
}

uint16_t class_of(std::string_view text) {
  if (text == "RESERVED0") return 0;
  if (text == "IN") return 1;
  if (text == "CH") return 3;
  if (text == "HS") return 4;
  if (text == "NONE") return 254;
  if (text == "ANY") return 255;
  if (text.starts_with("CLASS")) text.remove_prefix(5);
  return static_cast<uint16_t>(number(text));
}

Question::Edns parse_edns(std::string_view text) {
  Question::Edns edns;
  size_t comma = text.find(',');
  edns.size = static_cast<uint16_t>(number(text.substr(0, comma)));
  while (comma != std::string_view::npos) {
    text.remove_prefix(comma + 1);
    comma = text.find(',');
    const std::string_view word = text.substr(0, comma);
    if (word == "do") {
      edns.dnssec_ok = true;
    } else if (word.starts_with("version=")) {
      edns.version = static_cast<uint8_t>(number(word.substr(8)));
    } else {
      fail("unknown word in edns=", word);
    }
  }
  return edns;
}

bool read_flag(Question& question, std::string_view word) {
  if (word == "tcp") return question.tcp = true;
  if (word == "inorder") return question.in_order = true;
  if (word == "cd") return (question.flags |= 0x0010) != 0;
  if (word == "ad") return (question.flags |= 0x0020) != 0;
  if (word == "z") return (question.flags |= 0x0040) != 0;
  if (word != "nord") return false;
  question.flags &= static_cast<uint16_t>(~0x0100);
  return true;
}

void read_word(Question& question, std::string_view word) {
  if (read_flag(question, word)) return;
  const size_t equals = word.find('=');
  if (equals == std::string_view::npos) fail("unknown word in a query", word);
  const std::string_view key = word.substr(0, equals);
  const std::string_view value = word.substr(equals + 1);
  if (key == "class") {
    question.rr_class = class_of(value);
  } else if (key == "opcode") {
    question.opcode = static_cast<uint8_t>(number(value));
  } else if (key == "flags" && value.starts_with("0x")) {
    question.flags = static_cast<uint16_t>(question.flags | number(value.substr(2), 16));
  } else if (key == "edns") {
    question.edns = parse_edns(value);
  } else if (key == "from") {
    question.from = value;
  } else if (key == "to") {
    question.to = value;
  } else if (key == "port") {
    question.port = static_cast<uint16_t>(number(value));
  } else if (key == "soa") {
    question.soa = number(value);
  } else if (key == "option" && question.edns) {
    const size_t colon = value.find(':');
    if (colon == std::string_view::npos) fail("option without a colon", word);
    question.edns->options.emplace_back(static_cast<uint16_t>(number(value.substr(0, colon))),
                                        hexadecimal(value.substr(colon + 1)));
  } else {
    fail("unknown word in a query", word);
  }
}

void put16(Octets& out, uint32_t value) {
  out.push_back(static_cast<uint8_t>(value >> 8));
  out.push_back(static_cast<uint8_t>(value));
}

void put_opt(Octets& out, const Question::Edns& edns) {
  Octets options;
  for (const auto& [code, value] : edns.options) {
    put16(options, code);
    put16(options, static_cast<uint32_t>(value.size()));
    options.insert(options.end(), value.begin(), value.end());
  }
  out.push_back(0);
  put16(out, 41);
  put16(out, edns.size);
  put16(out, edns.version);
  put16(out, edns.dnssec_ok ? 0x8000 : 0);
  put16(out, static_cast<uint32_t>(options.size()));
  out.insert(out.end(), options.begin(), options.end());
}

// Of the zone that is asked for; of its fields the serial alone says something.
void put_soa(Octets& out, uint32_t serial) {
  put16(out, 0xc00c);  // the question's name
  put16(out, 6);
  put16(out, 1);
  put16(out, 0);
  put16(out, 0);  // TTL
  put16(out, 22);
  put16(out, 0);  // two names, the root
  put16(out, serial >> 16);
  put16(out, serial & 0xffff);
  out.insert(out.end(), 16, 0);
}

}  // namespace

Question parse_question(std::string_view text) {
  std::istringstream in{std::string(text)};
  Question question;
  if (!(in >> question.name >> question.type)) fail("a query needs a name and a type", text);
  for (std::string word; in >> word;) read_word(question, word);
  return question;
}

Octets encode_name(std::string_view text) {
  Octets out;
  Octets label;
  const auto end_label = [&] {
    if (label.empty() || label.size() > 63) fail("no name", text);
    out.push_back(static_cast<uint8_t>(label.size()));
    out.insert(out.end(), label.begin(), label.end());
    label.clear();
  };
  if (text == ".") text = "";
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '.') {
      end_label();
    } else if (text[i] != '\\') {
      label.push_back(static_cast<uint8_t>(text[i]));
    } else if (i + 3 < text.size() && text[i + 1] >= '0' && text[i + 1] <= '9') {
      label.push_back(static_cast<uint8_t>(number(text.substr(i + 1, 3))));
      i += 3;
    } else if (++i < text.size()) {
      label.push_back(static_cast<uint8_t>(text[i]));
    }
  }
  if (!label.empty()) end_label();
  out.push_back(0);
  if (out.size() > 255) fail("name longer than 255", text);
  return out;
}

Octets encode(const Question& question, uint16_t id) {
  const auto type = dns::rr_type_from_text(question.type);
  if (!type) fail("no type", question.type);
  Octets out;
  put16(out, id);
  put16(out, static_cast<uint32_t>(question.flags | question.opcode << 11));
  for (const int count : {1, 0, question.soa ? 1 : 0, question.edns ? 1 : 0})
    put16(out, static_cast<uint32_t>(count));
  const Octets name = encode_name(question.name);
  out.insert(out.end(), name.begin(), name.end());
  put16(out, static_cast<uint32_t>(*type));
  put16(out, question.rr_class);
  if (question.soa) put_soa(out, *question.soa);
  if (question.edns) put_opt(out, *question.edns);
  return out;
}

}  // namespace fairlead::scenarios
