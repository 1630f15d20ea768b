#!/usr/bin/env python3
"""Our `bench` beside the vendors' own tools, on the same runtimes: OpenVINO's benchmark_app, LiteRT's benchmark_litert_model.py.

    .venv-bench/bin/python bench/compare_benchmark_tools.py MODEL... [--repeat 5] [--json FILE] [--edgescope build/edgescope]

Two questions: do we find the same median (goal: within 3 %), and does our figure repeat better (goal: a
smaller spread over the repetitions)? The order of all runs is random within each repetition, so that a
slow minute of the machine meets all alike. One thread and one stream for everybody; each tool gets about
the same time. A missed goal is reported and is no failure; exit code 1 where nothing could be measured.

What the figures hold: ours and benchmark_app's the call into the runtime; LiteRT's tool times a Python method
around it, a few microseconds, and prints hundredths of a millisecond. Where that is no finer than the goal,
both figures are shown and not judged.
"""

import argparse
import json
import os
import pathlib
import random
import re
import statistics
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parent.parent
SECONDS = 10  # of each run
GOAL = 0.03  # difference of the medians
LITERT_RESOLUTION_MS = 0.01


class Failed(Exception):
    pass


def run(command, **environment):
    answer = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **environment}, check=False)
    if answer.returncode != 0:
        raise Failed(f"{' '.join(map(str, command))}\nexit code {answer.returncode}\n{answer.stdout[-2000:]}{answer.stderr[-2000:]}")
    return answer.stdout


def ours(edgescope, model, on, seed):
    document = json.loads(run([str(edgescope), "bench", str(model), "--on", on, "--threads", "1", "--time-limit", str(SECONDS),
                               "--target-width", "0.01", "--seed", str(seed), "--format", "json"]))  # all of its time, as the tools take theirs
    measured = document["runs"][0]
    if "median_us" not in measured:
        raise Failed(f"{model} on {on}: {measured['reason']}")
    return measured["median_us"] / 1000


def benchmark_app(model):
    text = run([sys.executable, "-c", "from openvino.tools.benchmark.main import main; main()", "-m", str(model), "-hint", "none", "-api", "sync",
                "-nthreads", "1", "-nstreams", "1", "-t", str(SECONDS)], PYTHONPATH=str(TOP / "runtimes/openvino"))
    median, unit = re.search(r"Median:\s+([\d.]+) (ms|us)", text).groups()
    return float(median) / (1000 if unit == "us" else 1)


def litert_tool(model, milliseconds):
    runs = max(50, round(SECONDS * 1000 / milliseconds))
    text = run([sys.executable, str(TOP / "runtimes/litert/ai_edge_litert/tools/benchmark_litert_model.py"), f"--model={model}",
                f"--num_runs={runs}", "--num_threads=1"], PYTHONPATH=str(TOP / "runtimes/litert"))
    return float(re.search(r"Inference \(median\):\s+([\d.]+) ms", text)[1])


def spread(values):
    return (max(values) - min(values)) / statistics.median(values) if max(values) > 0 else 0.0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+", type=pathlib.Path)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--edgescope", type=pathlib.Path, default=TOP / "build/edgescope")
    options = parser.parse_args()
    random.seed(1)

    rows = []
    for model in options.models:
        for on in ["openvino:CPU"] + (["litert"] if model.suffix == ".tflite" else []):
            try:
                row = compare(options, model, on)
            except Failed as error:
                print(f"{model.name} on {on} failed: {error}", file=sys.stderr)
                continue
            rows.append(row)
            print(f"{row['model']:45} {on:13} ours {statistics.median(row['ours_ms']):8.3f} ms, theirs {statistics.median(row['theirs_ms']):8.3f} ms, "
                  f"difference {row['difference']:+6.1%}; spread ours {row['our_spread']:5.1%}, theirs {row['their_spread']:5.1%}: {row['goal']}", flush=True)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1))
    return 0 if rows else 1


def compare(options, model, on):
    about = ours(options.edgescope, model, on, 0)  # also fills the page cache
    tool = benchmark_app if on == "openvino:CPU" else lambda m: litert_tool(m, about)
    mine, theirs = [], []
    for repetition in range(options.repeat):
        work = [lambda: mine.append(ours(options.edgescope, model, on, repetition + 1)), lambda: theirs.append(tool(model))]
        random.shuffle(work)
        for one in work:
            one()
    too_fast = on == "litert" and LITERT_RESOLUTION_MS > GOAL * about
    their_median = statistics.median(theirs)
    row = {"model": model.name, "on": on, "ours_ms": mine, "theirs_ms": theirs,
           "difference": statistics.median(mine) / their_median - 1 if their_median > 0 else float("nan"),
           "our_spread": spread(mine), "their_spread": spread(theirs)}
    met = abs(row["difference"]) <= GOAL and row["our_spread"] <= row["their_spread"]
    row["goal"] = "not judged, their figure is too coarse" if too_fast else "goal met" if met else "goal MISSED"
    return row


if __name__ == "__main__":
    sys.exit(main())
