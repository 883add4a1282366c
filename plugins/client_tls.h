// TLS of directives that ask other servers: the option `tls [CA | CERT KEY [CA]]`, and its files.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "corefile/arguments.h"
#include "corefile/cursor.h"
#include "forward/settings.h"
#include "net/file_stamp.h"

namespace fairlead::plugins {

/// What the option's line says; the files are not looked at. Throws corefile::ConfigError.
fairlead::forward::TlsSettings tls_option(corefile::Cursor& cursor,
                                          const corefile::Context& context);

/// Takes %NAME off HOST%NAME, HOST:PORT%NAME, HOST%NAME:PORT or [HOST%NAME]:PORT: what the
/// certificate must be for, or the link of an address. False when NAME is empty.
bool take_suffix(std::string& host, std::string& suffix);

/// The files as they were seen, those that are there: who has read others has read something else.
using TlsFiles = std::vector<std::optional<net::FileStamp>>;
TlsFiles files_of(const fairlead::forward::TlsSettings& settings);

}  // namespace fairlead::plugins
