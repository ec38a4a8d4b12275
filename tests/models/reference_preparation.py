#!/usr/bin/env python3
"""Writes golden_preparation.json: what files beside weights say about preparing pictures, and some of the values that timm
and transformers make of a picture by them.

    python reference_preparation.py            writes golden_preparation.json beside this script
    python reference_preparation.py --check    makes it again and compares
"""

import importlib
import json
import pathlib
import sys

import numpy as np
import timm
import transformers
from PIL import Image
from timm.data import create_transform, resolve_data_config

GOLDEN = pathlib.Path(__file__).with_name("golden_preparation.json")
GRID = 6  # values are taken at so many places across and down, corners among them
IMAGENET = {"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}
HALF = {"mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]}


def pattern(width, height):
    """The picture that tests/data/golden.h draws as well."""
    y, x, c = np.meshgrid(np.arange(height), np.arange(width), np.arange(3), indexing="ij")
    return Image.fromarray(((x * 7 + y * 13 + c * 29 + x * y % 31 * 5) % 256).astype(np.uint8))


def by_timm(config, picture):
    cfg = config.get("pretrained_cfg", config)
    options = resolve_data_config(pretrained_cfg=cfg)
    return create_transform(**options, is_training=False)(picture).numpy()


def by_transformers(config, picture, padded):
    config = config.get("image_processor", config)
    name = config.get("image_processor_type", config.get("feature_extractor_type")).replace("FeatureExtractor", "ImageProcessor")
    module = {"ViT": "vit", "DeiT": "deit", "Beit": "beit", "CLIP": "clip", "ConvNext": "convnext", "Levit": "levit",
              "PoolFormer": "poolformer", "EfficientNet": "efficientnet", "Bit": "bit", "MobileNetV2": "mobilenet_v2",
              "Siglip": "siglip"}[name.replace("ImageProcessor", "")]
    # The class that resizes with Pillow, whose numbers do not depend on torchvision's version; but where it pads, the two
    # differ by a pixel, and the usual one counts.
    if padded:
        kind = getattr(importlib.import_module(f"transformers.models.{module}.image_processing_{module}"), name)
    else:
        kind = getattr(importlib.import_module(f"transformers.models.{module}.image_processing_pil_{module}"), name + "Pil")
    return np.asarray(kind.from_dict(config)(picture, return_tensors="np")["pixel_values"][0])


def timm_file(size=32, **changes):
    return {"architecture": "resnet18", "pretrained_cfg": {
        "input_size": [3, size, size], "interpolation": "bilinear", "crop_pct": 0.875, "crop_mode": "center", **IMAGENET, **changes}}


def processor_file(kind, size, **changes):
    return {"image_processor_type": kind + "ImageProcessor", "do_resize": True, "size": size, "resample": 2,
            "do_rescale": True, "rescale_factor": 1 / 255, "do_normalize": True, "image_mean": [0.5, 0.4, 0.3],
            "image_std": [0.2, 0.25, 0.3], **changes}


def without(config, *keys):
    inner = config.get("pretrained_cfg", config)
    for key in keys:
        del inner[key]
    return config


def statements():
    square, short = {"height": 32, "width": 32}, {"shortest_edge": 32}
    crop = {"do_center_crop": True, "crop_size": square}
    yield "timm center", timm_file()
    yield "timm whole short side", timm_file(crop_pct=1.0)
    yield "timm bicubic", timm_file(interpolation="bicubic", **HALF)
    yield "timm nearest", timm_file(interpolation="nearest")
    yield "timm lanczos", timm_file(interpolation="lanczos")
    yield "timm box", timm_file(interpolation="box")
    yield "timm hamming", timm_file(interpolation="hamming")
    yield "timm squash", timm_file(crop_mode="squash", crop_pct=1.0)
    yield "timm squash and cut", timm_file(crop_mode="squash", crop_pct=0.9, interpolation="bicubic")
    yield "timm squash nearest", timm_file(crop_mode="squash", interpolation="nearest")
    yield "timm border", timm_file(crop_mode="border", crop_pct=1.0)
    yield "timm border and cut", timm_file(crop_mode="border", crop_pct=0.8, interpolation="bicubic", **HALF)
    yield "timm border lanczos", timm_file(33, crop_mode="border", crop_pct=0.95, interpolation="lanczos")
    yield "timm odd margin", timm_file(33, crop_pct=0.95)
    yield "timm odd margin to even", timm_file(31, crop_pct=0.9)
    yield "timm larger than the picture", timm_file(120)
    yield "timm without crop_pct", without(timm_file(), "crop_pct")
    yield "timm without interpolation", without(timm_file(), "interpolation")
    yield "timm without mean", without(timm_file(), "mean", "std", "crop_mode")
    yield "timm flat", timm_file(crop_mode="squash", crop_pct=0.9)["pretrained_cfg"]

    yield "ViT", processor_file("ViT", square)
    yield "ViT number", processor_file("ViT", 32)
    yield "ViT feature extractor", {"feature_extractor_type": "ViTFeatureExtractor", "do_normalize": True, "do_resize": True,
                                    "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5], "resample": 2, "size": 32}
    yield "ViT nearest", processor_file("ViT", square, resample=0)
    yield "ViT lanczos", processor_file("ViT", square, resample=1)
    yield "ViT bicubic", processor_file("ViT", square, resample=3)
    yield "ViT box", processor_file("ViT", square, resample=4)
    yield "ViT hamming", processor_file("ViT", square, resample=5)
    yield "ViT not normalised", processor_file("ViT", square, do_normalize=False)
    yield "ViT not rescaled", processor_file("ViT", square, do_rescale=False, image_mean=[120.0, 110.0, 100.0], image_std=[60.0, 61.0, 62.0])
    yield "ViT neither", processor_file("ViT", square, do_rescale=False, do_normalize=False)
    yield "ViT other factor", processor_file("ViT", square, rescale_factor=1 / 127.5)
    yield "ViT nested", {"processor_class": "ViTProcessor", "image_processor": processor_file("ViT", square)}
    yield "DeiT", processor_file("DeiT", {"height": 37, "width": 37}, **crop)
    yield "DeiT not cut", processor_file("DeiT", square, do_center_crop=False, crop_size={"height": 24, "width": 24})
    yield "BEiT", processor_file("Beit", {"height": 36, "width": 36}, **crop)
    yield "CLIP", processor_file("CLIP", short, resample=3, **crop)
    yield "CLIP number", processor_file("CLIP", 35, do_center_crop=True, crop_size=32)
    yield "CLIP odd margin", processor_file("CLIP", {"shortest_edge": 35}, **crop)
    yield "CLIP padded", processor_file("CLIP", short, do_center_crop=True, crop_size={"height": 41, "width": 41})
    yield "CLIP not resized", processor_file("CLIP", short, do_resize=False, **crop)
    yield "CLIP not resized, padded", processor_file("CLIP", short, do_resize=False, do_center_crop=True, crop_size={"height": 80, "width": 80})
    yield "ConvNext", processor_file("ConvNext", short, crop_pct=0.875)
    yield "ConvNext number", processor_file("ConvNext", 30, crop_pct=0.9)
    yield "ConvNext large", processor_file("ConvNext", {"shortest_edge": 384}, crop_pct=0.875)
    yield "LeViT", processor_file("Levit", short, **crop)
    yield "PoolFormer", processor_file("PoolFormer", short, crop_pct=0.9, **crop)
    yield "PoolFormer square", processor_file("PoolFormer", square, crop_pct=0.95, **crop)
    yield "EfficientNet", processor_file("EfficientNet", square, do_center_crop=False, rescale_offset=False, include_top=True)
    yield "EfficientNet around zero", processor_file("EfficientNet", square, rescale_factor=1 / 127.5, rescale_offset=True, include_top=False)
    yield "BiT", processor_file("Bit", {"shortest_edge": 37}, resample=3, **crop)
    yield "MobileNetV2", processor_file("MobileNetV2", {"shortest_edge": 36}, **crop)
    yield "SigLIP", processor_file("Siglip", square)


def rows():
    for number, (name, config) in enumerate(statements()):
        size = (97, 61) if number % 2 == 0 else (61, 97)
        timms = "image_processor" not in config and not any(key.endswith("_type") for key in config)
        picture = pattern(*size)
        values = by_timm(config, picture) if timms else by_transformers(config, picture, "padded" in name)
        side = values.shape[1]
        assert values.shape == (3, side, side), (name, values.shape)
        at = [i * (side - 1) // (GRID - 1) for i in range(GRID)]
        file = "config.json" if timms else "processor_config.json" if "image_processor" in config else "preprocessor_config.json"
        yield {"name": name, "file": file, "content": config, "picture": size, "side": side,
               "values": [round(float(values[c, y, x]), 4) for y in at for x in at for c in range(3)]}


if __name__ == "__main__":
    made = json.loads(json.dumps({"timm": timm.__version__, "transformers": transformers.__version__, "rows": list(rows())}))
    if "--check" in sys.argv:
        sys.exit(0 if json.loads(GOLDEN.read_text()) == made else "golden_preparation.json differs")
    lines = ",\n".join(json.dumps(row) for row in made["rows"])
    GOLDEN.write_text(f'{{"timm": "{made["timm"]}", "transformers": "{made["transformers"]}", "rows": [\n{lines}\n]}}\n')
