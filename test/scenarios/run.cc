// Runs scenario files (README.md says how they are written). With --rewrite each file gets the
// answers of today instead of being compared with them: read the diff before it is committed.
#include <algorithm>
#include <filesystem>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>

#include "corefile/duration.h"
#include "dns/printable.h"
#include "test/scenarios/example_directive/setup.h"
#include "test/scenarios/rule_file.h"
#include "test/scenarios/world.h"

namespace {

using namespace fairlead;
using namespace fairlead::scenarios;

constexpr std::chrono::seconds kPatience{20};  // nobody is answered later

bool is_reply_line(const std::string& line) {
  for (const char* word : {"reply ", "noreply", "question ", "edns ", "answer ", "authority ",
                           "additional ", "took "}) {
    if (line.starts_with(word)) return true;
  }
  return false;
}

bool is_said(const std::string& line) {
  return line.starts_with("> ");
}

bool is_error(const std::string& line) {
  return line.starts_with("error ");
}

bool is_indented(const std::string& line) {
  return !line.empty() && (line[0] == ' ' || line[0] == '\t');
}

Lines words_of(const std::string& text) {
  Lines words;
  std::istringstream in(text);
  for (std::string word; in >> word;) words.push_back(word);
  return words;
}

// What the server has, and the example, which is asked before hosts.
std::vector<plugins::Directive> directives() {
  const auto known = plugins::directives();
  std::vector<plugins::Directive> all(known.begin(), known.end());
  all.insert(std::ranges::find(all, "hosts", &plugins::Directive::name),
             {"example", plugins::example::read});
  return all;
}

class Scenario final : public RuleFile {
 public:
  Scenario(const std::string& path, bool rewrite) : RuleFile(path, rewrite), world_(directives()) {}

 private:
  void step(const std::string& line) override {
    const std::string verb = line.substr(0, line.find(' '));
    const std::string rest = verb.size() < line.size() ? line.substr(verb.size() + 1) : "";
    if (verb == "kubernetes") return begin_cluster(rest);
    if (serves(verb) || asks(verb, rest) || shows(verb, rest) || arranges(verb, rest)) return;
    if (!world_.cluster().change(line)) throw std::runtime_error("not understood: " + line);
  }

  // A block of one directive, as most scenarios of it need.
  void begin_cluster(const std::string& zones) {
    std::string options;
    for (const std::string& line : take_while(is_indented)) {
      const Lines words = words_of(line);
      if (words[0] == "local") {
        world_.set_local({words.begin() + 1, words.end()});
      } else {
        options += line + "\n";
      }
    }
    show_error(world_.begin(".:53 {\nkubernetes " + zones + " {\n" + options + "}\n}\n"));
  }

  bool serves(const std::string& verb) {
    if (verb == "corefile") {
      show_error(world_.begin(take_text()));
    } else if (verb == "reload") {
      show_error(world_.reload(take_text()));
    } else {
      return false;
    }
    return true;
  }

  bool asks(const std::string& verb, const std::string& rest) {
    if (verb == "query") {
      send(rest);
      receive("query " + rest);
    } else if (verb == "send") {
      send(rest);
    } else if (verb == "receive") {
      receive("receive");
    } else if (verb == "later") {
      world_.clock().turn(corefile::parse_duration(rest));
    } else {
      return false;
    }
    return true;
  }

  bool shows(const std::string& verb, const std::string& rest) {
    if (verb == "log") {
      show(verb, world_.server().take_log());
    } else if (verb == "metrics") {
      show("metrics " + rest, metrics(rest));
    } else if (verb == "asked") {
      show("asked " + rest, world_.upstream(rest).take_asked());
    } else if (verb == "explain") {
      Lines lines;
      std::istringstream text(world_.server().explain(rest));
      for (std::string line; std::getline(text, line);) lines.push_back(line);
      show("explain " + rest, lines);
    } else {
      return false;
    }
    return true;
  }

  bool arranges(const std::string& verb, const std::string& rest) {
    if (verb == "upstream") {
      world_.set_script(rest, Script(take_while(is_indented)));
    } else if (verb == "close") {
      world_.upstream(rest).close();
    } else if (verb == "file") {
      world_.write_file(rest, take_text());
    } else if (verb == "remove") {
      std::filesystem::remove(rest);
    } else if (verb == "link") {
      const Lines names = words_of(rest);
      const std::string made = names.at(0) + ".new";
      std::filesystem::create_symlink(names.at(1), made);
      std::filesystem::rename(made, names.at(0));
    } else if (verb == "local") {
      world_.set_local(words_of(rest));
    } else if (verb == "etcd") {
      world_.etcd().change(rest);
    } else if (verb == "yaml") {
      world_.cluster().load_yaml(take_text());
    } else {
      return false;
    }
    return true;
  }

  void show_error(const std::optional<std::string>& error) {
    if (error) answer("the Corefile", {"error " + dns::one_line(*error)}, is_error);
  }

  void show(const std::string& what, const Lines& lines) {
    Lines said;
    for (const std::string& line : lines) said.push_back("> " + world_.same_each_time(line));
    answer(what, said, is_said);
  }

  // The series whose names and labels begin so.
  [[nodiscard]] Lines metrics(const std::string& prefix) {
    Lines lines;
    std::istringstream text(world_.server().metrics());
    for (std::string line; std::getline(text, line);)
      if (line.starts_with(prefix)) lines.push_back(world_.same_each_time(line));
    std::ranges::sort(lines);  // ports are an order of their own
    return lines;
  }

  void send(const std::string& text) {
    const Question question = parse_question(text);
    asked_.emplace_back(question, world_.server().ask(question));
    world_.clock().settle();
  }

  // The replies to all that was sent, in its order; for the last one with the time it took.
  void receive(const std::string& what) {
    Lines said;
    const auto took = world_.clock().turn_until(
        [this] {
          return std::ranges::all_of(asked_, [](const auto& one) { return one.second->done(); });
        },
        kPatience);
    for (const auto& [question, client] : std::exchange(asked_, {})) {
      for (const Octets& message : client->earlier())
        std::ranges::move(reply_lines(question, message), std::back_inserter(said));
      std::ranges::move(reply_lines(question, client->reply()), std::back_inserter(said));
    }
    if (took.count() > 0) said.push_back("took " + corefile::format_duration(took));
    answer(what, said, is_reply_line);
  }

  World world_;
  std::vector<std::pair<Question, std::shared_ptr<Client>>> asked_;
};

}  // namespace

int main(int argc, char** argv) {
  return run_rule_files(argc, argv, [](const std::string& path, bool rewrite) {
    return std::make_unique<Scenario>(path, rewrite);
  });
}
