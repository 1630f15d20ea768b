"""Quantises a float model to int8 by the libraries that do it well: ai-edge-quantizer for TensorFlow Lite, NNCF for
OpenVINO IR. The program edgescope holds this text and runs it in an environment of its own (quantize.h):

    python -c TEXT MODEL OUT ROWS.npy...    one file of rows for each input of the model, in its order

What cannot be done is one line, "quantize: why", and exit code 1.
"""

import os
import sys


class Refused(Exception):
    pass


def samples(paths, inputs):
    """Rows as the model takes them: for each row, {name: array}. `inputs`: (name, shape, type) of each."""
    import numpy

    if len(paths) != len(inputs):
        raise Refused(f"the model has {len(inputs)} inputs, and {len(paths)} files of rows were given")
    columns = []
    for path, (name, shape, kind) in zip(paths, inputs):
        try:
            rows = numpy.load(path, allow_pickle=False)
        except (OSError, ValueError) as error:
            raise Refused(f"{path} is no .npy file of numbers") from error
        size = int(numpy.prod(shape))
        if rows.size == 0 or rows.size % size:
            raise Refused(f"{path} has {rows.size} values, and `{name}` takes {size} at a time")
        if not numpy.isfinite(rows).all():
            raise Refused(f"{path} holds values that are not finite")
        columns.append(rows.reshape([-1, *shape]).astype(kind))
    if len({len(rows) for rows in columns}) != 1:
        raise Refused("the files have different numbers of rows")
    return [{name: rows[i] for (name, _, _), rows in zip(inputs, columns)} for i in range(len(columns[0]))]


def tflite(model, out, paths):
    from ai_edge_litert.interpreter import Interpreter
    from ai_edge_quantizer import quantizer, qtyping

    signatures = Interpreter(model_path=model).get_signature_list()
    if len(signatures) > 1:
        raise Refused(f"the model has {len(signatures)} signatures; export one")
    key = next(iter(signatures), None)
    runner = Interpreter(model_path=model).get_signature_runner(key)
    details = runner.get_input_details()
    inputs = [(name, list(details[name]["shape"]), details[name]["dtype"]) for name in details]
    inputs.sort(key=lambda one: details[one[0]]["index"])
    work = quantizer.Quantizer(model)
    everything = qtyping.TFLOperationName.ALL_SUPPORTED
    work.add_static_config(".*", everything, 8, 8)
    # Scales by channel make FULLY_CONNECTED newer than the Edge TPU's compiler and TFLite 2.9 know.
    work.add_static_config(".*", qtyping.TFLOperationName.FULLY_CONNECTED, 8, 8, qtyping.QuantGranularity.TENSORWISE)
    ranges = work.calibrate({key: samples(paths, inputs)}, num_threads=2)
    work.quantize(ranges, enable_progress_bar=False, enable_progress_report=False).export_model(out, overwrite=True)


def openvino_ir(model, out, paths):
    import logging

    import nncf
    import openvino

    logging.getLogger("nncf").setLevel(logging.ERROR)
    given = openvino.Core().read_model(model)
    if any(port.partial_shape.is_dynamic for port in given.inputs):
        raise Refused("the model has open shapes; fix them when it is exported")
    inputs = [(port.any_name, list(port.shape), port.element_type.to_dtype()) for port in given.inputs]
    rows = samples(paths, inputs)
    made = nncf.quantize(given, nncf.Dataset(rows), subset_size=len(rows))
    openvino.save_model(made, out, compress_to_fp16=False)


def main(model, out, *paths):
    try:
        (tflite if model.endswith(".tflite") else openvino_ir)(model, out, paths)
    except Exception as error:  # whatever a library raises is why it could not be done
        why = " ".join(str(error).split()) or type(error).__name__
        print(f"quantize: {why}", flush=True)
        # Libraries that end badly after a failure must not hide it.
        os._exit(1)


main(*sys.argv[1:])
