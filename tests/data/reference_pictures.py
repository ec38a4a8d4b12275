#!/usr/bin/env python3
"""Writes golden_pictures.json: small picture files and what Pillow reads from them, and what Pillow and torchvision resize.

    python reference_pictures.py            writes golden_pictures.json beside this script
    python reference_pictures.py --check    makes it again and compares, with the libraries installed here
"""

import base64
import io
import json
import pathlib
import struct
import sys
import zlib

import numpy as np
import PIL
from PIL import Image, ImageOps
import torchvision
from torchvision.transforms import v2

GOLDEN = pathlib.Path(__file__).with_name("golden_pictures.json")
EXIF_ORIENTATION = 0x0112


def pattern(width, height):
    """The picture that tst_augment.cpp draws as well: steep edges in every direction, all values of a byte."""
    y, x, c = np.meshgrid(np.arange(height), np.arange(width), np.arange(3), indexing="ij")
    return Image.fromarray(((x * 7 + y * 13 + c * 29 + x * y % 31 * 5) % 256).astype(np.uint8))


def smooth(width, height):
    y, x, c = np.meshgrid(np.arange(height), np.arange(width), np.arange(3), indexing="ij")
    return Image.fromarray((40 + 6 * x + (9 - 3 * c) * y).clip(0, 255).astype(np.uint8))


def saved(image, kind, **options):
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def png16(picture):
    """A 16-bit RGB PNG; Pillow reads but does not write them."""
    values = np.asarray(picture).astype(np.uint16) * 256 + 77
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", picture.width, picture.height, 16, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


def top_down(bmp):
    """The same BMP with its rows from the top, which a negative height says."""
    start, = struct.unpack_from("<I", bmp, 10)
    width, height = struct.unpack_from("<ii", bmp, 18)
    stride = (width * 3 + 3) // 4 * 4
    rows = [bmp[start + i * stride:start + (i + 1) * stride] for i in range(height)]
    return bmp[:22] + struct.pack("<i", -height) + bmp[26:start] + b"".join(reversed(rows))


def files():
    photo, drawing = smooth(21, 17), pattern(21, 17)
    alpha = drawing.copy()
    alpha.putalpha(Image.fromarray((np.indices((17, 21)).sum(axis=0) * 7 % 256).astype(np.uint8)))
    palette = drawing.quantize(16)
    yield "rgb.jpg", saved(photo, "JPEG", quality=80, subsampling=0)
    yield "subsampled.jpg", saved(photo, "JPEG", quality=80, subsampling=2)
    yield "progressive.jpg", saved(photo, "JPEG", quality=80, progressive=True)
    yield "grey.jpg", saved(photo.convert("L"), "JPEG", quality=80)
    yield "cmyk.jpg", saved(photo.convert("CMYK"), "JPEG", quality=90)
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[EXIF_ORIENTATION] = orientation
        yield f"exif{orientation}.jpg", saved(photo, "JPEG", quality=60, exif=exif)
    yield "rgb.png", saved(drawing, "PNG")
    yield "rgba.png", saved(alpha, "PNG")
    yield "grey.png", saved(drawing.convert("L"), "PNG")
    yield "grey-alpha.png", saved(alpha.convert("LA"), "PNG")
    yield "bilevel.png", saved(drawing.convert("1"), "PNG")
    yield "palette.png", saved(palette, "PNG")
    yield "palette-transparent.png", saved(palette, "PNG", transparency=3)
    yield "sixteen-bit.png", png16(drawing)
    yield "grey-sixteen-bit.png", saved(Image.fromarray(np.asarray(drawing.convert("L")).astype(np.uint16) * 257), "PNG")
    yield "lossless.webp", saved(drawing, "WEBP", lossless=True)
    yield "lossy.webp", saved(photo, "WEBP", quality=80)
    yield "alpha.webp", saved(alpha, "WEBP", lossless=True, exact=True)
    yield "rgb.bmp", saved(drawing, "BMP")
    yield "alpha.bmp", saved(alpha, "BMP")
    yield "top-down.bmp", top_down(saved(drawing, "BMP"))
    yield "palette.bmp", saved(palette, "BMP")
    yield "bilevel.bmp", saved(drawing.convert("1"), "BMP")
    yield "palette.gif", saved(palette, "GIF")
    yield "transparent.gif", saved(palette, "GIF", transparency=3)
    yield "interlaced.gif", saved(palette, "GIF", interlace=1)
    yield "animated.gif", saved(palette, "GIF", save_all=True, append_images=[palette.transpose(Image.ROTATE_180)])


def text(data):
    return base64.b64encode(data).decode()


def decoded():
    for name, content in files():
        image = ImageOps.exif_transpose(Image.open(io.BytesIO(content)))
        if image.mode == "I;16":  # convert() would clip everything above 255 to white
            image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
        image = image.convert("RGB")
        yield {"name": name, "file": text(content), "width": image.width, "height": image.height,
               "rgb": text(image.tobytes())}


FILTERS = {"bilinear": Image.BILINEAR, "bicubic": Image.BICUBIC}
RESIZES = [  # source, box, target
    ((97, 61), (0, 0, 97, 61), (33, 20)),
    ((97, 61), (0, 0, 97, 61), (120, 75)),
    ((97, 61), (0, 0, 97, 61), (97, 20)),
    ((97, 61), (10.25, 3.5, 80.75, 55), (24, 24)),
    ((40, 30), (7, 5, 12, 9), (16, 16)),
    ((3, 200), (0, 0, 3, 200), (9, 12)),
    ((1, 1), (0, 0, 1, 1), (5, 4)),
]
CROPS = [((97, 61), 40, 32), ((61, 97), 40, 32), ((50, 50), 33, 28), ((31, 90), 36, 36), ((64, 43), 43, 36)]


def resized():
    for filter_name, resample in FILTERS.items():
        for size, box, target in RESIZES:
            # Rows first, then columns, as Pillow 12 and older did; since 13 it takes whichever order costs less.
            left, top, right, bottom = box
            rows = pattern(*size).resize((target[0], size[1]), resample, box=(left, 0, right, size[1]))
            out = rows.resize(target, resample, box=(0, top, target[0], bottom))
            yield {"filter": filter_name, "source": size, "box": box, "target": target, "rgb": text(out.tobytes())}


def cropped():
    for filter_name, resample in FILTERS.items():
        for size, short, side in CROPS:
            view = v2.Compose([v2.Resize(short, interpolation=v2.InterpolationMode(filter_name)), v2.CenterCrop(side)])
            yield {"filter": filter_name, "source": size, "resize": short, "crop": side,
                   "rgb": text(view(pattern(*size)).tobytes())}


def golden():
    return {"pillow": PIL.__version__, "torchvision": torchvision.__version__.split("+")[0],
            "files": list(decoded()), "resized": list(resized()), "cropped": list(cropped())}


if __name__ == "__main__":
    made = json.loads(json.dumps(golden()))
    if "--check" in sys.argv:
        sys.exit(0 if json.loads(GOLDEN.read_text()) == made else "golden_pictures.json differs")
    lines = [f'"{key}": ' + (json.dumps(value) if isinstance(value, str) else
                             "[\n" + ",\n".join(json.dumps(row) for row in value) + "\n]") for key, value in made.items()]
    GOLDEN.write_text("{\n" + ",\n".join(lines) + "\n}\n")
