#include "k8s-watch/yaml_json.h"

#include <doctest/doctest.h>

using namespace fairlead::k8s_watch;

TEST_CASE("yaml: what becomes of a document as JSON") {
  const std::pair<const char*, const char*> rows[] = {
      {"", "null"},
      {"# nothing\n", "null"},
      {"a", R"("a")"},
      {"a: b\nc:\n- 1\n- x y\n", R"({"a":"b","c":[1,"x y"]})"},
      {"[null, ~, , true, False, yes, on]", R"([null,null,null,true,false,"yes","on"])"},
      {"[0, -7, 1.5, 007, 0x1f, 1e3, +1, .5, 1., -, 1234567890123456789]",
       R"([0,-7,1.5,"007","0x1f","1e3","+1",".5","1.","-","1234567890123456789"])"},
      {"[\"80\", '80', !!str 80]", R"(["80","80","80"])"},
      {"a:\nb: ''", R"({"a":null,"b":""})"},
      {"80: x", R"({"80":"x"})"},
      {R"(["a\"b\\c\n\t\u0001"])", R"(["a\"b\\c\u000a\u0009\u0001"])"},
      {"a: |\n  x\n  y\nb: >-\n  x\n  y\n", R"({"a":"x\u000ay\u000a","b":"x y"})"},
      {"a: &x {p: 1}\nb: *x\nc: &y z\nd: [*y, *y]",
       R"({"a":{"p":1},"b":{"p":1},"c":"z","d":["z","z"]})"},
      {"{}", "{}"},
      {"a: []", R"({"a":[]})"},
  };
  for (const auto& [yaml, json] : rows) {
    CAPTURE(yaml);
    CHECK(yaml_to_json(yaml) == json);
  }
}

TEST_CASE("yaml: what cannot be read is named with its line") {
  const std::pair<std::string, size_t> rows[] = {
      {"a: b\nc: [\n", 3},         {"a: b\n\tc: d\n", 2},     {"a: 1\nb: *none\n", 2},
      {"a: &x\n  b: *x\n", 2},     {"a: 1\n<<: {b: 2}\n", 2}, {"? [a]\n: b\n", 1},
      {"{? {a: b} : c}\n", 1},     {"a: b\n]\n", 2},          {std::string(100000, '['), 1},
      {std::string(3000, '-'), 0},
  };
  for (const auto& [yaml, line] : rows) {
    CAPTURE(yaml.substr(0, 40));
    if (line == 0) {
      CHECK_NOTHROW(yaml_to_json(yaml));
      continue;
    }
    try {
      yaml_to_json(yaml);
      FAIL("no error");
    } catch (const YamlError& error) {
      CHECK(error.line == line);
      CHECK(*error.what() != '\0');
    }
  }
}

TEST_CASE("yaml: aliases of aliases end at a limit") {
  std::string bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string alias = "*a" + std::to_string(i - 1);
    bomb += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + alias;
    for (int k = 0; k < 9; ++k) bomb += "," + alias;
    bomb += "]\n";
  }
  CHECK_THROWS_AS(yaml_to_json(bomb), YamlError);
}

TEST_CASE("yaml: documents are cut at their markers") {
  struct Row {
    std::string text;
    std::vector<std::pair<size_t, std::string>> documents;
  };
  const Row rows[] = {
      {"", {}},
      {"# a\n\n---\n# b\n---\n", {}},
      {"a: 1\n", {{1, "a: 1\n"}}},
      {"\xef\xbb\xbf---\na: 1\n", {{1, "   \na: 1\n"}}},
      {"a\n---\nb\n...\nc", {{1, "a\n"}, {2, "   \nb\n"}, {4, "   \nc\n"}}},
      {"--- {a: 1}\r\n---\r\nb\r\n", {{1, "    {a: 1}\r\n"}, {2, "   \r\nb\r\n"}}},
      {"%YAML 1.2\n---\na\n", {{2, "   \na\n"}}},
      {"a: |\n  ---\n----\n", {{1, "a: |\n  ---\n----\n"}}},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const auto documents = split_documents(row.text);
    REQUIRE(documents.size() == row.documents.size());
    for (size_t i = 0; i < documents.size(); ++i) {
      CHECK(documents[i].line == row.documents[i].first);
      CHECK(documents[i].text == row.documents[i].second);
    }
  }
}
