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
import pillow_heif
from PIL import Image, ImageOps, PngImagePlugin
import torchvision
from torchvision.transforms import v2

GOLDEN = pathlib.Path(__file__).with_name("golden_pictures.json")
EXIF_ORIENTATION = 0x0112
LOSSY = 6  # how far decoders of HEVC and AV1 may differ in a value of 255, by how they spread chroma
pillow_heif.register_heif_opener()


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


def tiff(picture, photometric, bits=8, order="<", tags=(), planes=False, tile=0):
    """A TIFF without compression, of height × width × samples numbers; Pillow writes but a few of the kinds."""
    picture = picture.reshape(picture.shape[0], picture.shape[1], -1)
    height, width, samples = picture.shape
    blocks = []
    for plane in np.moveaxis(picture, 2, 0)[..., None] if planes else [picture]:
        if tile:
            padded = np.pad(plane, ((0, -height % tile), (0, -width % tile), (0, 0)))
            blocks += [padded[y:y + tile, x:x + tile] for y in range(0, height, tile) for x in range(0, width, tile)]
        else:
            blocks.append(plane)
    if bits == 16:
        data = [block.astype(order + "u2").tobytes() for block in blocks]
    elif bits == 8:
        data = [block.astype(np.uint8).tobytes() for block in blocks]
    else:  # one sample a pixel, rows of whole bytes
        single = np.unpackbits(blocks[0].astype(np.uint8), axis=2)[:, :, 8 - bits:].reshape(height, -1)
        data = [np.packbits(single, axis=1).tobytes()]
    entries = {256: ("H", [width]), 257: ("H", [height]), 258: ("H", [bits] * samples), 259: ("H", [1]),
               262: ("H", [photometric]), 277: ("H", [samples]), 284: ("H", [2 if planes else 1]), **dict(tags)}
    if tile:
        entries.update({322: ("H", [tile]), 323: ("H", [tile]), 324: ("L", [0] * len(data)),
                        325: ("L", [len(block) for block in data])})
    else:
        entries.update({278: ("H", [height]), 273: ("L", [0] * len(data)), 279: ("L", [len(block) for block in data])})
    offsets = 324 if tile else 273
    directory = 8 + 2 + 12 * len(entries) + 4
    lengths = [struct.calcsize(f"<{len(values)}{kind}") for kind, values in entries.values()]
    extra = sum(length for length in lengths if length > 4)
    places, at = [], directory + extra
    for block in data:
        places.append(at)
        at += len(block)
    entries[offsets] = ("L", places)
    head, tail = b"", b""
    for tag, (kind, values) in sorted(entries.items()):
        packed = struct.pack(f"{order}{len(values)}{kind}", *values)
        if len(packed) > 4:
            packed, tail = struct.pack(order + "L", directory + len(tail)), tail + packed
        head += struct.pack(order + "HHL", tag, {"B": 1, "H": 3, "L": 4}[kind], len(values)) + packed.ljust(4, b"\0")
    return (struct.pack(order + "2sHL", b"II" if order == "<" else b"MM", 42, 8) + struct.pack(order + "H", len(entries)) +
            head + b"\0\0\0\0" + tail + b"".join(data))


def bmp(width, height, bits, body, compression=0, palette=b"", masks=(), header=40):
    """A BMP; Pillow writes neither runs nor 16 bits a pixel."""
    start = 14 + header + (0 if header >= 52 else 4 * len(masks)) + len(palette)
    if header == 12:
        info = struct.pack("<IHHHH", 12, width, height, 1, bits)
    else:
        info = struct.pack("<IiiHHIIiiII", header, width, height, 1, bits, compression, len(body), 0, 0, len(palette) // 4, 0)
        info += struct.pack(f"<{len(masks)}I", *masks)
        info = info.ljust(header, b"\0")
    return b"BM" + struct.pack("<IHHI", start + len(body), 0, 0, start) + info + palette + body


def runs(indices, bits):
    """Runs, stretches of single pixels and rows that end early, in turn; the last row ends with a jump."""
    out = b""
    for y, row in enumerate(indices[::-1]):
        x = 0
        while x < len(row):
            same = next((i for i in range(x, len(row)) if row[i] != row[x]), len(row)) - x
            single = row[x:x + 5]
            if same == 1 and len(single) == 5:
                packed = bytes(single) if bits == 8 else bytes(
                    int(single[i]) << 4 | (int(single[i + 1]) if i + 1 < 5 else 0) for i in range(0, 5, 2))
                out += b"\0\5" + packed + b"\0" * (len(packed) % 2)
                x += 5
            else:
                out += bytes([same, int(row[x]) if bits == 8 else int(row[x]) * 17])
                x += same
        out += b"\0\0" if y != 3 else b"\0\0\0\2\0\0"
    return out + b"\0\1"


def pixels16(picture, masks):
    """Rows from the bottom, padded to four bytes."""
    value = np.zeros(picture.shape[:2], np.uint32)
    for c, mask in enumerate(masks):
        shift = (mask & -mask).bit_length() - 1
        value |= (picture[..., c].astype(np.uint32) * (mask >> shift) // 255 << shift).astype(np.uint32)
    rows = value[::-1].astype("<u2")
    return np.pad(rows, ((0, 0), (0, rows.shape[1] % 2))).tobytes()


def other_files(photo, drawing, alpha, palette):
    """Formats that are read besides JPEG, PNG, WebP and GIF."""
    rgb, grey = np.asarray(drawing), np.asarray(drawing.convert("L"))
    wide, half = rgb.astype(np.uint16) * 256 + 77, np.asarray(alpha).copy()
    yield "rgb.tif", saved(drawing, "TIFF")
    yield "lzw.tif", saved(drawing, "TIFF", compression="tiff_lzw")
    yield "deflate.tif", saved(drawing, "TIFF", compression="tiff_adobe_deflate")
    yield "packbits.tif", saved(palette, "TIFF", compression="packbits")
    yield "jpeg.tif", saved(photo, "TIFF", compression="jpeg", quality=90)
    yield "ycbcr.tif", saved(photo.convert("YCbCr"), "TIFF", compression="tiff_lzw")
    yield "fax.tif", saved(drawing.convert("1"), "TIFF", compression="group4")
    yield "grey.tif", saved(drawing.convert("L"), "TIFF")
    yield "grey-alpha.tif", saved(alpha.convert("LA"), "TIFF")
    yield "alpha.tif", saved(alpha, "TIFF")
    yield "cmyk.tif", saved(drawing.convert("CMYK"), "TIFF")
    yield "palette.tif", saved(palette, "TIFF")
    yield "big.tif", saved(drawing, "TIFF", big_tiff=True)
    yield "two-pages.tif", saved(drawing, "TIFF", save_all=True, append_images=[drawing.transpose(Image.ROTATE_180)])
    yield "big-endian.tif", tiff(rgb, 2, order=">")
    yield "grey-sixteen-bit.tif", tiff(grey.astype(np.uint16) * 257, 1, 16)
    yield "grey-sixteen-bit-big-endian.tif", tiff(grey.astype(np.uint16) * 257, 1, 16, ">")
    yield "sixteen-bit.tif", tiff(wide, 2, 16)
    yield "sixteen-bit-big-endian.tif", tiff(wide, 2, 16, ">")
    yield "premultiplied.tif", tiff(half, 2, tags=[(338, ("H", [1]))])
    yield "unused-sample.tif", tiff(half, 2, tags=[(338, ("H", [0]))])
    yield "planes.tif", tiff(rgb, 2, planes=True)
    yield "tiles.tif", tiff(rgb, 2, tile=16)
    yield "cmyk-sixteen-bit.tif", tiff(np.asarray(drawing.convert("CMYK")).astype(np.uint16) * 257, 5, 16)
    yield "white-is-zero.tif", tiff(grey, 0)
    yield "white-is-zero-bilevel.tif", tiff(grey // 128, 0, 1)
    yield "four-bit.tif", tiff(grey // 16, 1, 4)
    yield "two-bit.tif", tiff(grey // 64, 1, 2)
    colours = [int(v) * 256 for v in np.asarray(palette.getpalette()[:48]).reshape(16, 3).T.flatten()]
    yield "four-bit-palette.tif", tiff(np.asarray(palette), 3, 4, tags=[(320, ("H", colours))])

    yield "bytes.ppm", saved(drawing, "PPM")
    yield "bytes.pgm", saved(drawing.convert("L"), "PPM")
    yield "bytes.pbm", saved(drawing.convert("1"), "PPM")
    yield "hundred.ppm", b"P6 21 17\n100\n" + (rgb.astype(int) * 100 // 255).astype(np.uint8).tobytes()
    yield "sixteen-bit.ppm", b"P6\n# by hand\n21 17 65535\n" + wide.astype(">u2").tobytes()
    yield "thousand.ppm", b"P6\n21\n17\n1000\n" + (rgb.astype(int) * 1000 // 255).astype(">u2").tobytes()
    yield "sixteen-bit.pgm", b"P5 21 17 65535\n" + (grey.astype(np.uint16) * 257).astype(">u2").tobytes()
    yield "thousand.pgm", b"P5 21 17 1000\n" + (grey.astype(int) * 1000 // 255).astype(">u2").tobytes()
    words = [str(v) for v in rgb.flatten()]
    yield "text.ppm", ("P3 # colours\n21 17\n255\n" + "\n".join(" ".join(words[i:i + 12]) for i in range(0, len(words), 12)) + "\n").encode()
    yield "text.pgm", ("P2\n21 17 15\n# greys\n" + " ".join(str(v // 16) for v in grey.flatten()) + "\n").encode()
    yield "text.pbm", ("P1\n21 17\n" + "\n".join("".join(str(v) for v in row) for row in (grey // 128)) + "\n").encode()

    indices, colours = np.asarray(palette), np.asarray(palette.getpalette()[:48]).reshape(16, 3)
    table = b"".join(bytes([int(b), int(g), int(r), 0]) for r, g, b in colours)
    banded = np.repeat(indices[:, ::3], 3, axis=1)
    yield "runs.bmp", bmp(21, 17, 8, runs(banded, 8), 1, table)
    yield "runs-four-bit.bmp", bmp(21, 17, 4, runs(np.where(np.indices(indices.shape)[0] % 2, banded, indices), 4), 2, table)
    five, six = (0x7c00, 0x3e0, 0x1f), (0xf800, 0x7e0, 0x1f)
    yield "fifteen-bit.bmp", bmp(21, 17, 16, pixels16(rgb, five))
    yield "sixteen-bit.bmp", bmp(21, 17, 16, pixels16(rgb, six), 3, masks=six)
    yield "sixteen-bit-long-header.bmp", bmp(21, 17, 16, pixels16(rgb, six), 3, masks=six, header=108)
    rows = np.pad(rgb[::-1, :, ::-1].reshape(17, 63), ((0, 0), (0, 1))).tobytes()
    yield "short-header.bmp", bmp(21, 17, 24, rows, header=12)
    yield "os2-header.bmp", bmp(21, 17, 24, rows, header=64)

    yield "animated.webp", saved(drawing, "WEBP", save_all=True, append_images=[drawing.transpose(Image.ROTATE_180)], lossless=True)
    yield "photo.heic", saved(photo, "HEIF", quality=90, chroma=444)
    yield "subsampled.heic", saved(photo, "HEIF", quality=90, chroma=420)
    yield "photo.avif", saved(photo, "AVIF", quality=90, subsampling="4:4:4")
    yield "subsampled.avif", saved(photo, "AVIF", quality=90, subsampling="4:2:0")


def exif_block(orientation, order, kind="H"):
    """A TIFF block with one tag, of either byte order."""
    value = struct.pack(order + kind, orientation).ljust(4, b"\0")
    return (struct.pack(order + "2sHL", b"II" if order == "<" else b"MM", 42, 8) +
            struct.pack(order + "HHHL", 1, EXIF_ORIENTATION, {"H": 3, "L": 4}[kind], 1) + value + b"\0\0\0\0")


def turned_files():
    """All orientations in all formats that have one, in both byte orders."""
    corner = Image.fromarray(np.fromfunction(lambda y, x, c: 30 + 28 * x + (40 - 15 * c) * y, (5, 7, 3)).astype(np.uint8))
    large = corner.resize((56, 40), Image.NEAREST)  # codecs of video work in blocks
    xmp = '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description tiff:Orientation="{}"/></x:xmpmeta>'
    for orientation in range(1, 9):
        for order, name in (("<", "little"), (">", "big")):
            exif = b"Exif\0\0" + exif_block(orientation, order)
            yield f"{name}{orientation}.jpg", saved(corner, "JPEG", quality=90, exif=exif)
            yield f"{name}{orientation}.png", saved(corner, "PNG", exif=exif)
            yield f"{name}{orientation}.webp", saved(corner, "WEBP", lossless=True, exif=exif)
            yield f"{name}{orientation}.tif", tiff(np.asarray(corner), 2, order=order, tags=[(EXIF_ORIENTATION, ("H", [orientation]))])
        yield f"turned{orientation}.heic", saved(large, "HEIF", quality=90, chroma=444, exif=b"Exif\0\0" + exif_block(orientation, "<"))
        yield f"turned{orientation}.avif", saved(large, "AVIF", quality=90, subsampling="4:4:4", exif=exif_block(orientation, "<"))
    for order, name in (("<", "little"), (">", "big")):
        yield f"long-{name}.jpg", saved(corner, "JPEG", quality=90, exif=b"Exif\0\0" + exif_block(6, order, "L"))
    for packed in (False, True):
        text = PngImagePlugin.PngInfo()
        text.add_itxt("XML:com.adobe.xmp", xmp.format(6), zip=packed)
        yield f"xmp{'-packed' if packed else ''}.png", saved(corner, "PNG", pnginfo=text)
        text = PngImagePlugin.PngInfo()
        block = (b"Exif\0\0" + exif_block(8, ">")).hex()
        text.add_text("Raw profile type exif", f"\nexif\n{len(block) // 2:8}\n{block[:40]}\n{block[40:]}\n", zip=packed)
        yield f"profile{'-packed' if packed else ''}.png", saved(corner, "PNG", pnginfo=text)
    yield "xmp.jpg", saved(corner, "JPEG", quality=90, xmp=xmp.format(5).encode())
    yield "xmp.webp", saved(corner, "WEBP", lossless=True, xmp=xmp.format(3).encode())
    yield "xmp.tif", tiff(np.asarray(corner), 2, tags=[(700, ("B", list(xmp.format(6).encode())))])


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
    yield from other_files(photo, drawing, alpha, palette)
    yield from turned_files()


def refused():
    """Files of the formats above that are not read, and what is to be said of them."""
    rgb = np.asarray(pattern(5, 4))
    tag = {"thumbnail": (254, ("L", [1])), "more": (330, ("L", [8])), "DNG": (50706, ("B", [1, 4, 0, 0]))}
    floating = tiff(rgb[..., 0].astype(np.uint16), 1, 16, tags=[(339, ("H", [3]))])
    for name, file, sentence in (
            ("photo.dng", tiff(rgb, 2, tags=[tag["thumbnail"], tag["DNG"]]), "is a camera raw file (DNG)"),
            ("photo.nef", tiff(rgb, 2, tags=[tag["thumbnail"], tag["more"]]), "is a camera raw file (NEF, ARW or the like)"),
            ("mosaic.tif", tiff(rgb[..., 0], 32803), "is a camera raw file (NEF, ARW or the like)"),
            ("floating.tif", floating, "is a TIFF of 16-bit floating-point numbers; whole ones of 8 and 16 bits are read"),
            ("lab.tif", tiff(rgb, 8), "is a TIFF whose colours are neither grey, RGB, CMYK nor of a palette"),
            ("old-jpeg.tif", tiff(rgb, 2, tags=[(259, ("H", [6]))]), "is a TIFF with the old kind of JPEG compression"),
            ("strange.tif", tiff(rgb, 2, tags=[(259, ("H", [999]))]), "is a TIFF whose compression (number 999) is not known"),
            ("jpeg.bmp", bmp(5, 4, 24, b"\xff\xd8\xff", 4), "is a BMP that holds a JPEG")):
        yield {"name": name, "file": text(file), "sentence": sentence}


def text(data):
    return base64.b64encode(data).decode()


def decoded():
    for name, content in files():
        image = ImageOps.exif_transpose(Image.open(io.BytesIO(content)))
        if image.mode.startswith("I"):  # convert() would clip everything above 255 to white
            image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
        image = image.convert("RGB")
        row = {"name": name, "file": text(content), "width": image.width, "height": image.height,
               "rgb": text(image.tobytes())}
        yield row | ({"tolerance": LOSSY} if name.endswith(("heic", "avif")) else {})


FILTERS = {"bilinear": Image.BILINEAR, "bicubic": Image.BICUBIC, "nearest": Image.NEAREST, "lanczos": Image.LANCZOS,
           "box": Image.BOX, "hamming": Image.HAMMING}
USUAL = ("bilinear", "bicubic")
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
        for size, box, target in RESIZES if filter_name in USUAL else RESIZES[2:]:
            # Rows first, then columns, as Pillow 12 and older did; since 13 it takes whichever order costs less.
            left, top, right, bottom = box
            rows = pattern(*size).resize((target[0], size[1]), resample, box=(left, 0, right, size[1]))
            out = rows.resize(target, resample, box=(0, top, target[0], bottom))
            yield {"filter": filter_name, "source": size, "box": box, "target": target, "rgb": text(out.tobytes())}


def cropped():
    for filter_name in USUAL:
        for size, short, side in CROPS:
            view = v2.Compose([v2.Resize(short, interpolation=v2.InterpolationMode(filter_name)), v2.CenterCrop(side)])
            yield {"filter": filter_name, "source": size, "resize": short, "crop": side,
                   "rgb": text(view(pattern(*size)).tobytes())}


def golden():
    return {"pillow": PIL.__version__, "torchvision": torchvision.__version__.split("+")[0],
            "files": list(decoded()), "refused": list(refused()), "resized": list(resized()), "cropped": list(cropped())}


if __name__ == "__main__":
    made = json.loads(json.dumps(golden()))
    if "--check" in sys.argv:
        sys.exit(0 if json.loads(GOLDEN.read_text()) == made else "golden_pictures.json differs")
    lines = [f'"{key}": ' + (json.dumps(value) if isinstance(value, str) else
                             "[\n" + ",\n".join(json.dumps(row) for row in value) + "\n]") for key, value in made.items()]
    GOLDEN.write_text("{\n" + ",\n".join(lines) + "\n}\n")
