#!/bin/sh
# Runs every fuzz target (tests/fuzz/*.cc) for FUZZ_SECONDS (60) seconds, from its seeds in
# tests/fuzz/corpus/NAME and tests/data/NAME. A target that crashes, leaks, hangs for 10 seconds or takes more than 2 GiB fails
# the run; the input that did it is kept in build/fuzz/found/ (minimise it with -minimize_crash=1, put it into
# tests/fuzz/crashes/NAME, and the unit tests will run it from then on).
#
#   scripts/fuzz.sh [TARGET...]     e.g. openvino_reader
set -eu
cd "$(dirname "$0")/.."
seconds=${FUZZ_SECONDS:-60}
build=build/fuzz
found=$build/found

cmake --preset fuzz > /dev/null
[ $# -gt 0 ] || set -- $(cd tests/fuzz && ls *.cc | sed 's/\.cc$//')
for target in "$@"; do set -- "$@" "fuzz_$target"; shift; done
cmake --build $build --target "$@"

mkdir -p $found
failed=
for program in "$@"; do
  target=${program#fuzz_}
  # Seeds are named after the reader: openvino_reader starts from corpus/openvino. What the unit tests read is seed, too.
  name=${target%_reader}
  corpus=$build/corpus/$target
  mkdir -p "$corpus"
  for seeds in tests/fuzz/corpus/$name tests/fuzz/crashes/$name tests/data/$name; do
    [ ! -d $seeds ] || find $seeds -type f -size -64k ! -name '*.py' ! -name '*.bin' ! -name '*.npy' -exec cp {} "$corpus/" \;
  done
  [ "$name" != format ] || find tests/fuzz/corpus tests/data -type f -size -64k ! -name '*.py' -exec cp {} "$corpus/" \;
  echo "$target: $seconds s from $(find "$corpus" -type f | wc -l) inputs"
  if ! $build/fuzz/$program -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -max_len=65536 -print_final_stats=1 \
      -artifact_prefix="$found/$target-" "$corpus" > "$build/$target.log" 2>&1; then
    failed="$failed $target"
    tail -n 40 "$build/$target.log"
  fi
  grep -E "stat::(number_of_executed_units|peak_rss_mb)|Test unit written" "$build/$target.log" || true
done
if [ -n "$failed" ]; then
  echo "failed:$failed; inputs in $found, logs in $build" >&2
  exit 1
fi
