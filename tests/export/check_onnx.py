#!/usr/bin/env python3
"""Checks ONNX files as other programs do: check_onnx.py FILE…

The format's own checker with full shape inference, then ONNX Runtime with two numbers of pictures and, where the file
allows it, two sizes. Prints what was used. The table in README.md says with which versions it was last run.
"""
import sys

import numpy
import onnx
import onnxruntime


def check(name):
    onnx.checker.check_model(name, full_check=True)
    model = onnx.load(name, load_external_data=False)
    operators = sorted({node.op_type for node in model.graph.node})
    sides = [side.dim_value for side in model.graph.input[0].type.tensor_type.shape.dim]
    session = onnxruntime.InferenceSession(name, providers=["CPUExecutionProvider"])
    given, shapes = session.get_inputs()[0], [tuple(value.shape) for value in session.get_outputs()]
    prepares = given.type == "tensor(uint8)"
    for size in [64, 96] if prepares or not sides[2] else [sides[2]]:
        for pictures in (1, 3):
            shape = (pictures, size, size + 40, 3) if prepares else (pictures, 3, size, size)
            values = numpy.zeros(shape, numpy.uint8 if prepares else numpy.float32)
            assert session.run(None, {given.name: values})[0].shape[0] == pictures
    print(f"{name}: opset {model.opset_import[0].version}, IR {model.ir_version}, {len(model.graph.node)} nodes of "
          f"{len(operators)} operators, output {shapes[0]}")


print(f"onnx {onnx.__version__}, onnxruntime {onnxruntime.__version__}")
for file in sys.argv[1:]:
    check(file)
