#!/usr/bin/env python3
"""Writes the seeds of the tokenizers' fuzz corpus from the vocabularies of tests/text, cut short.

Usage: seeds_text.py [FOLDER]
"""
import json
import pathlib
import sys

here = pathlib.Path(__file__).parent
folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else here / "corpus")
vocabularies = here.parent / "text" / "vocabularies"


def put(reader, name, content):
    path = folder / reader / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


def short(name, pieces, merges):
    """A tokenizer.json with its first pieces, those of its added tokens and the merges that need no others."""
    tokenizer = json.loads((vocabularies / name).read_text("utf-8"))
    model, added = tokenizer["model"], {token["content"] for token in tokenizer["added_tokens"]}
    model["vocab"] = {piece: i for piece, i in model["vocab"].items() if i < pieces or piece in added}
    if "merges" in model:
        known = model["vocab"]
        model["merges"] = [m for m in model["merges"] if m[0] in known and m[1] in known and m[0] + m[1] in known][:merges]
    return json.dumps(tokenizer, ensure_ascii=False, separators=(",", ":"))


put("tokenizerjson", "odd.json", short("odd.json", 290, 20))
put("tokenizerjson", "apart.json", short("apart.json", 60, 0))
bert = json.loads(short("apart.json", 40, 0))
bert["normalizer"] = {"type": "BertNormalizer", "clean_text": True, "strip_accents": None, "lowercase": True}
bert["truncation"] = {"max_length": 128}
put("tokenizerjson", "bert.json", json.dumps(bert, ensure_ascii=False, separators=(",", ":")))
for name in ("bert", "bert-cased"):
    lines = (vocabularies / name / "vocab.txt").read_text("utf-8").split("\n")
    put("vocabulary", f"{name}.txt", "\n".join(lines[:80]) + "\n")
    put("tokenizerconfig", f"{name}.json", (vocabularies / name / "tokenizer_config.json").read_bytes())
put("tokenizerconfig", "roles.json", json.dumps({
    "cls_token": "[CLS]", "pad_token": {"content": "<p>", "lstrip": True, "single_word": False}, "strip_accents": False,
    "added_tokens_decoder": {"4": {"content": "[MASK]", "special": True, "lstrip": True}, "12": {"content": "fox"}}}))
for name in ("gpt2", "roberta"):
    vocabulary = json.loads((vocabularies / name / "vocab.json").read_text("utf-8"))
    vocabulary = {piece: i for piece, i in vocabulary.items() if i < 300}
    merges = [line for line in (vocabularies / name / "merges.txt").read_text("utf-8").split("\n")
              if line.replace(" ", "") in vocabulary and all(part in vocabulary for part in line.split(" "))]
    put("merges", name, json.dumps(vocabulary, ensure_ascii=False) + "\0#version: 0.2\n" + "\n".join(merges) + "\n")
for name, file in (("t5", "spiece.model"), ("xlmr", "sentencepiece.bpe.model"), ("albert", "spiece.model")):
    put("sentencepiece", name, (vocabularies / name / file).read_bytes())
put("text", "utf8", b"\x05Gr\xc3\xbc\xc3\x9fe, \xe2\x80\x9cWelt\xe2\x80\x9d\n\xf0\x9f\x98\x80 it's 3.14  x\n")
put("text", "latin1", b"\x07Gr\xfc\xdfe caf\xe9 \x93x\x94\n")
put("text", "utf16", b"\x09" + "\ufeffGrüße 😀\n".encode("utf-16-le"))
put("text", "broken", b"\x03\xe2\x82 \xed\xa0\x80 \xf4\x90\x80\x80 \xff\xc3")
