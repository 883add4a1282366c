#include "explain/explain_command.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <utility>

#include "dns/record_text.h"
#include "explain/explain_lines.h"
#include "explain/explain_run.h"
#include "net/socket_address.h"
#include "plugins/forward/upstream.h"

namespace fairlead::explain {
namespace {

constexpr unsigned kLongestTimeout = 600;  // seconds

std::string reverse_name(const dns::IpAddress& address) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  const auto octets = address.octets();
  for (size_t i = octets.size(); i-- > 0;) {
    if (address.is_v6()) {
      text += {kDigits[octets[i] & 15], '.', kDigits[octets[i] >> 4], '.'};
    } else {
      text += std::to_string(octets[i]) + ".";
    }
  }
  return text + (address.is_v6() ? "ip6.arpa." : "in-addr.arpa.");
}

// As Kubernetes has them: what goes into a path and a question.
bool is_object_name(const std::string& text) {
  constexpr size_t kLongest = 253;
  return !text.empty() && text.size() <= kLongest && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  });
}

// "NS/NAME"
std::optional<zones::ObjectKey> pod_of(const std::string& text) {
  const size_t slash = text.find('/');
  if (slash == std::string::npos || !is_object_name(text.substr(0, slash)) ||
      !is_object_name(text.substr(slash + 1)))
    return std::nullopt;
  return zones::ObjectKey{text.substr(0, slash), text.substr(slash + 1)};
}

// The flags that say who asks. Empty, or what is wrong; none for another flag.
std::optional<std::string> set_asker(ExplainFlags& flags, const std::string& name,
                                     const std::string& value) {
  const std::string wrong = "invalid value \"" + value + "\" for flag -" + name;
  if (name == "namespace") {
    if (!is_object_name(value)) return wrong;
    flags.space = value;
  } else if (name == "pod") {
    flags.pod = pod_of(value);
    if (!flags.pod) return wrong + ": expected NAMESPACE/NAME";
  } else {
    return std::nullopt;
  }
  const bool both = !flags.space.empty() && flags.pod;
  return both ? "-namespace and -pod cannot both be given" : "";
}

// Empty, or what is wrong with the value.
std::string set_value(ExplainFlags& flags, const std::string& name, const std::string& value) {
  if (const auto asker = set_asker(flags, name, value)) return *asker;
  std::string wrong = "invalid value \"" + value + "\" for flag -" + name;
  if (name == "conf") {
    flags.conf = value;
  } else if (name == "kubeconfig") {
    flags.kubeconfig = value;
  } else if (name == "manifests") {
    flags.manifests = value;
  } else if (name == "server") {
    flags.server = plugins::forward::parse_resolver(value);
    if (!flags.server) return wrong + ": not an address";
  } else if (name == "client") {
    const auto client = dns::IpAddress::from_text(value);
    if (!client) return wrong + ": not an address";
    flags.question.client = *client;
  } else if (name == "dns.port" || name == "p") {
    flags.port = net::parse_port(value).value_or(0);
    if (flags.port == 0) return wrong;
  } else if (name == "timeout") {
    unsigned seconds = 0;
    const char* end = value.data() + value.size();
    const auto read = std::from_chars(value.data(), end, seconds);
    if (read.ec != std::errc() || read.ptr != end || seconds < 1 || seconds > kLongestTimeout)
      return wrong + ": 1 to 600 seconds";
    flags.timeout = std::chrono::seconds(seconds);
  } else {
    return "flag provided but not defined: -" + name;
  }
  return {};
}

// IN or CH, wherever it stands behind the name; taken out of `words`.
dns::RrClass take_class(std::vector<std::string>& words) {
  for (size_t i = 1; i < words.size(); ++i) {
    const std::string word = dns::lowered(words[i]);
    if (word != "in" && word != "ch") continue;
    words.erase(words.begin() + static_cast<ptrdiff_t>(i));
    return word == "ch" ? dns::RrClass::Ch : dns::RrClass::In;
  }
  return dns::RrClass::In;
}

// Empty, or what is wrong.
std::string set_question(std::vector<std::string> words, ExplainQuestion& question) {
  if (words.empty()) return "explain needs a name";
  question.record_class = take_class(words);
  if (words.size() > 2) return "explain takes a name and a type, and not \"" + words[2] + "\"";
  question.text = words[0];
  const auto address = dns::IpAddress::from_text(words[0]);
  if (address) {
    question.type = dns::RrType::Ptr;
    question.text = reverse_name(*address);
  }
  const auto name = dns::Name::from_text(question.text);
  if (!name) return "\"" + words[0] + "\" is no domain name";
  question.name = *name;
  if (question.record_class == dns::RrClass::Ch) question.type = dns::RrType::Txt;
  if (words.size() == 1) return {};
  const auto type = dns::rr_type_from_text(words[1]);
  if (!type) return "\"" + words[1] + "\" is no record type";
  question.type = *type;
  return {};
}

std::string reply_head(const net::Endpoint& server, const ServerReply& reply) {
  const dns::Answer& answer = reply.answer;
  const bool none = answer.rcode == dns::Rcode::NoError && answer.count(dns::Section::Answer) == 0;
  char time[32];
  std::snprintf(time, sizeof time, "%.1f ms", static_cast<double>(reply.took.count()) / 1000);
  return to_text(server) + " says " + (none ? "NODATA (NOERROR)" : dns::to_text(answer.rcode)) +
         (answer.authoritative ? ", authoritative" : ", not authoritative") + " (" +
         (reply.transport == dns::Transport::Tcp ? "TCP, " : "UDP, ") + time + ")";
}

// A record without its TTL, which runs down in caches; letter case aside.
std::string essence(const std::string& record) {
  const size_t ttl = record.find(' ');
  const size_t rest = ttl == std::string::npos ? ttl : record.find(' ', ttl + 1);
  if (rest == std::string::npos) return record;
  std::string text = record.substr(0, ttl) + record.substr(rest);
  std::ranges::transform(text, text.begin(), [](char c) {
    return static_cast<char>(dns::lower(static_cast<uint8_t>(c)));
  });
  return text;
}

bool holds(const std::vector<std::string>& records, const std::string& record) {
  return std::ranges::any_of(
      records, [&](const std::string& other) { return essence(other) == essence(record); });
}

void tell_differences(const Explanation& here, dns::Rcode rcode,
                      const std::vector<std::string>& there, ExplainLines& lines) {
  if (here.upstream) return;
  bool same = here.rcode == rcode;
  if (!same) {
    lines.add("differs",
              "here it is " + dns::to_text(here.rcode) + ", there " + dns::to_text(rcode));
  }
  for (const std::string& record : here.records) {
    if (holds(there, record)) continue;
    same = false;
    lines.add("differs", "only here: " + record);
  }
  for (const std::string& record : there) {
    if (holds(here.records, record)) continue;
    same = false;
    lines.add("differs", "only there: " + record);
  }
  if (same) lines.add("same", "the server says what this Corefile and cluster say");
}

}  // namespace

std::variant<ExplainFlags, net::UsageError> parse_explain_flags(
    const std::vector<std::string>& arguments) {
  ExplainFlags flags;
  std::vector<std::string> words;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (argument.size() < 2 || argument[0] != '-') {
      words.push_back(argument);
      continue;
    }
    std::string name = argument.substr(argument[1] == '-' ? 2 : 1);
    if (name == "help" || name == "h") {
      flags.help = true;
      return flags;
    }
    std::string value;
    if (const size_t equals = name.find('='); equals != std::string::npos) {
      value = name.substr(equals + 1);
      name.resize(equals);
    } else if (i + 1 < arguments.size()) {
      value = arguments[++i];
    } else {
      return net::UsageError{"flag needs an argument: -" + name};
    }
    const std::string wrong = set_value(flags, name, value);
    if (!wrong.empty()) return net::UsageError{wrong};
  }
  const std::string wrong = set_question(words, flags.question);
  if (!wrong.empty()) return net::UsageError{wrong};
  return flags;
}

std::string explain_usage() {
  return "Usage: fairlead explain NAME [TYPE] [CLASS] [flags]\n"
         "  -client string\n    \tAddress of the client, for views (default \"127.0.0.1\")\n"
         "  -conf string\n    \tCorefile, or stdin (default \"Corefile\"; without one the "
         "cluster's "
         "ConfigMap coredns)\n"
         "  -dns.port string, -p string\n    \tDefault port (default \"53\")\n"
         "  -kubeconfig string\n    \tRead the cluster that this kubeconfig names\n"
         "  -manifests string\n    \tRead the cluster from this file or folder\n"
         "  -namespace string\n    \tAs a pod of this namespace asks, with its search list\n"
         "  -pod string\n    \tAs this pod asks, NAMESPACE/NAME\n"
         "  -server string\n    \tAsk this server too, ADDRESS or ADDRESS:PORT\n"
         "  -timeout string\n    \tSeconds to read the cluster in (default \"10\")\n";
}

std::string compare_text(const net::Endpoint& server, const ServerReply& reply,
                         const ExplainQuestion& question, const Explanation* here) {
  ExplainLines lines;
  if (here == nullptr) lines.head(question.heading());
  lines.add("server", reply_head(server, reply));
  std::vector<std::string> records;
  for (const dns::Record& record : reply.answer.records()) {
    const std::string text = dns::to_text(reply.answer, record, question.name.view());
    lines.add("", record.section == dns::Section::Answer ? text : "authority: " + text);
    if (record.section == dns::Section::Answer) records.push_back(text);
  }
  if (!reply.extended_error.empty()) lines.add("", "extended error " + reply.extended_error);
  if (here != nullptr) tell_differences(*here, reply.answer.rcode, records, lines);
  return lines.text();
}

int explain_main(const std::vector<std::string>& arguments) {
  const auto parsed = parse_explain_flags(arguments);
  if (const auto* error = std::get_if<net::UsageError>(&parsed)) {
    std::fprintf(stderr, "%s\n%s", error->message.c_str(), explain_usage().c_str());
    return error->exit_code;
  }
  const auto& flags = std::get<ExplainFlags>(parsed);
  if (flags.help) return std::fputs(explain_usage().c_str(), stdout), 0;
  try {
    return run(flags);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  }
}

}  // namespace fairlead::explain
