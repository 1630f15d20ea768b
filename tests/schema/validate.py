#!/usr/bin/env python3
"""Holds what the built program prints as JSON against the schemas in docs/schema/.

    validate.py PROGRAM SOURCES COMMAND...    runs PROGRAM COMMAND --format json ... and validates its output

$EDGESCOPE_MODELS_DIR in COMMAND stands for reference data; where it is not set, this skips.
"""

import json
import os
import subprocess
import sys

SKIPPED = 77  # tests/schema/CMakeLists.txt

try:
    import jsonschema
except ImportError:
    print("skipped: Python's jsonschema is missing; `scripts/setup.sh venv test` installs it into .venv/")
    sys.exit(SKIPPED)


def validator(folder):
    def load(name):
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            return json.load(file)

    names = [name for name in sorted(os.listdir(folder)) if name.endswith(".schema.json")]
    schemas = {name: load(name) for name in names}
    for schema in schemas.values():
        jsonschema.validators.validator_for(schema).check_schema(schema)
    # The schemas name each other by file, relative to this one.
    base = "https://schema.invalid/"  # never fetched: all files are given
    main = schemas["edgescope.schema.json"]
    resolver = jsonschema.RefResolver(base + "edgescope.schema.json", main, {base + name: schema for name, schema in schemas.items()})
    return jsonschema.Draft202012Validator(main, resolver=resolver)


def problems(found):
    for error in sorted(found, key=lambda e: len(e.absolute_path), reverse=True):
        yield f"/{'/'.join(map(str, error.absolute_path))}: {error.message[:300]}"
        for inner in sorted(error.context or [], key=lambda e: -len(e.absolute_path))[:3]:
            yield f"    /{'/'.join(map(str, inner.absolute_path))}: {inner.message[:300]}"


def main(program, sources, *command):
    command = [os.path.expandvars(word) for word in command]
    if any("$EDGESCOPE" in word for word in command):
        print("skipped: " + " ".join(command) + " needs variables that are not set")
        sys.exit(SKIPPED)
    validate = validator(os.path.join(sources, "docs", "schema"))
    # A schema that takes everything would pass every document.
    if not list(validate.iter_errors({"schema_version": 1, "command": command[0], "input": "x"})):
        sys.exit(f"the schema takes an empty document of `{command[0]}`")
    finished = subprocess.run([program, command[0], "--format", "json", *command[1:]], stdout=subprocess.PIPE)
    if finished.returncode == 4 and "edgetpu:virtual" in command:
        print("skipped: no libedgetpu; set EDGESCOPE_LIBEDGETPU to a libedgetpu.so.1")
        sys.exit(SKIPPED)
    if finished.returncode == 4 and command[0] == "fix":
        print("skipped: no CPU runtime to prove a rewrite on; `make runtimes` brings them")
        sys.exit(SKIPPED)
    if finished.returncode == 4 and ("ncs2" in command or "ncs2:virtual" in command):
        print("skipped: no OpenVINO 2021; `make oracle` brings it")
        sys.exit(SKIPPED)
    if finished.returncode == 4 and command[0] == "compare":
        print("skipped: no runtime; `make runtimes` brings them")
        sys.exit(SKIPPED)
    refused = command[0] in ("check", "compare", "convert", "fix", "gate") and finished.returncode == 1  # an answer like another
    if finished.returncode != 0 and not refused:
        sys.exit(f"exit code {finished.returncode}")
    found = list(problems(validate.iter_errors(json.loads(finished.stdout))))
    print("\n".join(found[:40]) or "the document is what the schema says")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
