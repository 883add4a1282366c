#include "cache/queue.h"

#include <algorithm>
#include <array>
#include <random>

#include "test/unit/cache/support.h"

namespace fairlead::cache {
namespace {

// Entries that the test owns, named by a letter, the first octet of their message.
struct Letters {
  Entry& make(char letter, Now dies = 1h) {
    const std::array<uint8_t, 1> message{static_cast<uint8_t>(letter)};
    entries.push_back(make_entry(Key{}, message, {}));
    entries.back()->dies = dies;
    return *entries.back();
  }
  Entry& operator[](char letter) {
    for (const EntryPtr& entry : entries) {
      if (entry->message()[0] == letter) return *entry;
    }
    FAIL("no such entry");
    return *entries.front();
  }
  std::vector<EntryPtr> entries;
};

char letter_of(const Entry* entry) {
  return entry == nullptr ? '-' : static_cast<char>(entry->message()[0]);
}

TEST_CASE("queue: the oldest that was not found leaves, what was found gets another round") {
  struct Case {
    const char* added;
    const char* found;
    const char* leave;
  };
  const Case cases[] = {
      {"abcd", "", "abcd-"},   {"abcd", "a", "bcda-"},    {"abcd", "d", "abcd-"},
      {"abcd", "bc", "adbc-"}, {"abcd", "abcd", "abcd-"}, {"a", "a", "a-"},
      {"", "", "-"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.added);
    CAPTURE(c.found);
    Letters letters;
    Queue queue({100, 100000});
    for (const char* at = c.added; *at != 0; ++at) queue.add(letters.make(*at));
    for (const char* at = c.found; *at != 0; ++at) letters[*at].visited = true;
    std::string left;
    for (size_t i = 0; i < std::string(c.leave).size(); ++i) {
      Entry* victim = queue.victim();
      left += letter_of(victim);
      if (victim != nullptr) queue.remove(*victim);
    }
    CHECK(left == c.leave);
  }
}

TEST_CASE("queue: the hand goes on where it was, new ones come behind it") {
  Letters letters;
  Queue queue({100, 100000});
  for (const char letter : {'a', 'b', 'c', 'd'}) queue.add(letters.make(letter));
  letters['a'].visited = true;
  queue.remove(*queue.victim());  // b; a has had its round
  queue.add(letters.make('e'));
  CHECK(letter_of(queue.victim()) == 'c');
  queue.remove(letters['c']);  // by other means: the hand does not lose its place
  CHECK(letter_of(queue.victim()) == 'd');
  queue.remove(letters['d']);
  CHECK(letter_of(queue.victim()) == 'e');
  queue.remove(letters['e']);
  CHECK(letter_of(queue.victim()) == 'a');
}

TEST_CASE("queue: the longest dead comes first, whatever comes and goes") {
  std::mt19937 random(7);
  Letters letters;
  Queue queue({1000, 1000000});
  std::vector<Entry*> inside;
  for (int step = 0; step < 3000; ++step) {
    if (inside.size() < 5 || (random() % 2 == 0 && inside.size() < 200)) {
      inside.push_back(&letters.make('x', Now(random() % 1000)));
      queue.add(*inside.back());
    } else {
      const size_t which = random() % inside.size();
      queue.remove(*inside[which]);
      inside.erase(inside.begin() + static_cast<std::ptrdiff_t>(which));
    }
    const auto first = std::min_element(inside.begin(), inside.end(),
                                        [](Entry* a, Entry* b) { return a->dies < b->dies; });
    REQUIRE(queue.count() == inside.size());
    REQUIRE(queue.dead(Now((*first)->dies))->dies == (*first)->dies);
    REQUIRE(queue.dead((*first)->dies - Now(1)) == nullptr);
  }
}

TEST_CASE("queue: full by entries or by octets") {
  Letters letters;
  Entry& one = letters.make('a');
  const size_t size = one.footprint();
  Queue queue({2, 3 * size});
  CHECK_FALSE(queue.full(size));
  queue.add(one);
  CHECK(queue.bytes() == size);
  CHECK_FALSE(queue.full(2 * size));
  CHECK(queue.full(2 * size + 1));
  queue.add(letters.make('b'));
  CHECK(queue.full(1));
  queue.remove(one);
  CHECK(queue.bytes() == size);
  CHECK_FALSE(queue.full(1));
}

}  // namespace
}  // namespace fairlead::cache
