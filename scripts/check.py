#!/usr/bin/env python3
"""The main job at full size, for `make check`: every example, and every model in EDGESCOPE_MODELS_DIR/cpu.

Analyses each with the sampling that users get, holds the document against its schema, the report against
its size, and prints one line a model: what README and closing notes quote.
"""

import json
import os
import pathlib
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TOP / "tests/schema"))
import validate

OUT = TOP / "build/check"
HTML_LIMIT = 1_500_000


def models():
    digits = TOP / "examples/digits"
    found = [digits / name for name in ("digits_int8.tflite", "digits_float.tflite", "digits.onnx", "digits.xml")]
    reference = os.environ.get("EDGESCOPE_MODELS_DIR")
    if reference:
        found += sorted(pathlib.Path(reference, "cpu").glob("*.tflite"))
    else:
        print("EDGESCOPE_MODELS_DIR is not set: the examples only")
    return found


def check(model, validator):
    """What is wrong, and the document."""
    page = OUT / f"{model.name}.html"
    command = [TOP / "build/edgescope", "analyze", model, "--format", "json", "--html", page]
    run = subprocess.run(command, capture_output=True, text=True, timeout=900)
    if run.returncode != 0:
        return [f"exit code {run.returncode}: {run.stderr.strip()}"], None
    document = json.loads(run.stdout)
    (OUT / f"{model.name}.json").write_text(run.stdout)
    wrong = list(validate.problems(validator.iter_errors(document)))
    if page.stat().st_size > HTML_LIMIT:
        wrong.append(f"the report has {page.stat().st_size} bytes")
    if not any("median_us" in run for run in document["runs"]):
        wrong.append("no runtime ran it")
    return wrong, document


def figures(document):
    for run in document["runs"]:
        if "median_us" not in run:
            yield f"{run['on']}: {run['reason']}"
        else:
            low, high = run["interval_us"]
            doubt = "" if run["valid"] else f"  INVALID: {run['reason']}"
            yield f"{run['on']}: {run['median_us']:.1f} us [{low:.1f}, {high:.1f}]{doubt}"


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    validator = validate.validator(TOP / "docs/schema")
    failed = 0
    for model in models():
        wrong, document = check(model, validator)
        print(f"{'FAILED' if wrong else 'ok':<7}{model.name}", flush=True)
        for line in figures(document) if document else []:
            print(f"         {line}")
        for line in wrong:
            print(f"       ! {line}")
        failed += bool(wrong)
    print(f"{OUT.relative_to(TOP)}/ holds documents and reports")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
