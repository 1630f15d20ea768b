#!/usr/bin/env python3
"""Our `inspect` beside the peers, on generated models of 1 GiB: whole processes, warm, in one run.

    make bench                      everything
    .venv-bench/bin/python bench/peers.py [--repeat 5] [--only WORD] [--json FILE]

Time and peak memory are the kernel's figures for the whole process, its start included. The rounds are
interleaved, so that a slow minute of the machine meets all alike. Every peer must say how many operators
it saw: one that saw nothing was not measured.
"""

import argparse
import json
import os
import pathlib
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time

TOP = pathlib.Path(__file__).resolve().parent.parent
BENCH = TOP / "bench"
MODELS = TOP / "build/bench/models"
PYTHON = TOP / ".venv-bench/bin/python"
TIME_LIMIT = 60  # seconds; the slowest peer takes about 20
# What docs promise for our own rows: seconds, MiB.
GOALS = {"tflite": (0.06, 90), "onnx": (0.3, 100)}


def generate():
    """The two models, written once and kept under build/."""
    MODELS.mkdir(parents=True, exist_ok=True)
    tools = {
        "tflite": [TOP / "build/bench/generate_tflite"],
        "onnx": [PYTHON, BENCH / "generate_onnx.py"],
    }
    for kind, tool in tools.items():
        path = MODELS / f"generated.{kind}"
        if not path.exists():
            print(f"==> generating {path.relative_to(TOP)} (1 GiB)", file=sys.stderr)
            half = path.with_name(f"half.{kind}")
            subprocess.run([*tool, half], check=True)
            half.rename(path)


def netron_folder(scratch):
    """Netron's pages as modules that Node.js loads: beside them has to stand that they are modules."""
    installed = next((TOP / ".venv-bench/lib").glob("python3*/site-packages/netron"))
    folder = pathlib.Path(scratch) / "netron"
    shutil.copytree(installed, folder)
    (folder / "package.json").write_text('{"type": "module"}')
    return folder


def contestants(kind, path, scratch):
    """Name -> command, ours first."""
    walk = [PYTHON, BENCH / "peers/walk.py"]
    # Node.js limits its own memory far below what a file of 1 GiB takes there.
    netron = ["node", "--max-old-space-size=8192", BENCH / "peers/netron.mjs", netron_folder(scratch), path]
    ours = {"edgescope inspect --format json": [TOP / "build/edgescope", "inspect", path, "--format", "json"]}
    if kind == "onnx":
        return ours | {
            "onnx.load": [*walk, "onnx", path],
            "Netron (Node.js, no window)": netron,
            "OpenVINO read_model": [*walk, "openvino", path],
        }
    return ours | {
        "LiteRT's C++ analyzer": [*walk, "litert_analyzer", path],
        "LiteRT's flatbuffer_utils": [*walk, "litert_objects", path],
        "tflite package, walk": [*walk, "tflite_package", path],
        "Netron (Node.js, no window)": netron,
        "Model Explorer's adapter": [*walk, "model_explorer", path],
        "OpenVINO read_model": [*walk, "openvino", path],
    }


def run(command, output):
    """Wall seconds, peak MiB of one process; an error text instead where it failed."""
    environment = os.environ | {
        "PYTHONPATH": f"{TOP / 'runtimes/litert'}:{TOP / 'runtimes/openvino'}",
        "PYTHONDONTWRITEBYTECODE": "",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    output.seek(0)
    output.truncate()
    begin = time.perf_counter()
    process = subprocess.Popen([str(c) for c in command], stdout=output, stderr=subprocess.PIPE, env=environment)
    late = threading.Event()
    limit = threading.Timer(TIME_LIMIT, lambda: (late.set(), process.kill()))
    limit.start()
    complaint = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begin
    limit.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    if late.is_set():
        return None, f"not done after {TIME_LIMIT} s"
    if process.returncode != 0:
        last = complaint.decode(errors="replace").strip().splitlines()[-1:] or ["no message"]
        return None, f"exit code {process.returncode}: {last[0][:120]}"
    return (seconds, usage.ru_maxrss / 1024), None


def compare(kind, repeat, only):
    path = MODELS / f"generated.{kind}"
    with open(path, "rb") as file:
        while file.read(1 << 24):
            pass  # into the page cache: all runs are warm
    with tempfile.TemporaryDirectory() as scratch, open(pathlib.Path(scratch) / "out", "w+b") as output:
        commands = {n: c for n, c in contestants(kind, path, scratch).items() if not only or only in n or "edgescope" in n}
        samples, errors = {name: [] for name in commands}, {}
        for round_ in range(repeat + 1):
            names = [n for n in commands if n not in errors]
            random.Random(round_).shuffle(names)
            for name in names:
                print(f"    {kind} round {round_}/{repeat}: {name}   ", end="\r", file=sys.stderr, flush=True)
                sample, error = run(commands[name], output)
                if error:
                    errors[name] = error
                elif round_ > 0:  # round 0 compiles bytecode and warms libraries
                    samples[name].append(sample)
    rows = []
    for name in commands:
        row = {"model": kind, "name": name, "runs": len(samples[name])}
        if name in errors:
            row["error"] = errors[name]
        else:
            seconds = [s for s, _ in samples[name]]
            row |= {"seconds": statistics.median(seconds), "seconds_min": min(seconds), "seconds_max": max(seconds)}
            row["peak_mib"] = max(m for _, m in samples[name])
        rows.append(row)
    ours = rows[0]
    for row in rows:
        if "error" not in row and "error" not in ours:
            row["times_ours"] = row["seconds"] / ours["seconds"]
            row["memory_times_ours"] = row["peak_mib"] / ours["peak_mib"]
    if "error" not in ours:
        seconds, mib = GOALS[kind]
        ours["goal"] = {"seconds": seconds, "peak_mib": mib}
        ours["goal_met"] = ours["seconds"] < seconds and ours["peak_mib"] < mib
    return rows


def show(rows):
    print(f"\n{'1 GiB ' + rows[0]['model']:<34}{'median s':>10}{'min - max':>18}{'peak MiB':>10}{'time':>9}{'memory':>9}")
    for row in rows:
        if "error" in row:
            print(f"{row['name']:<34}  failed: {row['error']}")
            continue
        spread = f"{row['seconds_min']:.3f} - {row['seconds_max']:.3f}"
        ratios = f"{row['times_ours']:>8.1f}x{row['memory_times_ours']:>8.1f}x" if "times_ours" in row else ""
        print(f"{row['name']:<34}{row['seconds']:>10.3f}{spread:>18}{row['peak_mib']:>10.0f}{ratios}")
    ours = rows[0]
    if "goal" in ours:
        goal = ours["goal"]
        met = "met" if ours["goal_met"] else "MISSED"
        print(f"goal for edgescope: under {goal['seconds']} s and {goal['peak_mib']} MiB: {met}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--only", default="", help="peers whose name holds this, and ours")
    parser.add_argument("--json", type=pathlib.Path, default=TOP / "build/bench/peers.json")
    arguments = parser.parse_args()
    if os.getloadavg()[0] > os.cpu_count() / 2:
        print(f"warning: the machine is busy (load {os.getloadavg()[0]:.1f}): times are too long", file=sys.stderr)
    generate()
    results = []
    for kind in ("tflite", "onnx"):
        rows = compare(kind, arguments.repeat, arguments.only)
        show(rows)
        results += rows
    document = {"cpus": os.cpu_count(), "load": os.getloadavg()[0], "rows": results}
    arguments.json.write_text(json.dumps(document, indent=2) + "\n")
    print(f"\n{arguments.json}")


if __name__ == "__main__":
    main()
