#!/usr/bin/env python3
"""Writes the seeds of the fuzz corpus: small files by the libraries whose formats are read.

Usage: seeds.py [FOLDER]   (torch and safetensors installed; the seeds in corpus/ are torch 2.11.0's and safetensors 0.8's)
"""
import base64
import io
import json
import pathlib
import pickle
import sys
import tarfile
import zipfile
from collections import OrderedDict

import torch
from safetensors.torch import save

folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent / "corpus")


def put(reader, name, content):
    path = folder / reader / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def saved(value, **how):
    buffer = io.BytesIO()
    torch.save(value, buffer, **how)
    return buffer.getvalue()


def without_padding(archive):
    """torch aligns every entry to 64 bytes; a fuzzer has no use for that."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as source, zipfile.ZipFile(buffer, "w") as target:
        for name in source.namelist():
            if not name.endswith(("version", ".data/serialization_id", ".format_version", ".storage_alignment")):
                target.writestr(zipfile.ZipInfo(name), source.read(name))
    return buffer.getvalue()


def tars():
    """A tar of each format; names that need its ways to write long ones."""
    for name, kind in (("ustar", tarfile.USTAR_FORMAT), ("gnu", tarfile.GNU_FORMAT), ("pax", tarfile.PAX_FORMAT)):
        buffer = io.BytesIO()
        long = "d" * 60 + "/" + "n" * 60
        with tarfile.open(fileobj=buffer, mode="w", format=kind) as target:
            for path, content in (("a/1.png", b"x"), ("a/1.cls", b"cat"), (long + ".jpg", b""),
                                  (long + ".json", b'{"labels": ["a", 2]}'), ("\u00e9.png", b"y"), ("\u00e9.txt", b"words")):
                info = tarfile.TarInfo(path)
                info.size = len(content)
                target.addfile(info, io.BytesIO(content))
        put("tar", name, buffer.getvalue().rstrip(b"\0") + b"\0" * 1024)


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Conv2d(3, 2, 1)
        self.sizes = [1, 2]

    def forward(self, x):
        return self.conv(x).mean((2, 3)) + torch.tensor([1.0, 2.0])


def program(compressed):
    """A TorchScript program without padding and debug records."""
    buffer, small = io.BytesIO(), io.BytesIO()
    torch.jit.save(torch.jit.script(Net()), buffer)
    with zipfile.ZipFile(buffer) as source, zipfile.ZipFile(small, "w") as target:
        for name in source.namelist():
            if name.endswith((".pkl", ".py")) or "/data/" in name or "/constants/" in name:
                packed = compressed and name.endswith(".py")
                target.writestr(zipfile.ZipInfo(name), source.read(name), zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED)
    return small.getvalue()


def main():
    weight = torch.arange(6, dtype=torch.float32).reshape(2, 3)
    state = OrderedDict([("fc.weight", weight), ("fc.bias", weight[0, :2]), ("n", torch.tensor(3))])
    wrapped = {"epoch": 12, "best": 0.5, "state_dict": {"module." + k: v.half() for k, v in state.items()}, "names": ["a", None, True]}
    parameter = {"p": torch.nn.Parameter(weight.bfloat16()), "t": weight.t(), "set": {1}, "size": torch.Size([2])}

    put("safetensors", "three", save({k: v.clone() for k, v in state.items()}, {"format": "pt"}))
    put("safetensors", "formats", save({str(d): torch.ones(2).to(d) for d in (torch.float16, torch.bfloat16, torch.int8, torch.bool)}))
    put("safetensors", "empty", save({"e": torch.empty(0, 4)}))
    for name, value in (("state", state), ("wrapped", wrapped), ("parameter", parameter)):
        archive = without_padding(saved(value))
        put("torchfile", name + "-zip", archive)
        put("torchfile", name + "-legacy", saved(value, _use_new_zipfile_serialization=False))
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            put("pickle", name, opened.read(next(n for n in opened.namelist() if n.endswith("data.pkl"))))
    for compressed in (False, True):
        put("program", "net-packed" if compressed else "net", program(compressed))
    put("zip", "state", without_padding(saved(state)))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("a/data.pkl", b"\0" * 5000)
    put("zip", "deflated", packed.getvalue())
    for protocol in range(6):
        put("pickle", f"plain-{protocol}", pickle.dumps({"a": [1, 2.5, "x", b"y", None, True, 2**70], "b": (1, {"c": ()})}, protocol))
    put("shardindex", "two", json.dumps({"metadata": {"total_size": 8}, "weight_map": {"a": "x-1.safetensors", "b": "x-2.safetensors"}}).encode())
    put("hublisting", "two", json.dumps({"id": "a/b", "sha": "0" * 40, "private": False, "siblings": [{"rfilename": "config.json"}, {"rfilename": "x", "size": 3}]}).encode())
    half = {"mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]}
    for kind, text in (("csv", b"\0file,label,split\n\"a, b.png\",cat,train\nb.png,\"do\"\"g\",val\n"), ("tsv", b"\1file\ttags\na.png\tx|y\n"),
                       ("jsonl", b"\2{\"image\": \"a.png\", \"labels\": [\"x\", [\"y\"]], \"n\": 1.5}\n\n{\"image\": null}\n"),
                       ("semicolons", b"\0a;b\r\n1;2;\r\n"), ("open-quote", b"\0file,label\n\"a.png,cat\n"), ("guess", b"\3{\"a\": {\"b\": [1]}}\n")):
        put("table", kind, text)
    put("settings", "timm", json.dumps({"architecture": "resnet18", "num_classes": 2, "label_names": ["ant", "bee"], "pretrained_cfg": {"input_size": [3, 224, 224], "interpolation": "bicubic", "crop_pct": 0.95, "license": None, **half}}).encode())
    put("settings", "transformers", json.dumps({"architectures": ["ViTForImageClassification"], "id2label": {"0": "ant", "1": "bee"}, "image_size": 384}).encode())
    put("settings", "preprocessor", json.dumps({"do_center_crop": True, "crop_size": {"height": 224, "width": 224}, "size": {"shortest_edge": 256}, "resample": 3, "image_mean": [0.5] * 3, "image_std": [0.5] * 3}).encode())
    tars()
    put("json", "all", json.dumps({"a": [1, -2.5e3, "x\n\u20ac", None, True, False, float("inf")], "b": {"c": {}, "d": []}}).encode())


main()

golden = json.loads((pathlib.Path(__file__).parent.parent / "data" / "golden_pictures.json").read_text())
for row in golden["files"] + golden["refused"]:
    name, content = row["name"], base64.b64decode(row["file"])
    stem, kind = name.rsplit(".", 1)
    reader = {"ppm": "pnm", "pgm": "pnm", "pbm": "pnm", "bmp": "bmp", "tif": "tiff", "heic": "heif", "avif": "heif"}.get(kind)
    turned = stem.startswith(("little", "big", "turned"))
    if reader and (not turned or stem in ("big", "big-endian", "turned6")):
        put(reader, name, content)
    if stem in ("little6", "big6", "xmp", "xmp-packed", "profile", "profile-packed"):
        put("exif", name, content)
