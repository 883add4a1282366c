#!/bin/bash
# Builds the program for linux/arm64 on another architecture, in a Debian 12 of its own with Debian's cross compiler, so that the
# machine's own packages stay as they are. Needs root and debootstrap.
#   image/cross-arm64.sh FOLDER     leaves FOLDER/fairlead, and FOLDER/root, whose libraries it was linked with
# FAIRLEAD_MIRROR is where the packages come from, such as http://HOST/debian (default: where this machine's come from).
set -euo pipefail
tree=$(dirname "$(dirname "$(readlink -f "$0")")")
mkdir -p "$1"; out=$(readlink -f "$1")
root=$out/root log=$out/arm64.log
mirror=${FAIRLEAD_MIRROR:-$(apt-get indextargets --format "\$(SITE)" | grep -m1 -E '^https?:.*/debian/?$' || true)}
mirror=${mirror%/}
readonly TOOLS="g++-aarch64-linux-gnu cmake ninja-build pkg-config ca-certificates"
readonly LIBRARIES="libboost-dev:arm64 libboost-system-dev:arm64 libyaml-cpp-dev:arm64 prometheus-cpp-dev:arm64
  libsimdjson-dev:arm64 libre2-dev:arm64 libldns-dev:arm64 libssl-dev:arm64 zlib1g-dev:arm64
  libnghttp2-dev:arm64"
die() { tail -20 "$log" >&2; echo "image/cross-arm64.sh: $* (see $log)" >&2; exit 1; }

[ "$(id -u)" = 0 ] || { echo "image/cross-arm64.sh: needs root" >&2; exit 1; }

system() {
  [ "$(cat "$root/.complete" 2>/dev/null)" != "$TOOLS $LIBRARIES" ] || return 0
  rm -rf "$root"
  [ -n "$mirror" ] || { echo "no mirror of Debian is known: set FAIRLEAD_MIRROR"; return 1; }
  debootstrap --variant=minbase bookworm "$root" "$mirror" || return 1
  printf 'deb %s main\n' "$mirror bookworm" "$mirror bookworm-updates" "$mirror-security bookworm-security" \
    >"$root/etc/apt/sources.list"
  chroot "$root" dpkg --add-architecture arm64 || return 1
  chroot "$root" apt-get update || return 1
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive chroot "$root" apt-get install -y --no-install-recommends \
    $TOOLS $LIBRARIES || return 1
  echo "$TOOLS $LIBRARIES" >"$root/.complete"
}

# In a mount namespace, which takes its mounts along when it ends.
compile() {
  mkdir -p "$root/src" "$root/out"
  # shellcheck disable=SC2016
  unshare --mount bash -euc '
    mount --bind "$1" "$3/src"; mount -o remount,bind,ro "$3/src"
    mount --bind "$2" "$3/out"
    chroot "$3" cmake -S /src -B /out/cmake -G Ninja -DCMAKE_BUILD_TYPE=Release -DFAIRLEAD_TESTS=OFF \
      -DCMAKE_TOOLCHAIN_FILE=/src/cmake/arm64.cmake
    chroot "$3" ninja -C /out/cmake fairlead' - "$tree" "$out" "$root" && cp "$out/cmake/fairlead" "$out/fairlead"
}

system >"$log" 2>&1 </dev/null || die "the system for the build could not be made"
compile >>"$log" 2>&1 </dev/null || die "the build failed"
