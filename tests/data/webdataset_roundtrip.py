#!/usr/bin/env python3
"""Both directions between Thaw's shards and the Python library webdataset: what it writes is read, and it reads what
`thaw data shard` writes.

Usage: webdataset_roundtrip.py THAW     (pip install webdataset pillow numpy; tried with webdataset 1.0.2)
"""
import collections
import io
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy
import PIL.Image
import webdataset

thaw = sys.argv[1]
names = ["ant", "bee", "cicada"]


def said(*arguments):
    done = subprocess.run([thaw, "--json", *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def picture(number):
    return numpy.full((20, 30, 3), number * 17 % 256, dtype=numpy.uint8)


def counts(report):
    return {row["name"]: (row["train"], row["validation"]) for row in report["classes"]}


def thaw_reads(folder):
    """Labels as .cls, as .json and as lists; plain and gzipped shards, jpg, png and webp."""
    for suffix, ending in (("", "jpg"), (".gz", "png"), ("", "webp")):
        root = folder / f"written-{ending}"
        root.mkdir()
        for part, first, count in (("train", 0, 30), ("val", 100, 9)):
            with webdataset.ShardWriter(str(root / f"{part}-%06d.tar{suffix}"), maxcount=8, verbose=0) as sink:
                for i in range(first, first + count):
                    encoded = io.BytesIO()
                    PIL.Image.fromarray(picture(i)).save(encoded, {"jpg": "JPEG"}.get(ending, ending.upper()))
                    sample = {"__key__": f"{part}/sample {i:05d}", ending: encoded.getvalue()}
                    if ending == "png":
                        sample["json"] = {"class_name": names[i % 3], "label": i % 3}
                    else:
                        sample["cls"] = i % 3
                    sink.write(sample)
        expected = {name if ending == "png" else str(i): (10, 3) for i, name in enumerate(names)}
        assert counts(said("data", "check", root)) == expected, root
        if ending != "png":
            (root / "classes.txt").write_text("\n".join(names))
            assert counts(said("data", "check", root)) == {name: (10, 3) for name in names}, root
        print(f"read: what webdataset wrote as .tar{suffix} of {ending}")


def webdataset_reads(folder):
    source, out = folder / "pictures", folder / "shards"
    originals = {}
    for part, count in (("train", 25), ("val", 7)):
        for i in range(count):
            file = source / part / names[i % 3] / f"{i} größe.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            PIL.Image.fromarray(picture(i)).save(file)
            originals[str(file.relative_to(source))] = i % 3
    said("data", "shard", source, out, "--shard-size", "0.02")
    index = json.loads((out / "index.json").read_text())
    assert [row["name"] for row in index["classes"]] == names
    seen = collections.Counter()
    for part, count in (("train", 25), ("validation", 7)):
        urls = [str(out / row["file"]) for row in index["shards"] if row["part"] == part]
        assert urls
        samples = 0
        for sample in webdataset.WebDataset(urls, shardshuffle=False).decode("rgb8"):
            about = sample["json"]
            assert sample["cls"] == about["label"] == originals[about["file"]]
            assert about["class_name"] == names[sample["cls"]]
            original = numpy.asarray(PIL.Image.open(source / about["file"]).convert("RGB"))
            assert (sample["png"] == original).all()
            seen[about["file"]] += 1
            samples += 1
        assert samples == count
    assert set(seen) == set(originals) and set(seen.values()) == {1}
    print("webdataset reads what thaw data shard wrote")


with tempfile.TemporaryDirectory() as temporary:
    thaw_reads(pathlib.Path(temporary))
    webdataset_reads(pathlib.Path(temporary))
