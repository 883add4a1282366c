#include "dns/service_params.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "dns/address.h"
#include "dns/text_octets.h"

namespace fairlead::dns {
namespace {

// RFC 9460 §14.3.2, RFC 9461 §5, RFC 9540 §4; the number is the place.
constexpr std::array<std::string_view, 9> kKeys{"mandatory", "alpn",     "no-default-alpn",
                                                "port",      "ipv4hint", "ech",
                                                "ipv6hint",  "dohpath",  "ohttp"};
enum Key : uint16_t {
  Mandatory,
  Alpn,
  NoDefaultAlpn,
  Port,
  Ipv4Hint,
  Ech,
  Ipv6Hint,
  DohPath,
  Ohttp
};

std::optional<uint16_t> key_from_text(std::string_view text) {
  const auto known = std::ranges::find(kKeys, text);
  if (known != kKeys.end()) return static_cast<uint16_t>(known - kKeys.begin());
  if (!text.starts_with("key") || (text.size() > 4 && text[3] == '0')) return std::nullopt;
  const auto number = number_from_text(text.substr(3), 65535);
  if (!number) return std::nullopt;
  return static_cast<uint16_t>(*number);
}

void append16(std::vector<uint8_t>& out, size_t value) {
  out.push_back(static_cast<uint8_t>(value >> 8));
  out.push_back(static_cast<uint8_t>(value));
}

// Each item of a list between commas; "\," and "\\" within an item stand for the second character
// (RFC 9460 appendix A.1).
template <typename Take>
bool for_each_item(std::string_view list, std::string& item, Take take) {
  item.clear();
  for (size_t i = 0; i < list.size(); ++i) {
    if (list[i] == ',') {
      if (!take(item)) return false;
      item.clear();
      continue;
    }
    if (list[i] == '\\' && ++i == list.size()) return false;
    item += list[i];
  }
  return take(item);
}

bool append_address(std::string_view text, bool v6, std::vector<uint8_t>& out) {
  const auto address = IpAddress::from_text(text);
  if (!address || address->is_v6() != v6) return false;
  out.insert(out.end(), address->octets().begin(), address->octets().end());
  return true;
}

bool put_protocol(std::string_view text, std::vector<uint8_t>& out) {
  if (text.empty() || text.size() > 255) return false;
  out.push_back(static_cast<uint8_t>(text.size()));
  out.insert(out.end(), text.begin(), text.end());
  return true;
}

bool has_protocols(std::string_view octets) {
  while (!octets.empty()) {
    const auto size = static_cast<uint8_t>(octets[0]);
    if (size == 0 || size >= octets.size()) return false;
    octets.remove_prefix(size + 1U);
  }
  return true;
}

// What is written as "keyNNNNN" is in wire form already (RFC 9460 §2.1).
bool is_value_of(uint16_t key, std::string_view octets) {
  const auto has_items_of = [octets](size_t size) {
    return !octets.empty() && octets.size() % size == 0;
  };
  switch (key) {
    case Mandatory:
      return has_items_of(2);
    case Alpn:
      return !octets.empty() && has_protocols(octets);
    case NoDefaultAlpn:
    case Ohttp:
      return octets.empty();
    case Port:
      return octets.size() == 2;
    case Ipv4Hint:
      return has_items_of(4);
    case Ipv6Hint:
      return has_items_of(16);
    default:
      return key != DohPath || !octets.empty();
  }
}

// The others say so by what their values look like.
bool needs_value(uint16_t key) {
  return key == Mandatory || key == Alpn || key == DohPath;
}

}  // namespace

void ServiceParams::clear() {
  params_.clear();
  values_.clear();
  lacks_value_ = false;
}

bool ServiceParams::add(RecordWord word, RecordWords& words) {
  if (!word.plain()) return false;
  const size_t equals = word.text.find('=');
  const auto key = key_from_text(word.text.substr(0, equals));
  if (!key) return false;
  text_.clear();
  std::string_view value;
  if (equals != std::string_view::npos) value = word.text.substr(equals + 1);
  if (!append_unescaped(value, text_)) return false;
  if (equals + 1 == word.text.size()) {
    const RecordWord rest = words.peek();
    if (rest.quoted() && rest.glued && !append_unescaped(words.next().text, text_)) return false;
  }
  const size_t at = values_.size();
  const bool by_number = word.text.starts_with("key");
  if (!by_number && text_.empty() && needs_value(*key)) {
    lacks_value_ = true;
    return true;
  }
  if (by_number) values_.insert(values_.end(), text_.begin(), text_.end());
  if (by_number ? !is_value_of(*key, text_) : !add_value(*key, text_)) return false;
  if (values_.size() - at > 65535) return false;
  params_.push_back({*key, at, values_.size() - at});
  return true;
}

bool ServiceParams::add_value(uint16_t key, std::string_view value) {
  switch (key) {
    case Mandatory:
      return for_each_item(value, item_, [&](std::string_view item) {
        const auto named = key_from_text(item);
        if (named) append16(values_, *named);
        return named.has_value();
      });
    case Alpn:
      return for_each_item(value, item_,
                           [&](std::string_view item) { return put_protocol(item, values_); });
    case NoDefaultAlpn:
    case Ohttp:
      return value.empty();
    case Port: {
      const auto port = number_from_text(value, 65535);
      if (port) append16(values_, *port);
      return port.has_value();
    }
    case Ipv4Hint:
    case Ipv6Hint:
      return for_each_item(value, item_, [&](std::string_view item) {
        return append_address(item, key == Ipv6Hint, values_);
      });
    case Ech: {
      Base64Reader reader;
      return reader.add(value, values_) && reader.finish();
    }
    default:
      values_.insert(values_.end(), value.begin(), value.end());
      return is_value_of(key, value);
  }
}

bool ServiceParams::has(uint16_t key) const {
  return std::ranges::any_of(params_, [key](const Param& param) { return param.key == key; });
}

// In ascending order, without itself, none twice (RFC 9460 §8).
bool ServiceParams::sort_mandatory(const Param& param) {
  std::vector<uint16_t> keys;
  for (size_t i = param.at; i < param.at + param.size; i += 2)
    keys.push_back(static_cast<uint16_t>(values_[i] << 8 | values_[i + 1]));
  std::ranges::sort(keys);
  for (size_t i = 0; i < keys.size(); ++i) {
    values_[param.at + 2 * i] = static_cast<uint8_t>(keys[i] >> 8);
    values_[param.at + 2 * i + 1] = static_cast<uint8_t>(keys[i]);
  }
  return keys.front() != Mandatory && std::ranges::adjacent_find(keys) == keys.end() &&
         std::ranges::all_of(keys, [this](uint16_t key) { return has(key); });
}

bool ServiceParams::write(std::vector<uint8_t>& rdata) {
  if (lacks_value_) return false;
  std::ranges::sort(params_, {}, &Param::key);
  const auto same = [](const Param& a, const Param& b) { return a.key == b.key; };
  if (std::ranges::adjacent_find(params_, same) != params_.end()) return false;
  for (const Param& param : params_) {
    if (param.key == Mandatory && !sort_mandatory(param)) return false;
    append16(rdata, param.key);
    append16(rdata, param.size);
    const auto from = values_.begin() + static_cast<std::ptrdiff_t>(param.at);
    rdata.insert(rdata.end(), from, from + static_cast<std::ptrdiff_t>(param.size));
  }
  return true;
}

}  // namespace fairlead::dns
