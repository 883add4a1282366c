#include "net/pem.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace fairlead::net {
namespace {

constexpr size_t kMaxBlocks = 10'000;  // of one text

struct BioFree {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using Bio = std::unique_ptr<BIO, BioFree>;

[[noreturn]] void refuse_for(const char* what, const Pem& pem, const std::string& reason) {
  const std::string place = pem.file.empty() ? "" : " file " + pem.file;
  throw std::runtime_error(std::string("tls: cannot use the ") + what + place + ": " + reason);
}

Bio open(const char* what, const Pem& pem) {
  ERR_clear_error();
  if (!pem.text.empty()) {
    return Bio(BIO_new_mem_buf(pem.text.data(), static_cast<int>(pem.text.size())));
  }
  errno = 0;
  Bio bio(BIO_new_file(pem.file.c_str(), "r"));
  if (bio != nullptr) return bio;
  const int error = errno;
  ERR_clear_error();
  refuse_for(what, pem, error != 0 ? std::generic_category().message(error) : "out of memory");
}

// OpenSSL asks on the terminal for the pass phrase of an encrypted key unless told otherwise.
int no_pass_phrase(char*, int, int, void*) {
  return -1;
}

Certificate next_certificate(BIO* bio) {
  return Certificate(PEM_read_bio_X509_AUX(bio, nullptr, no_pass_phrase, nullptr));
}

bool at_end() {
  const unsigned long error = ERR_peek_last_error();
  return ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}

}  // namespace

void PemFree::operator()(X509* certificate) const {
  X509_free(certificate);
}

void PemFree::operator()(EVP_PKEY* key) const {
  EVP_PKEY_free(key);
}

std::vector<Certificate> read_authorities(const Pem& pem) {
  const Bio bio = open("CA", pem);
  std::vector<Certificate> found;
  for (size_t blocks = 0; blocks < kMaxBlocks; ++blocks) {
    ERR_clear_error();
    Certificate certificate = next_certificate(bio.get());
    if (certificate != nullptr) {
      found.push_back(std::move(certificate));
    } else if (at_end()) {
      break;
    }
  }
  if (found.empty()) refuse_for("CA", pem, "no certificate found");
  ERR_clear_error();
  return found;
}

std::vector<Certificate> read_chain(const Pem& pem) {
  const Bio bio = open("certificate", pem);
  std::vector<Certificate> chain;
  while (chain.size() < kMaxBlocks) {
    Certificate certificate = next_certificate(bio.get());
    if (certificate == nullptr) break;
    chain.push_back(std::move(certificate));
  }
  if (chain.empty() || !at_end()) refuse("certificate", pem);
  ERR_clear_error();
  return chain;
}

PrivateKey read_private_key(const Pem& pem) {
  const Bio bio = open("key", pem);
  PrivateKey key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_pass_phrase, nullptr));
  if (key == nullptr) refuse("key", pem);
  return key;
}

void refuse(const char* what, const Pem& pem) {
  refuse_for(what, pem, take_openssl_reason());
}

std::string take_openssl_reason() {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return reason != nullptr ? reason : "unknown error";
}

}  // namespace fairlead::net
