#!/usr/bin/env python3
"""Compares `thaw bench tokenizer` with the Rust library behind Hugging Face's tokenizers, on the same files.

Usage: compare_tokenizers.py THAW FILE TOKENIZER… [--repeats N] [--column C]   (tokenizers installed)

A TOKENIZER is a folder or file that both open: tokenizer.json, vocab.txt, or vocab.json with merges.txt. Both cut every
line of FILE, with offsets, on one core and on all; a figure is the median of the repeats, after one that is not counted.
Both must give the same number of tokens. Prints a table for README.md.
"""
import argparse
import csv
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "text"))

REFERENCE = "--reference"


def opened(path):
    import reference_tokens as reference
    from tokenizers import Tokenizer
    path = pathlib.Path(path)
    file = path / "tokenizer.json" if path.is_dir() else path
    if file.suffix == ".json" and file.exists():
        tokenizer = Tokenizer.from_file(str(file))
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer
    if path.suffix == ".txt" or (path / "vocab.txt").exists():
        return reference.bert_of_lines(path if path.suffix == ".txt" else path / "vocab.txt", True)
    return reference.of_files(path, "<mask>" in json.loads((path / "vocab.json").read_text("utf-8")))


def texts_of(file, column):
    if column:
        with open(file, newline="", encoding="utf-8", errors="replace") as stream:
            return [row[column - 1] for row in csv.reader(stream)]
    return pathlib.Path(file).read_bytes().decode("utf-8", "replace").rstrip("\n").split("\n")


def reference(file, path, repeats, column):
    """In a process of its own, whose threads the environment has set."""
    tokenizer, texts = opened(path), texts_of(file, column)
    seconds = []
    for _ in range(repeats + 1):
        begin = time.perf_counter()
        encodings = tokenizer.encode_batch(texts)
        seconds.append(time.perf_counter() - begin)
    print(json.dumps({"seconds": seconds[1:], "tokens": sum(len(e.ids) for e in encodings),
                      "bytes": sum(len(text.encode()) for text in texts)}))


def rate(answer, skip=0):
    return answer["bytes"] / 1e6 / statistics.median(answer["seconds"][skip:])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("thaw")
    parser.add_argument("file")
    parser.add_argument("tokenizers", nargs="+")
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--column", type=int, default=0)
    options = parser.parse_args()
    cores = len(os.sched_getaffinity(0))
    print("| tokenizer | threads | Thaw, MB/s | tokenizers (Rust), MB/s | times |\n|---|---|---|---|---|")
    slower = False
    for path in options.tokenizers:
        for threads in dict.fromkeys((1, cores)):
            environment = os.environ | {"RAYON_NUM_THREADS": str(threads),
                                        "TOKENIZERS_PARALLELISM": "true" if threads > 1 else "false"}
            theirs = json.loads(subprocess.run(
                [sys.executable, __file__, REFERENCE, options.file, path, str(options.repeats), str(options.column)],
                env=environment, capture_output=True, check=True).stdout)
            columns = ["--column", str(options.column)] if options.column else []
            mine = json.loads(subprocess.run(
                [options.thaw, "bench", "tokenizer", options.file, "--tokenizer", path, "--threads", str(threads),
                 "--repeats", str(options.repeats + 1), "--json", *columns], capture_output=True, check=True).stdout)
            if mine["tokens"] != theirs["tokens"]:
                sys.exit(f"{path}: {mine['tokens']} tokens here, {theirs['tokens']} there")
            times = rate(mine, 1) / rate(theirs)
            slower = slower or times < 1
            print(f"| {mine['kind']}, {pathlib.Path(path).name} | {threads} | {rate(mine, 1):.1f} | "
                  f"{rate(theirs):.1f} | {times:.1f} |")
    return 1 if slower else 0


if __name__ == "__main__":
    if sys.argv[1:2] == [REFERENCE]:
        reference(sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5]))
    else:
        sys.exit(main())
