#!/usr/bin/env python3
"""Trains the example network and writes it in every format that edgescope reads.

The data are scikit-learn's digits: 1797 hand-written digits of 8x8 pixels, 43 people wrote them. The
network is a small MobileNet (convolution, depthwise and pointwise convolution, residual sum, pooling,
fully connected, softmax), so that a report on it shows what a report on a real network shows.

    python3 -m venv train && train/bin/pip install -r examples/digits/requirements.txt
    train/bin/python examples/digits/train.py

Files differ in a few bits between machines: TensorFlow's sums depend on the CPU.
"""

import json
import os
import pathlib
import tempfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ["KERAS_BACKEND"] = "tensorflow"

import keras
import numpy
import openvino
import tensorflow
import tf2onnx
from keras import layers
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

HERE = pathlib.Path(__file__).parent
SEED = 20210714
EPOCHS = 15
BATCH = 32


def data():
    digits = load_digits()
    images = (digits.images / 16.0).astype(numpy.float32)[..., None]
    return train_test_split(images, digits.target, test_size=0.25, random_state=SEED, stratify=digits.target)


def shifted(images, labels):
    """The images and their copies moved by a pixel: the digits are not all centred."""
    padded = numpy.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)))
    copies = [padded[:, y : y + 8, x : x + 8] for y, x in [(1, 1), (0, 1), (2, 1), (1, 0), (1, 2)]]
    return numpy.concatenate(copies), numpy.tile(labels, len(copies))


def block(x, channels):
    """Depthwise and pointwise convolution with a residual sum, as in MobileNetV2."""
    y = layers.DepthwiseConv2D(3, padding="same", use_bias=False)(x)
    y = layers.BatchNormalization()(y)
    y = layers.ReLU(6.0)(y)
    y = layers.Conv2D(channels, 1, use_bias=False)(y)
    y = layers.BatchNormalization()(y)
    return layers.Add()([x, y])


def network():
    image = keras.Input((8, 8, 1), name="image")
    x = layers.Conv2D(24, 3, padding="same", use_bias=False)(image)
    x = layers.BatchNormalization()(x)
    x = layers.ReLU(6.0)(x)
    x = block(x, 24)
    x = layers.MaxPooling2D(2)(x)
    x = layers.Conv2D(48, 3, padding="same", activation="relu")(x)
    x = block(x, 48)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.3)(x)
    x = layers.Dense(10)(x)
    return keras.Model(image, layers.Softmax(name="digit")(x))


def train(images, labels):
    model = network()
    schedule = keras.optimizers.schedules.CosineDecay(3e-3, EPOCHS * len(images) // BATCH)
    model.compile(keras.optimizers.Adam(schedule), "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(images, labels, batch_size=BATCH, epochs=EPOCHS, verbose=2)
    return model


def to_tflite(saved, calibration=None):
    """Without calibration images the float network, with them full int8 (inputs and outputs too)."""
    converter = tensorflow.lite.TFLiteConverter.from_saved_model(saved)
    if calibration is not None:
        converter.optimizations = [tensorflow.lite.Optimize.DEFAULT]
        converter.representative_dataset = lambda: ([image[None]] for image in calibration)
        converter.target_spec.supported_ops = [tensorflow.lite.OpsSet.TFLITE_BUILTINS_INT8]
        converter.inference_input_type = converter.inference_output_type = tensorflow.int8
    return converter.convert()


def tflite_accuracy(content, images, labels):
    interpreter = tensorflow.lite.Interpreter(model_content=content)
    interpreter.allocate_tensors()
    source, result = interpreter.get_input_details()[0], interpreter.get_output_details()[0]
    scale, zero_point = source["quantization"]
    right = 0
    for image, label in zip(images, labels):
        if source["dtype"] == numpy.int8:
            image = numpy.clip(numpy.round(image / scale) + zero_point, -128, 127).astype(numpy.int8)
        interpreter.set_tensor(source["index"], image[None])
        interpreter.invoke()
        right += int(interpreter.get_tensor(result["index"])[0].argmax() == label)
    return right / len(labels)


def openvino_accuracy(path, images, labels):
    run = openvino.compile_model(path, "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    return float(numpy.mean([run(image[None])[0][0].argmax() == label for image, label in zip(images, labels)]))


def main():
    keras.utils.set_random_seed(SEED)
    train_images, test_images, train_labels, test_labels = data()
    model = train(*shifted(train_images, train_labels))

    with tempfile.TemporaryDirectory() as saved:
        model.export(saved, input_signature=[keras.InputSpec(shape=(1, 8, 8, 1), dtype="float32", name="image")])
        quantized = to_tflite(saved, train_images[:300])
        plain = to_tflite(saved)
    (HERE / "digits_int8.tflite").write_bytes(quantized)
    (HERE / "digits_float.tflite").write_bytes(plain)

    signature = [tensorflow.TensorSpec((1, 8, 8, 1), tensorflow.float32, name="image")]
    serve = tensorflow.function(lambda image: {"digit": model(image, training=False)}, input_signature=signature)
    tf2onnx.convert.from_function(serve, signature, opset=17, output_path=str(HERE / "digits.onnx"))
    openvino.save_model(openvino.convert_model(HERE / "digits.onnx"), HERE / "digits.xml", compress_to_fp16=False)

    # Pixels are whole numbers from 0 to 16, the networks take them divided by 16.
    numpy.save(HERE / "test_images.npy", numpy.round(test_images * 16).astype(numpy.uint8))
    numpy.save(HERE / "test_labels.npy", test_labels.astype(numpy.uint8))

    accuracy = {
        "test_images": len(test_labels),
        "digits_float.tflite": tflite_accuracy(plain, test_images, test_labels),
        "digits_int8.tflite": tflite_accuracy(quantized, test_images, test_labels),
        "digits.onnx": openvino_accuracy(HERE / "digits.onnx", test_images, test_labels),
        "digits.xml": openvino_accuracy(HERE / "digits.xml", test_images, test_labels),
    }
    (HERE / "accuracy.json").write_text(json.dumps(accuracy, indent=2) + "\n")
    print(json.dumps(accuracy, indent=2))


if __name__ == "__main__":
    main()
