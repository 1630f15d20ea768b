#!/usr/bin/env python3
"""Our programs of forests beside everybody else's, in one run, on one thread, with fresh rows.

    .venv-forest/bin/python bench/forest.py [--json FILE] [--seconds 1] [--forests 1x4,10x6,100x8,500x8] [--batches 1,10,100,1000]
    .venv-forest/bin/python bench/forest.py --workload      the user's forests up to 512 trees of depth 16: exact or not

Every way is timed from rows to class probabilities, through Python, the host's part of the exact program included. The order
is random in each round, so that a slow moment of the machine meets all alike; each call gets rows that it has not seen in
the calls before, since repeated rows flatter code that branches. The figure is the median of the calls.

Goal: at every point the best of our programs is at least as fast as the best tensor program of any peer. Native tree code
is measured too: where it beats every tensor program, the table says so. A missed goal is reported and is no failure.
"""

import argparse
import ctypes
import itertools
import json
import os
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile
import time

for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[name] = "1"
TOP = pathlib.Path(__file__).resolve().parent.parent
sys.path.append(str(TOP / "runtimes/litert"))

import numpy as np  # noqa: E402

FRESH = 32  # calls before rows come again
TENSOR, NATIVE = "tensor program", "native code"


class Way:
    """One way to predict: a name, whose it is, what it is, and a function from rows to probabilities."""

    def __init__(self, name, ours, kind, call):
        self.name, self.ours, self.kind, self.call = name, ours, kind, call


def train(trees, depth, samples=1500):
    from sklearn.datasets import make_classification
    from sklearn.ensemble import RandomForestClassifier

    x, y = make_classification(n_samples=samples, n_features=8, n_informative=6, n_redundant=0, random_state=0, shuffle=True, n_classes=4)
    return RandomForestClassifier(n_estimators=trees, max_depth=depth, random_state=0, n_jobs=1).fit(x, y), x


def export(model, folder):
    import treelite

    path = folder / "forest.treelite"
    made = treelite.sklearn.import_model(model)
    # The importer normalises leaves that scikit-learn has normalised already, which moves last bits: they are put back.
    for index, estimator in enumerate(model.estimators_):
        accessor, tree = made.get_tree_accessor(index), estimator.tree_
        leaves = tree.value[tree.children_left < 0, 0].ravel()
        assert np.allclose(accessor.get_field("leaf_vector"), leaves, rtol=1e-9)
        accessor.set_field("leaf_vector", leaves)
    made.serialize(str(path))
    return path


def edgescope(program, *arguments):
    answer = subprocess.run([str(program), *map(str, arguments), "--format", "json"], capture_output=True, text=True, check=False)
    if answer.returncode != 0:
        raise RuntimeError(f"edgescope {' '.join(map(str, arguments))}: {answer.stderr.strip()}")
    return json.loads(answer.stdout)


class Host:
    """The header that `forest --emit-header` wrote, compiled."""

    def __init__(self, header, name):
        source, library = header.with_suffix(".cc"), header.with_suffix(".so")
        source.write_text(f'#include "{header.name}"\nextern "C" {{\n'
                          f'void before(const double* r, std::size_t n, {name}::Cell* c) {{ {name}::before(r, n, c); }}\n'
                          f'void after(const {name}::Cell* a, std::size_t n, double* p) {{ {name}::after(a, n, p); }}\n}}\n')
        subprocess.run(["c++", "-std=c++17", "-O3", "-shared", "-fPIC", "-o", str(library), str(source)], check=True)
        self.library = ctypes.CDLL(str(library))

    def before(self, rows, cells):
        self.library.before(ctypes.c_void_p(rows.ctypes.data), ctypes.c_size_t(len(rows)), ctypes.c_void_p(cells.ctypes.data))

    def after(self, answers, predictions):
        self.library.after(ctypes.c_void_p(answers.ctypes.data), ctypes.c_size_t(len(predictions)), ctypes.c_void_p(predictions.ctypes.data))


def on_litert(path):
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(model_path=str(path), num_threads=1)
    interpreter.allocate_tensors()
    (given,), (made,) = interpreter.get_input_details(), interpreter.get_output_details()

    def run(tensor):
        interpreter.set_tensor(given["index"], tensor)
        interpreter.invoke()
        return interpreter.get_tensor(made["index"])

    return run, tuple(given["shape"]), given["dtype"]


def on_openvino(path):
    import openvino

    core = openvino.Core()
    compiled = core.compile_model(str(path), "CPU", {"INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1, "PERFORMANCE_HINT": "LATENCY",
                                                     "INFERENCE_PRECISION_HINT": "f32"})
    request, port = compiled.create_infer_request(), compiled.inputs[0]

    def run(tensor):
        return request.infer([tensor], share_inputs=True)[0]

    return run, tuple(port.shape), port.element_type.to_dtype()


def on_onnxruntime(path):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    port = session.get_inputs()[0]
    return lambda tensor: session.run(None, {port.name: tensor})[0], tuple(port.shape), {"tensor(float)": np.float32, "tensor(int32)": np.int32}[port.type]


NUMBERS = itertools.count()
RUNTIMES = {"litert": ("tflite", on_litert), "openvino": ("xml", on_openvino), "onnxruntime": ("onnx", on_onnxruntime)}


def exact(program, forest, folder, batch, runtime, classes):
    extension, load = RUNTIMES[runtime]
    # A namespace of its own: the tables of all headers of one name in one process would be one.
    name = f"exact_{next(NUMBERS)}"
    out, header = folder / f"{name}.{extension}", folder / f"{name}.h"
    edgescope(program, "forest", forest, "--strategy", "exact", "--batch", batch, "-o", out, "--emit-header", header)
    host, (run, shape, kind) = Host(header, name), load(out)
    cells = np.empty(shape, kind)

    def call(rows):
        predictions = np.empty((len(rows), classes))
        host.before(rows, cells)
        host.after(np.ascontiguousarray(run(cells)), predictions)
        return predictions

    return Way(f"edgescope exact, {runtime}", True, TENSOR, call)


def classical(program, forest, folder, batch, strategy, runtime):
    extension, load = RUNTIMES[runtime]
    out = folder / f"{strategy}_{runtime}_{batch}.{extension}"
    edgescope(program, "forest", forest, "--strategy", strategy, "--batch", batch, "-o", out)
    run, _, kind = load(out)
    return Way(f"edgescope {strategy}, {runtime}", True, TENSOR, lambda rows: run(rows.astype(kind)))


def hummingbird(model, folder, batch, rows):
    import torch
    from hummingbird.ml import convert

    torch.set_num_threads(1)
    yield "Hummingbird PTT, torch", lambda: convert(model, "torch", rows.astype(np.float32), extra_config={"tree_implementation": "perf_tree_trav"}).predict_proba
    container = convert(model, "torch", rows.astype(np.float32), extra_config={"tree_implementation": "perf_tree_trav"})
    path = folder / f"hummingbird_{batch}.onnx"

    def through_openvino():
        torch.onnx.export(container.model, torch.from_numpy(rows.astype(np.float32)), str(path), opset_version=11)
        import openvino

        core = openvino.Core()
        compiled = core.compile_model(str(path), "CPU", {"INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1, "PERFORMANCE_HINT": "LATENCY",
                                                         "INFERENCE_PRECISION_HINT": "f32"})
        request = compiled.create_infer_request()
        return lambda tensor: list(request.infer([tensor.astype(np.float32)], share_inputs=True).values())[-1]

    yield "Hummingbird PTT, OpenVINO", through_openvino


def peers(model, forest, folder, batch, rows):
    """Name, kind, and a function that makes the call."""
    yield "scikit-learn", NATIVE, lambda: model.predict_proba
    for name, make in hummingbird(model, folder, batch, rows):
        yield name, TENSOR, make

    def onnxruntime_trees():
        from skl2onnx import to_onnx

        path = folder / "trees.onnx"
        path.write_bytes(to_onnx(model, rows[:1].astype(np.float32), options={"zipmap": False}, target_opset=15).SerializeToString())
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        name = session.get_inputs()[0].name
        return lambda tensor: session.run(["probabilities"], {name: tensor.astype(np.float32)})[0]

    yield "ONNX Runtime TreeEnsemble", NATIVE, onnxruntime_trees

    def gtil():
        import treelite

        loaded = treelite.Model.deserialize(str(forest))
        return lambda tensor: treelite.gtil.predict(loaded, tensor, nthread=1)

    yield "treelite GTIL", NATIVE, gtil

    def compiled_c():
        import tl2cgen
        import treelite

        library = folder / "tl2cgen.so"
        if not library.exists():
            tl2cgen.export_lib(treelite.Model.deserialize(str(forest)), toolchain="gcc", libpath=str(library), params={"parallel_comp": 8}, verbose=False)
        predictor = tl2cgen.Predictor(str(library), nthread=1, verbose=False)
        return lambda tensor: predictor.predict(tl2cgen.DMatrix(tensor))

    yield "tl2cgen C", NATIVE, compiled_c


def lleaves_way(trees, depth, x, folder):
    """LightGBM's trees only: a forest of its own of the same size, for orientation."""
    import lightgbm
    import lleaves

    labels = np.random.default_rng(0).random(len(x))
    booster = lightgbm.train({"objective": "regression", "num_leaves": 2**depth, "max_depth": depth, "min_data_in_leaf": 1, "verbose": -1, "num_threads": 1},
                             lightgbm.Dataset(x, labels), trees)
    path = folder / "lightgbm.txt"
    booster.save_model(str(path))
    model = lleaves.Model(model_file=str(path))
    model.compile()
    return Way("lleaves (LightGBM of that size)", False, NATIVE, lambda rows: model.predict(rows, n_jobs=1))


def numpy_host(model):
    """The host's part of the exact program in numpy: searchsorted, and take of the leaves."""
    thresholds = [np.unique(np.concatenate([t.tree_.threshold[t.tree_.feature == f] for t in model.estimators_])) for f in range(model.n_features_in_)]
    values = [t.tree_.value[t.tree_.children_left < 0, 0] for t in model.estimators_]

    def call(rows):
        for f, known in enumerate(thresholds):
            np.searchsorted(known, rows[:, f])
        total = np.zeros((len(rows), model.n_classes_))
        for leaves in values:
            total += leaves.take(np.arange(len(rows)) % len(leaves), axis=0)
        return total

    return call


def measure(ways, blocks, seconds):
    times = {way.name: [] for way in ways}
    for way in ways:  # what is made at the first call is made
        way.call(blocks[0])
    end, turn = time.monotonic() + seconds * len(ways), 0
    while time.monotonic() < end or turn < 7:
        order = list(ways)
        random.shuffle(order)
        for way in order:
            calls = []
            started = time.monotonic()
            while len(calls) < FRESH and time.monotonic() - started < seconds / 8:
                block = blocks[(turn + len(calls)) % FRESH]
                before = time.perf_counter_ns()
                way.call(block)
                calls.append(time.perf_counter_ns() - before)
            times[way.name] += calls
        turn += 1
    return {name: statistics.median(calls) / 1000 for name, calls in times.items()}


def point(program, model, forest, x, folder, trees, depth, batch, seconds, with_lleaves):
    rng = np.random.default_rng(1)
    low, high = x.min(axis=0), x.max(axis=0)
    # Values that 32-bit floats hold, which all ways take alike.
    blocks = [(low + (high - low) * rng.random((batch, x.shape[1]))).astype(np.float32).astype(np.float64) for _ in range(FRESH)]
    ways, missing = [], {}

    def attempt(name, make):
        try:
            ways.append(make())
        except Exception as error:  # a peer that fails here is a line of the report
            missing[name] = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"[:200]

    for runtime in RUNTIMES:
        attempt(f"edgescope exact, {runtime}", lambda: exact(program, forest, folder, batch, runtime, model.n_classes_))
        for strategy in ("ptt", "tt", "gemm"):
            if strategy == "gemm" and trees * batch > 20000:
                continue  # seconds a call
            attempt(f"edgescope {strategy}, {runtime}", lambda: classical(program, forest, folder, batch, strategy, runtime))
    for name, kind, make in peers(model, forest, folder, batch, blocks[0]):
        attempt(name, lambda: Way(name, False, kind, make()))
    if with_lleaves:
        attempt("lleaves", lambda: lleaves_way(trees, depth, x, folder))
    expected = model.predict_proba(blocks[0])
    difference = {}
    for way in list(ways):
        try:
            difference[way.name] = float(np.abs(np.asarray(way.call(blocks[0])).reshape(len(expected), -1) - expected).max()) if "lleaves" not in way.name else None
        except Exception as error:
            missing[way.name] = f"{type(error).__name__}: {error}"[:200]
            ways.remove(way)
    medians = measure(ways, blocks, seconds)
    host = numpy_host(model)
    start = time.perf_counter_ns()
    for block in blocks[:8]:
        host(block)
    record = {"trees": trees, "depth": depth, "batch": batch, "basis": "measured", "missing": missing,
              "numpy_host_us_a_row": (time.perf_counter_ns() - start) / 8000 / batch,
              "ways": [{"name": w.name, "ours": w.ours, "kind": w.kind, "median_us": medians[w.name], "max_difference": difference[w.name]} for w in ways]}

    def best(ours, kind):
        return min((w for w in record["ways"] if w["ours"] == ours and w["kind"] == kind), key=lambda w: w["median_us"], default=None)

    record["best_ours"], record["best_peer"], record["best_native"] = best(True, TENSOR), best(False, TENSOR), best(False, NATIVE)
    return record


def show(record):
    print(f"\n{record['trees']} trees x depth {record['depth']}, batch {record['batch']}")
    for way in sorted(record["ways"], key=lambda w: w["median_us"]):
        off = "" if way["max_difference"] is None else f"differs from scikit-learn by at most {way['max_difference']:.1e}"
        print(f"  {way['median_us']:12.1f} us  {'ours ' if way['ours'] else '     '} {way['name']:34} {way['kind']:15} {off}")
    for name, reason in record["missing"].items():
        print(f"  {'-':>12}     {name}: {reason}")
    print(f"  the host's part of the exact program in numpy would take {record['numpy_host_us_a_row']:.2f} us a row; ours: build/bench/forest_host_bench")
    ours, peer, native = record["best_ours"], record["best_peer"], record["best_native"]
    if ours and peer:
        ratio = peer["median_us"] / ours["median_us"]
        print(f"  goal {'met' if ratio >= 1 else 'MISSED'}: {ours['name']} is {ratio:.2f} times as fast as {peer['name']}, the best tensor program of a peer")
    if native and ours and native["median_us"] < ours["median_us"]:
        print(f"  native code is faster than every tensor program: {native['name']}, {ours['median_us'] / native['median_us']:.1f} times")


def workload(program, sizes):
    """The exact program of the user's forests on LiteRT, with rows on every threshold and a unit in the last place beside it."""
    wrong = 0
    for trees, depth in sizes:
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            model, x = train(trees, depth)
            forest = export(model, folder)
            rng = np.random.default_rng(2)
            rows = [x, rng.uniform(x.min(), x.max(), (2000, 8))]
            thresholds = np.concatenate([t.tree_.threshold[t.tree_.feature >= 0] for t in model.estimators_])
            features = np.concatenate([t.tree_.feature[t.tree_.feature >= 0] for t in model.estimators_])
            chosen = rng.permutation(len(thresholds))[:1500]
            for beside in (lambda v: v, lambda v: np.nextafter(np.float32(v), np.float32(-np.inf)), lambda v: np.nextafter(np.float32(v), np.float32(np.inf))):
                near = x[rng.integers(0, len(x), len(chosen))].copy()
                near[np.arange(len(chosen)), features[chosen]] = beside(thresholds[chosen])
                rows.append(near)
            rows = np.concatenate(rows).astype(np.float32).astype(np.float64)  # as scikit-learn takes them
            batch = 50
            way = exact(program, forest, folder, batch, "litert", 4)
            predictions = np.concatenate([way.call(np.ascontiguousarray(rows[i:i + batch])) for i in range(0, len(rows), batch)])
            expected = model.predict_proba(rows)
            different = int((predictions != expected).any(axis=1).sum())
            wrong += different
            size = next(folder.glob("exact_*.tflite")).stat().st_size
            print(f"{trees:4} trees x depth {depth:2}: {len(rows)} rows, {different} whose probabilities are not scikit-learn's to the last bit; {size / 2**20:.2f} MiB", flush=True)
    return 1 if wrong else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--edgescope", type=pathlib.Path, default=TOP / "build/edgescope")
    parser.add_argument("--json", type=pathlib.Path)
    parser.add_argument("--seconds", type=float, default=1, help="for each way at each point")
    parser.add_argument("--forests", default="1x4,10x6,100x8,500x8")
    parser.add_argument("--batches", default="1,10,100,1000")
    parser.add_argument("--workload", action="store_true")
    options = parser.parse_args()
    if options.workload:
        sizes = [(1, 1), (16, 4), (32, 4), (64, 8), (128, 8), (256, 16), (512, 16), (100, 8)]
        return workload(options.edgescope, sizes)
    records = []
    for size in options.forests.split(","):
        trees, depth = map(int, size.split("x"))
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            model, x = train(trees, depth)
            forest = export(model, folder)
            for batch in map(int, options.batches.split(",")):
                records.append(point(options.edgescope, model, forest, x, folder, trees, depth, batch, options.seconds, True))
                show(records[-1])
    missed = [r for r in records if r["best_ours"] and r["best_peer"] and r["best_ours"]["median_us"] > r["best_peer"]["median_us"]]
    print(f"\nthe goal is met at {len(records) - len(missed)} of {len(records)} points")
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps({"threads": 1, "records": records}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
