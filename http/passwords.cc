#include "http/passwords.h"

#include <crypt.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <array>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "dns/text_octets.h"
#include "net/quietly.h"

namespace fairlead::http {
namespace {

// Of no password that anybody knows, with the cost that htpasswd(1) is mostly asked for.
constexpr const char* kNobody = "$2y$10$AAAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

using Digest = std::array<unsigned char, 32>;

// Each text behind its length, so that two lists of texts are never the same octets.
Digest digest_of(const std::string& hash, const Credentials& credentials) {
  std::string octets;
  for (const std::string* text : {&hash, &credentials.user, &credentials.password})
    octets.append(std::to_string(text->size())).append(":").append(*text);
  Digest digest{};
  EVP_Digest(octets.data(), octets.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
  return digest;
}

bool matches(const std::string& hash, const std::string& password) {
  if (password.find('\0') != std::string::npos) return false;
  const auto data = std::make_unique<crypt_data>();
  const char* const made =
      crypt_rn(password.c_str(), hash.c_str(), data.get(), static_cast<int>(sizeof *data));
  const std::string_view text = made == nullptr ? std::string_view() : made;
  return text.size() == hash.size() && CRYPTO_memcmp(text.data(), hash.data(), hash.size()) == 0;
}

}  // namespace

struct Passwords::Worker : std::enable_shared_from_this<Worker> {
  struct Task {
    std::string hash;
    std::string password;
    bool is_known;
    Digest digest;
    Done done;
  };

  explicit Worker(asio::io_context& context) : io(context) {}

  void run() {
    std::unique_lock lock(mutex);
    while (true) {
      wake.wait(lock, [this] { return ended || !tasks.empty(); });
      if (ended) return;
      Task task = std::move(tasks.front());
      tasks.pop_front();
      lock.unlock();
      const bool right = matches(task.hash, task.password) && task.is_known;
      asio::post(
          io, [weak = weak_from_this(), right, done = std::move(task.done), digest = task.digest] {
            const auto self = weak.lock();
            if (!self || self->closed) return;
            self->remember(digest, right);
            done(right);
          });
      lock.lock();
    }
  }

  void remember(const Digest& digest, bool right) {
    if (known.size() == kRemembered) known.pop_front();
    known.emplace_back(digest, right);
  }

  [[nodiscard]] std::optional<bool> remembered(const Digest& digest) const {
    for (const auto& [other, right] : known) {
      if (other == digest) return right;
    }
    return std::nullopt;
  }

  asio::io_context& io;
  std::thread thread;
  bool closed = false;                        // the io_context's thread
  std::deque<std::pair<Digest, bool>> known;  // likewise
  std::mutex mutex;
  std::condition_variable wake;
  std::deque<Task> tasks;  // under mutex
  bool ended = false;      // under mutex
};

Passwords::Passwords(asio::io_context& io) : worker_(std::make_shared<Worker>(io)) {}

Passwords::~Passwords() {
  net::quietly([this] { stop(); });
}

void Passwords::stop() {
  worker_->closed = true;
  std::deque<Worker::Task> forgotten;  // outlives the lock: it holds those who ask
  {
    const std::lock_guard lock(worker_->mutex);
    worker_->ended = true;
    forgotten.swap(worker_->tasks);
  }
  worker_->wake.notify_all();
  if (worker_->thread.joinable()) worker_->thread.join();
}

void Passwords::check(const Rules& rules, const Credentials& credentials, Done done) {
  if (worker_->closed) return;
  const auto user = rules.users.find(credentials.user);
  const bool is_known = user != rules.users.end();
  const std::string hash = is_known ? user->second : kNobody;
  const Digest digest = digest_of(hash, credentials);
  if (const auto right = worker_->remembered(digest)) return done(*right);
  {
    const std::lock_guard lock(worker_->mutex);
    if (worker_->tasks.size() < kWaiting) {
      worker_->tasks.push_back({hash, credentials.password, is_known, digest, std::move(done)});
      done = nullptr;
    }
  }
  if (done) return done(false);
  if (!worker_->thread.joinable())
    worker_->thread = std::thread([worker = worker_.get()] { worker->run(); });
  worker_->wake.notify_one();
}

bool read_credentials(std::string_view header, Credentials& out) {
  constexpr std::string_view kScheme = "basic ";
  if (header.size() < kScheme.size()) return false;
  for (size_t i = 0; i < kScheme.size(); ++i) {
    const char c = header[i];
    if ((c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c) != kScheme[i]) return false;
  }
  std::vector<uint8_t> octets;
  dns::Base64Reader reader;
  if (!reader.add(header.substr(kScheme.size()), octets) || !reader.finish()) return false;
  const std::string text(octets.begin(), octets.end());
  const size_t colon = text.find(':');
  if (colon == std::string::npos) return false;
  out = {text.substr(0, colon), text.substr(colon + 1)};
  return true;
}

}  // namespace fairlead::http
