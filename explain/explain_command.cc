#include "explain/explain_command.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdio>

#include "dns/record_text.h"
#include "explain/explain_lines.h"
#include "net/socket_address.h"
#include "plugins/config.h"
#include "plugins/forward/upstream.h"
#include "plugins/kubernetes/cluster_view.h"

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

// Empty, or what is wrong with the value.
std::string set_value(ExplainFlags& flags, const std::string& name, const std::string& value) {
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

// Empty, or what is wrong.
std::string set_question(const std::vector<std::string>& words, ExplainQuestion& question) {
  if (words.empty()) return "explain needs a name";
  if (words.size() > 2) return "explain takes a name and a type, and not \"" + words[2] + "\"";
  question.text = words[0];
  const auto address = dns::IpAddress::from_text(words[0]);
  if (address) question.type = dns::RrType::Ptr;
  const auto name = dns::Name::from_text(address ? reverse_name(*address) : words[0]);
  if (!name) return "\"" + words[0] + "\" is no domain name";
  question.name = *name;
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

std::vector<Explanation> explain_here(const ExplainFlags& flags) {
  Explainer explainer(plugins::load_config(flags.conf, plugins::read_stdin(flags.conf), flags.port),
                      {.manifests = flags.manifests,
                       .kubeconfig = flags.kubeconfig,
                       .read_cluster = [&flags](const k8s_watch::WatchOptions& options) {
                         return plugins::kubernetes::load_cluster(options, flags.timeout);
                       }});
  return explainer.explain(flags.question, flags.port, flags.server);
}

int explain(const ExplainFlags& flags) {
  const bool no_corefile = flags.conf.empty() && access("Corefile", F_OK) != 0;
  std::vector<Explanation> here;
  if (!no_corefile || !flags.server) here = explain_here(flags);
  for (const Explanation& one : here)
    std::printf("%s%s", &one == here.data() ? "" : "\n", one.text.c_str());
  std::fflush(stdout);
  if (!flags.server) {
    const Explanation& first = here.front();
    return first.upstream || first.answered ? 0 : 1;
  }
  const dns::Question question{.qname = flags.question.name.view(), .qtype = flags.question.type};
  ServerReply reply;
  try {
    reply = ask_server(*flags.server, question);
  } catch (const std::runtime_error& error) {
    std::printf("  server      %s\n", error.what());
    return 1;
  }
  const Explanation* first = here.empty() ? nullptr : &here.front();
  std::fputs(compare_text(*flags.server, reply, flags.question, first).c_str(), stdout);
  const bool none = reply.answer.count(dns::Section::Answer) == 0;
  return reply.answer.rcode == dns::Rcode::NoError && !none ? 0 : 1;
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
  return "Usage: fairlead explain NAME [TYPE] [flags]\n"
         "  -client string\n    \tAddress of the client, for views (default \"127.0.0.1\")\n"
         "  -conf string\n    \tCorefile, or stdin (default \"Corefile\")\n"
         "  -dns.port string, -p string\n    \tDefault port (default \"53\")\n"
         "  -kubeconfig string\n    \tRead the cluster that this kubeconfig names\n"
         "  -manifests string\n    \tRead the cluster from this file or folder\n"
         "  -server string\n    \tAsk this server too, ADDRESS or ADDRESS:PORT\n"
         "  -timeout string\n    \tSeconds to read the cluster in (default \"10\")\n";
}

std::string compare_text(const net::Endpoint& server, const ServerReply& reply,
                         const ExplainQuestion& question, const Explanation* here) {
  ExplainLines lines;
  if (here == nullptr)
    lines.head(dns::to_text(question.name.view()) + " " + dns::to_text(question.type));
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
    return explain(flags);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 2;
  }
}

}  // namespace fairlead::explain
