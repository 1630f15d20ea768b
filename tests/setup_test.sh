#!/usr/bin/env bash
# Set-up without a network: stand-ins for npm and apt, and a project folder of their own. What is fetched
# is checked, unpacked whole or not at all, and not fetched again; what cannot be had is named.
set -uo pipefail
source=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
project=$work/project
mkdir -p "$project/scripts" "$work/bin" "$work/made/package"
cp "$source/scripts/setup.sh" "$project/scripts/"
failures=0

check() {  # description, command...
  local what=$1
  shift
  if "$@"; then echo "ok      $what"; else
    echo "FAILED  $what"
    failures=$((failures + 1))
  fi
}
says() { grep -qF -- "$1" "$work/out"; }
setup() { PATH=$work/bin:$PATH "$project/scripts/setup.sh" "$@" >"$work/out" 2>&1; }
fails() { ! setup "$@"; }
silent() { setup "$@" && [ ! -s "$work/out" ]; }
pin() { printf '%s\n' "$@" >"$project/scripts/pins.txt"; }
program() {
  printf '#!/bin/bash\n%s\n' "$2" >"$work/bin/$1"
  chmod +x "$work/bin/$1"
}
nothing_half() { [ -z "$(find "$project/runtimes" -mindepth 1 ! -name .lock)" ]; }

# --- the pins themselves
pins() { grep -E "^(apt|pip|npm) " "$source/scripts/pins.txt"; }
check "every pin has six columns" test "$(pins | awk 'NF != 6' | wc -l)" -eq 0
check "every download has a checksum" \
  test "$(pins | grep -v ^apt | awk '$6 !~ /^[0-9a-f]+$/ || length($6) != 64' | wc -l)" -eq 0
check "every download is pinned for both machines, but the oracle that the vendor made for one and what trains forests" \
  test "$(pins | grep -v -e ^apt -e ' oracle-' -e ' venv-forest' -e ' venv-train' | awk '$5 != "any" { seen[$2 " " $3] = seen[$2 " " $3] $5 } END { for (s in seen)
    if (seen[s] !~ /x86_64/ || seen[s] !~ /aarch64/) print s }' | wc -l)" -eq 0

# --- packages from npm
echo content >"$work/made/package/file"
tar -czf "$work/good.tgz" -C "$work/made" package
sum=$(sha256sum "$work/good.tgz" | cut -d' ' -f1)
place=$project/runtimes/web/thing

program npm 'echo "npm error nobody has it" >&2; exit 1'
pin "npm web thing 1.2.3 any $sum"
check "a package that cannot be had stops set-up" fails web
check "... and is named" says "npm could not bring thing 1.2.3"
check "... with npm's own message" says "nobody has it"
check "... leaving nothing" nothing_half

program npm "cp '$work/good.tgz' ."
pin "npm web thing 1.2.3 any ${sum//[0-9]/0}"
check "another content than the pinned one stops set-up" fails web
check "... saying so" says "npm brought another thing 1.2.3 than the pinned one"
check "... leaving nothing" nothing_half

pin "npm web thing 1.2.3 any $sum"
mkdir -p "$project/runtimes/.new-killed"
check "the pinned content is fetched" setup web
check "... and unpacked" test "$(cat "$place/package/file" 2>/dev/null)" = content
check "... with the leavings of a killed run gone" test ! -e "$project/runtimes/.new-killed"
program npm 'exit 1'
check "a second run does nothing and needs nothing" silent web
pin "npm web thing 1.2.4 any $sum"
check "a new version is fetched" fails web
check "... and the old one stays until it is there" test -e "$place/package/file"

# --- wheels: the Python that a pin names is the one that pip is asked for
pin "pip oracle-openvino-2021.4 wheel 1.2.3 $(uname -m)/3.9 $sum" "pip oracle-openvino-2021.3 wheel 1.2.2 other/3.8 $sum"
mkdir -p "$work/pip/pip"
printf 'import sys\nprint(*sys.argv)\nsys.exit(1)\n' >"$work/pip/pip/__main__.py"
touch "$work/pip/pip/__init__.py"
export PYTHONPATH=$work/pip
check "a wheel that cannot be had stops set-up" fails oracle
check "... having been asked for with its own Python" says "--python-version 3.9 --implementation cp --abi cp39"
check "... and machine" says "manylinux2014_$(uname -m)"
unset PYTHONPATH

# --- packages from Debian
program dpkg-query 'case "${!#}" in there) echo -n installed ;; *) exit 1 ;; esac'
program sudo 'exec "$@"'
program apt-cache ':'
program apt-get 'echo "$*" >>"'"$work"'/apt"; exit 1'
pin "apt some there 12 any -"
check "installed packages need nothing" silent apt some
check "... not even apt" test ! -e "$work/apt"
pin "apt some there 12 any -" "apt some absent 12 any -"
check "a package that apt does not know stops set-up" fails apt some
check "... and is named" says "apt knows no package absent"
check "only what is missing is asked for" grep -q 'install .* absent$' "$work/apt"
program apt-cache 'echo "absent | 1.0 | somewhere"'
check "a package that apt cannot install stops set-up" fails apt some
check "... and is named" says "apt could not install: absent"

check "an unknown request shows the usage" fails nonsense
echo "$failures failed"
[ "$failures" -eq 0 ]
