#!/usr/bin/env bash
# Brings what edgescope needs and what scripts/pins.txt names: Debian packages, the vendors' runtimes,
# web packages, Python environments. Does nothing for what is there already; a run that is interrupted
# leaves nothing half (downloads are checked, unpacked beside their place, and renamed).
#
#   scripts/setup.sh apt SET...    Debian packages of these sets that are not installed yet
#   scripts/setup.sh runtimes      LiteRT, OpenVINO and TensorFlow Lite into runtimes/
#   scripts/setup.sh oracle        OpenVINO 2021, the last with NCS2's plugin, into runtimes/
#   scripts/setup.sh web           packages for the HTML report into runtimes/web/
#   scripts/setup.sh venv NAME     a Python environment: test -> .venv/, NAME -> .venv-NAME/
set -euo pipefail

top=$(cd "$(dirname "$0")/.." && pwd)
pins=$top/scripts/pins.txt
runtimes=$top/runtimes
# Debian's own Python: environments of other makers (conda, pyenv) may lack pip or venv.
python=/usr/bin/python3
case $(uname -m) in
  x86_64) machine=x86_64 ;;
  aarch64 | arm64) machine=aarch64 ;;
  *) machine=$(uname -m) ;;
esac
scratch=
trap '[ -z "$scratch" ] || rm -rf "$scratch"' EXIT

say() { printf '==> %s\n' "$*"; }
die() {
  printf '\nset-up stopped: %s\n' "$1" >&2
  shift
  for line in "$@"; do printf '  %s\n' "$line" >&2; done
  exit 1
}

# What is pinned of one manager and set for this machine, a line each: package version sha256 python.
pinned() {
  awk -v manager="$1" -v set="$2" -v machine="$machine" \
    '$1 == manager && $2 == set { split($5, platform, "/") }
     $1 == manager && $2 == set && (platform[1] == "any" || platform[1] == machine) {
       print $3, $4, $6, (platform[2] ? platform[2] : "3.11") }' "$pins"
}

# --- Debian packages -------------------------------------------------------------------------------

installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    env DEBIAN_FRONTEND=noninteractive "$@"
  else
    sudo env DEBIAN_FRONTEND=noninteractive "$@"
  fi
}

# npm may come from elsewhere than Debian's package of that name; what counts is the command.
present() { installed "$1" || { [ "$1" = npm ] && command -v npm >/dev/null; }; }

apt_sets() {
  local wanted missing=() package
  wanted=$(for set in "$@"; do pinned apt "$set" | cut -d' ' -f1; done | sort -u)
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    say "this is not Debian: what set-up would install is left to you (edgescope is tested on Debian 12 only):"
    printf '    %s\n' $wanted
    return
  fi
  for package in $wanted; do present "$package" || missing+=("$package"); done
  [ ${#missing[@]} -gt 0 ] || return 0
  if ! grep -qs '^VERSION_CODENAME=bookworm' /etc/os-release; then
    say "this is not Debian 12: the versions of its packages are not the tested ones, going on with them"
  fi
  if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
    die "these Debian packages are missing: ${missing[*]}" \
      "Run this command as root, or have somebody run: apt-get install ${missing[*]}"
  fi
  say "installing Debian packages: ${missing[*]}"
  as_root apt-get update -qq || say "apt-get update failed; going on with the lists that are there"
  if ! as_root apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null; then
    for package in "${missing[@]}"; do
      [ -n "$(apt-cache madison "$package" 2>/dev/null)" ] ||
        die "apt knows no package $package" \
          "Look whether the network is up and /etc/apt/sources.list names Debian 12 (bookworm, main)," \
          "run 'apt-get update' and then this command again."
    done
    die "apt could not install: ${missing[*]}" \
      "Its own message stands above. Often helps: 'apt-get update', 'apt-get -f install', free space in /var;" \
      "then run this command again."
  fi
}

# --- downloads -------------------------------------------------------------------------------------

# A scratch folder on the same file system as its destination, so that a rename is all that is left.
new_scratch() {
  rm -rf "$runtimes"/.new-*  # of a run that was killed
  scratch=$(mktemp -d "$runtimes/.new-XXXXXX")
}

# Two set-ups at once (make -j, two terminals) take turns.
take_turns() {
  mkdir -p "$runtimes"
  exec 9>"$runtimes/.lock"
  flock 9
}

# Pins of a pip set as a requirements file with hashes, which pip checks.
requirements() { pinned pip "$1" | awk '{ printf "%s==%s --hash=sha256:%s\n", $1, $2, $3 }'; }

fetch_wheel() {  # package version sha256 python folder
  local platforms=(--platform "manylinux2014_$machine") glibc
  # Wheels of the pinned Python, whichever runs here: they are unpacked for their libraries, never imported.
  for glibc in 17 27 28 31 34 35; do platforms+=(--platform "manylinux_2_${glibc}_$machine"); done
  printf '%s==%s --hash=sha256:%s\n' "$1" "$2" "$3" >"$scratch/requirements.txt"
  "$python" -m pip download --quiet --disable-pip-version-check --no-deps --only-binary=:all: --require-hashes \
    --python-version "$4" --implementation cp --abi "cp${4/./}" "${platforms[@]}" \
    --dest "$5" --requirement "$scratch/requirements.txt" ||
    die "pip could not bring $1 $2 for $machine" \
      "Its own message stands above. 'No matching distribution': the package index that pip uses does not have it" \
      "(look at 'pip config list'). A hash that does not match: the download was damaged or changed, try again." \
      "A proxy or a mirror is set as for any other pip (PIP_PROXY, PIP_INDEX_URL)."
}

fetch_npm() {  # package version sha256 folder
  local log=$scratch/npm.log got
  (cd "$4" && npm pack --loglevel=error "$1@$2" >"$log" 2>&1) || {
    cat "$log" >&2
    die "npm could not bring $1 $2" \
      "Its own message stands above. Look at 'npm config get registry' and the network, then run this command again."
  }
  got=$(sha256sum "$4"/*.tgz | cut -d' ' -f1)
  [ "$got" = "$3" ] ||
    die "npm brought another $1 $2 than the pinned one" "its sha256 is $got" "pinned is     $3" \
      "Try again; if it stays so, the registry that npm uses changed the package and it should not be trusted."
}

# Fetches, checks and unpacks one package to a folder, unless that holds it already.
provide() {  # manager package version sha256 python folder
  local stamp="$2 $3 $4" download
  [ "$(cat "$6/.stamp" 2>/dev/null)" = "$stamp" ] && return
  say "fetching $2 $3 into ${6#"$top"/}/"
  new_scratch
  download=$scratch/download
  mkdir "$download" "$scratch/tree"
  case $1 in
    pip) fetch_wheel "$2" "$3" "$4" "$5" "$download" && "$python" -m zipfile -e "$download"/*.whl "$scratch/tree" ;;
    npm) fetch_npm "$2" "$3" "$4" "$download" && tar -xzf "$download"/*.tgz -C "$scratch/tree" ;;
  esac
  printf '%s\n' "$stamp" >"$scratch/tree/.stamp"
  rm -rf "$6"
  mkdir -p "$(dirname "$6")"
  mv "$scratch/tree" "$6"
  rm -rf "$scratch"
}

fetch_runtimes() {
  local manager name pin
  take_turns
  for name in litert openvino tflite; do
    for manager in pip npm; do
      pin=$(pinned $manager "runtime-$name")
      [ -z "$pin" ] || provide $manager $pin "$runtimes/$name"
    done
    [ -d "$runtimes/$name" ] || say "there is no $name for $machine: left out"
  done
}

fetch_oracle() {
  local name pin
  take_turns
  for name in openvino-2021.4 openvino-2021.3 onnx-1.8; do
    pin=$(pinned pip "oracle-$name")
    [ -z "$pin" ] || provide pip $pin "$runtimes/$name"
    [ -d "$runtimes/$name" ] || say "there is no $name for $machine: left out"
  done
}

fetch_web() {
  local package version sum python
  take_turns
  while read -r package version sum python; do
    provide npm "$package" "$version" "$sum" "$python" "$runtimes/web/$package"
  done < <(pinned npm web)
}

# --- Python environments ---------------------------------------------------------------------------

make_venv() {
  local folder=$top/.venv-$1 wanted
  [ "$1" = test ] && folder=$top/.venv
  take_turns
  wanted=$(requirements "venv-$1")
  [ -n "$wanted" ] || die "scripts/pins.txt has no Python packages for '$1'"
  [ "$(cat "$folder/.stamp" 2>/dev/null)" = "$wanted" ] && [ -x "$folder/bin/python" ] && return
  say "making a Python environment in ${folder#"$top"/}: $(pinned pip "venv-$1" | awk '{ printf "%s%s %s", (NR > 1 ? ", " : ""), $1, $2 }')"
  new_scratch
  printf '%s\n' "$wanted" >"$scratch/requirements.txt"
  # An environment cannot be renamed; the stamp, written last, says that it is whole.
  rm -rf "$folder"
  "$python" -m venv "$folder" ||
    die "Python cannot make an environment" "Debian's package python3-venv is needed: apt-get install python3-venv"
  "$folder/bin/pip" install --quiet --disable-pip-version-check --no-deps --only-binary=:all: --require-hashes \
    --requirement "$scratch/requirements.txt" ||
    die "pip could not install what scripts/pins.txt names for '$1'" \
      "Its own message stands above and names the package. Look at the network and 'pip config list', then run this again."
  printf '%s\n' "$wanted" >"$folder/.stamp"
}

case ${1:-} in
  apt) shift && apt_sets "$@" ;;
  runtimes) fetch_runtimes ;;
  oracle) fetch_oracle ;;
  web) fetch_web ;;
  venv) make_venv "${2:?which environment}" ;;
  *) sed -n '2,11s/^# \{0,1\}//p' "$0" && exit 2 ;;
esac
