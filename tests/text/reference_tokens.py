#!/usr/bin/env python3
"""Makes the goldens of the tokenizers' tests with Hugging Face's libraries: golden_tokens.json, and the small
vocabularies in vocabularies/.

Usage: reference_tokens.py vocabularies     trains them on a text that this script makes up
       reference_tokens.py newer            finds the characters of adversarial.json on which Unicode tables differ
       reference_tokens.py golden [DATA]    ids of 10,000 made-up strings, of DATA/text (THAW_TEST_DATA) and pairs
       reference_tokens.py compare THAW DATA [FOLDER…]   every id of `thaw tokenize` on DATA/text, with vocabularies
                                            of 8,000 pieces trained on it and with the tokenizers in the folders

Made with tokenizers 0.23.3, sentencepiece 0.1.99 and for `newer`, PyICU 2.x over ICU 72.1 (Unicode 15.0).

Unicode: tokenizers asks three tables. BERT's marks and accents come from one of Unicode 8, decompositions from one of
Unicode 13, letters and numbers of GPT-2's pattern from one of Unicode 16, and Thaw asks ICU for all of them. They differ
on characters that were added in between; `newer` lists them, and the strings have none of them.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unicodedata

from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

HERE = pathlib.Path(__file__).parent
MASK = (1 << 64) - 1
STRINGS = 10_000
BLOCK = 100  # strings of one hash


class Random:
    """SplitMix64."""

    def __init__(self, seed):
        self.state = seed

    def below(self, count):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return (z ^ (z >> 31)) % count


class Formula:
    """String number i as bytes; adversarial.h computes the same."""

    def __init__(self):
        tables = json.loads((HERE / "adversarial.json").read_text())
        self.groups = tables["groups"]
        self.newer = tables["newer"]

    def is_newer(self, code):
        return any(first <= code <= last for first, last in self.newer)

    def piece(self, random):
        group = self.groups[random.below(len(self.groups))]
        if "bytes" in group:
            return bytes.fromhex(group["bytes"][random.below(len(group["bytes"]))])
        first, last = group["ranges"][random.below(len(group["ranges"]))]
        code = first + random.below(last - first + 1)
        return b"x" if 0xD800 <= code < 0xE000 or self.is_newer(code) else chr(code).encode()

    def string(self, i):
        random = Random(i * 0xD1342543DE82EF95 & MASK)
        count = 1 + random.below(24)
        if i % 64 == 63:
            count *= 20
        result = b""
        for _ in range(count):
            piece = self.piece(random)
            result += piece * (1 + random.below(120) if random.below(50) == 0 else 1)
        return result

    def strings(self, count=STRINGS):
        return [self.string(i) for i in range(count)]


def mixed(state, value):
    """One step of the 64-bit FNV-1a hash, over whole numbers in place of bytes."""
    return ((state ^ value) * 0x100000001B3) & MASK


class Hash:
    def __init__(self):
        self.state = 0xCBF29CE484222325

    def add(self, values):
        for value in values:
            self.state = mixed(self.state, value & MASK)
        self.state = mixed(self.state, 0xFFFFFFFF)

    def __str__(self):
        return f"{self.state:016x}"


def byte_offsets(text, encoding):
    """The library counts characters."""
    place = [0]
    for character in text:
        place.append(place[-1] + len(character.encode()))
    return [place[at] for begin_end in encoding.offsets for at in begin_end]


def digest(tokenizer, texts, offsets=True):
    """Hashes of the ids of each hundred texts, and of what all of them stand for."""
    blocks, ranges, count = [], Hash(), 0
    for begin in range(0, len(texts), BLOCK):
        block = Hash()
        for raw in texts[begin:begin + BLOCK]:
            text = raw.decode("utf-8", "replace")
            encoding = tokenizer.encode(text)
            block.add(encoding.ids)
            count += len(encoding.ids)
            # Where normalisation moves or joins characters, several ranges would be right.
            if offsets and text.encode() == raw and unicodedata.is_normalized("NFC", text):
                ranges.add(byte_offsets(text, encoding))
                ranges.add(0xFFFF if word is None else word for word in encoding.word_ids)
        blocks.append(str(block))
    total = Hash()
    for block in blocks:
        total.add([int(block, 16)])
    result = {"texts": len(texts), "tokens": count, "ids": str(total)}
    if offsets:
        result["ranges"] = str(ranges)
    if len(blocks) <= STRINGS // BLOCK:
        result["blocks"] = blocks
    return result


# --- vocabularies: trained on made-up text, so that they belong to nobody ---

SYLLABLES = ["ba", "co", "di", "fu", "ga", "hel", "in", "jo", "ka", "lor", "mi", "nu", "or", "pa", "qui", "ri", "sta",
             "the", "un", "ver", "wo", "xe", "yo", "zu", "ing", "ed", "ly", "ness", "er", "est"]
OTHERS = ["straße", "naïve", "café", "Ångström", "ΑΒΓ αβγ", "Москва слово", "שלום", "سلام", "नमस्ते", "ภาษา", "한국어 말",
          "日本語 の 文", "中文字", "東京", "😀", "👩‍👩‍👧", "🏳️‍🌈", "½", "٣", "Ⅷ", "x²", "don't", "it's we'll you're I'd I'm they've",
          "— … “quoted” ‘so’", "3.14 1,000 2024", "ﬁne ﬂow", "a\u0301 e\u0308 o\u0327", "\u3000", "[ ] { } < > = + $ ^ ` | ~"]


def made_up_text():
    random = Random(11)
    lines = []
    for _ in range(4000):
        words = []
        for _ in range(1 + random.below(12)):
            if random.below(8) == 0:
                words.append(OTHERS[random.below(len(OTHERS))])
                continue
            word = "".join(SYLLABLES[random.below(len(SYLLABLES))] for _ in range(1 + random.below(3)))
            words.append(word.capitalize() if random.below(5) == 0 else word)
        lines.append(" ".join(words) + [".", "!", "?", ",", ""][random.below(5)])
    return lines


def train_word_piece(lines, size, lowercase):
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.train_from_iterator(lines, trainers.WordPieceTrainer(
        vocab_size=size, special_tokens=["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"], show_progress=False))
    return tokenizer


def with_bert_ends(tokenizer):
    ids = {name: tokenizer.token_to_id(name) for name in ("[CLS]", "[SEP]")}
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", ids["[SEP]"]), ("[CLS]", ids["[CLS]"]))
    tokenizer.decoder = decoders.WordPiece()
    return tokenizer


def bert_of_lines(file, lowercase):
    """As transformers makes it of a vocab.txt."""
    vocabulary = {line: i for i, line in enumerate(file.read_text("utf-8").split("\n")) if line}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.add_special_tokens([name for name in ("[UNK]", "[SEP]", "[PAD]", "[CLS]", "[MASK]") if name in vocabulary])
    return with_bert_ends(tokenizer)


def train_bytes(lines, size, specials):
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.train_from_iterator(lines, trainers.BpeTrainer(
        vocab_size=size, special_tokens=specials, show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    return tokenizer


ROBERTA = ["<s>", "<pad>", "</s>", "<unk>"]


def of_files(folder, roberta, blank=False):
    """As transformers makes it of vocab.json and merges.txt."""
    tokenizer = Tokenizer(models.BPE.from_file(str(folder / "vocab.json"), str(folder / "merges.txt")))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=blank)
    tokenizer.decoder = decoders.ByteLevel()
    if roberta:
        tokenizer.add_special_tokens(ROBERTA + [AddedToken("<mask>", lstrip=True, special=True)])
        tokenizer.post_processor = processors.RobertaProcessing(
            ("</s>", tokenizer.token_to_id("</s>")), ("<s>", tokenizer.token_to_id("<s>")), trim_offsets=False,
            add_prefix_space=blank)
    else:
        tokenizer.add_special_tokens(["<|endoftext|>"])
    return tokenizer


def save_files(tokenizer, folder):
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.model.save(str(folder))


def make_vocabularies():
    import sentencepiece
    lines, folder = made_up_text(), HERE / "vocabularies"
    for name, lowercase in (("bert", True), ("bert-cased", False)):
        save_files(train_word_piece(lines, 900, lowercase), folder / name)
        (folder / name / "tokenizer_config.json").write_text(json.dumps(
            {"do_lower_case": lowercase, "model_max_length": 512, "tokenizer_class": "BertTokenizer"}, indent=1) + "\n")
    save_files(train_bytes(lines, 900, ["<|endoftext|>"]), folder / "gpt2")
    roberta = train_bytes(lines, 900, ROBERTA + ["<mask>"])
    save_files(roberta, folder / "roberta")
    # Everything that a tokenizer.json may say of added tokens, and a normalisation.
    odd = train_bytes(lines, 700, ROBERTA)
    odd.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    odd.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    odd.add_special_tokens([AddedToken("<mask>", lstrip=True, special=True), AddedToken("<end>", rstrip=True, special=True)])
    odd.add_tokens([AddedToken("Straße", normalized=True), AddedToken("ing", single_word=True),
                    AddedToken("co", single_word=True, normalized=False), AddedToken("東京", normalized=False),
                    AddedToken("\u00a0", normalized=False), AddedToken("don", lstrip=True, rstrip=True)])
    s, e = odd.token_to_id("<s>"), odd.token_to_id("</s>")
    odd.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> $B:1 </s>:1", special_tokens=[("<s>", s), ("</s>", e)])
    odd.save(str(folder / "odd.json"), pretty=False)
    apart = with_bert_ends(train_word_piece(lines, 500, False))
    apart.normalizer = normalizers.Sequence([normalizers.NFKD(), normalizers.StripAccents(), normalizers.Lowercase()])
    apart.add_tokens([AddedToken("Ver", normalized=True), AddedToken("[X]", single_word=True)])
    apart.save(str(folder / "apart.json"), pretty=False)
    rules = folder / "rules.tsv"  # 'ﬁ' and the like, full-width letters and spaces, as NFKC has them
    pairs = [(0xFB01, "fi"), (0xFB02, "fl"), (0xBD, "1/2"), (0x3000, " "), (0xA0, " ")]
    pairs += [(0xFF21 + i, chr(0x41 + i)) for i in range(26)]
    rules.write_text("".join(f"{a:X}\t{' '.join(f'{ord(c):X}' for c in b)}\n" for a, b in pairs))
    kinds = {"t5": dict(model_type="unigram", pad_id=0, eos_id=1, unk_id=2, bos_id=-1),
             "xlmr": dict(model_type="bpe", unk_id=0, bos_id=1, eos_id=2),
             "albert": dict(model_type="unigram", pad_id=0, unk_id=1, bos_id=-1, eos_id=-1,
                            control_symbols=["[CLS]", "[SEP]", "[MASK]"])}
    files = {"t5": "spiece.model", "xlmr": "sentencepiece.bpe.model", "albert": "spiece.model"}
    for name, how in kinds.items():
        (folder / name).mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory() as scratch:
            # "00" and "0" would be a tie in 000, which versions of the library break differently.
            sentencepiece.SentencePieceTrainer.train(
                sentence_iterator=iter(line.replace("000", "057") for line in lines), model_prefix=scratch + "/m", vocab_size=400,
                normalization_rule_tsv=str(rules), minloglevel=2, num_threads=1, **how)
            (folder / name / files[name]).write_bytes(pathlib.Path(scratch, "m.model").read_bytes())
    rules.unlink()


# --- SentencePiece: what the slow tokenizers of transformers 4 do with the ids of the library ---

class Sentences:
    def __init__(self, file, family):
        import sentencepiece
        self.own = sentencepiece.SentencePieceProcessor(model_file=str(file))
        self.family = family
        size = self.own.get_piece_size()
        if family == "t5":
            self.added = {"</s>": 1, "<unk>": 2, "<pad>": 0}
            self.added.update({f"<extra_id_{i}>": size + 99 - i for i in range(100)})
        elif family == "xlmr":
            self.added = {"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3, "<mask>": size + 1}
        else:
            self.added = {name: self.own.piece_to_id(name) for name in ("[CLS]", "[SEP]", "<unk>", "<pad>", "[MASK]")}

    def split(self, text):
        """At the longest added token; those around which white space goes take it."""
        done = at = 0
        while at < len(text):
            found = max((name for name in self.added if text.startswith(name, at)), key=len, default=None)
            if found is None:
                at += 1
                continue
            left, end = text[done:at], at + len(found)
            if found in ("<mask>", "[MASK]") or found.startswith("<extra"):
                left = left.rstrip()
            if left:
                yield None, left
            yield self.added[found], ""
            if found.startswith("<extra"):
                end += len(text[end:]) - len(text[end:].lstrip())
            done = at = end
        if text[done:]:
            yield None, text[done:]

    def albert(self, text):
        text = " ".join(text.lower().strip().split()).replace("``", '"').replace("''", '"')
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
        ids = []
        for piece in self.own.encode(text.lower(), out_type=str):
            if len(piece) > 1 and piece[-1] == "," and piece[-2].isdigit():
                parts = self.own.encode(piece[:-1].replace("\u2581", ""), out_type=str)
                if piece[0] != "\u2581" and parts[0][0] == "\u2581":
                    parts = parts[1:] if len(parts[0]) == 1 else [parts[0][1:]] + parts[1:]
                ids += [self.own.piece_to_id(part) for part in parts + [","]]
            else:
                ids.append(self.own.piece_to_id(piece))
        return ids

    def ids(self, text):
        result = []
        for token, part in self.split(text):
            if token is not None:
                result.append(token)
            elif self.family == "albert":
                result += self.albert(part)
            else:
                own = self.own.encode(part)
                result += own if self.family == "t5" else [{0: 3, 1: 0, 2: 2}.get(i, i + 1) for i in own]
        if self.family == "albert":
            return [self.added["[CLS]"]] + result + [self.added["[SEP]"]]
        return result + [1] if self.family == "t5" else [0] + result + [2]

    def encode(self, text):
        class Encoding:
            ids = self.ids(text)
        return Encoding


# --- goldens ---

def tokenizers_of(folder):
    return {
        "bert": (folder / "bert", bert_of_lines(folder / "bert" / "vocab.txt", True)),
        "bert-cased": (folder / "bert-cased", bert_of_lines(folder / "bert-cased" / "vocab.txt", False)),
        "gpt2": (folder / "gpt2", of_files(folder / "gpt2", False)),
        "roberta": (folder / "roberta", of_files(folder / "roberta", True)),
        "odd": (folder / "odd.json", Tokenizer.from_file(str(folder / "odd.json"))),
        "apart": (folder / "apart.json", Tokenizer.from_file(str(folder / "apart.json"))),
        "t5": (folder / "t5", Sentences(folder / "t5" / "spiece.model", "t5")),
        "xlmr": (folder / "xlmr", Sentences(folder / "xlmr" / "sentencepiece.bpe.model", "xlmr")),
        "albert": (folder / "albert", Sentences(folder / "albert" / "spiece.model", "albert")),
    }


def data_texts(data):
    return {"ag_news": pathlib.Path(data, "text/ag_news_test/test.csv").read_bytes().splitlines(),
            "tinyshakespeare": pathlib.Path(data, "text/tinyshakespeare/input.txt").read_bytes().split(b"\n")[:-1]}


PAIRS = [("", ""), ("a", ""), ("the", "un"), ("Hello there, you.", "It's the café."), ("one " * 20, "two three"),
         ("x", "many words " * 15), ("even " * 12, "even " * 12)]
LENGTHS = [0, 5, 8, 9, 16, 33]


def pair_ids(tokenizer):
    rows = []
    for first, second in PAIRS:
        for length in LENGTHS:
            tokenizer.no_truncation()
            if length:
                tokenizer.enable_truncation(length)
            encoding = tokenizer.encode(first, second)
            rows.append({"first": first, "second": second, "most": length, "ids": encoding.ids,
                         "segments": encoding.type_ids})
    tokenizer.no_truncation()
    return rows


def make_golden(data):
    formula = Formula()
    strings = formula.strings()
    whole = Hash()
    for string in strings:
        whole.add(string)
    golden = {"strings": str(whole), "tokenizers": {}, "pairs": {}, "decoded": []}
    for name, (_, tokenizer) in tokenizers_of(HERE / "vocabularies").items():
        sentences = isinstance(tokenizer, Sentences)
        entry = golden["tokenizers"][name] = {"adversarial": digest(tokenizer, strings, offsets=not sentences)}
        for source, texts in (data_texts(data) if data else {}).items():
            entry[source] = digest(tokenizer, texts, offsets=not sentences)
            entry[source].pop("blocks", None)
        if not sentences:
            golden["pairs"][name] = pair_ids(tokenizer)
    if data:
        entry = golden["tokenizers"]["bert-base-uncased"] = {}
        real = bert_of_lines(pathlib.Path(data, "vocab/bert-base-uncased-vocab.txt"), True)
        for source, texts in (data_texts(data) | {"adversarial": strings}).items():
            entry[source] = digest(real, texts)
    bert = tokenizers_of(HERE / "vocabularies")["bert"][1]
    for text in ("The best, unverified co-worker doesn't ask: why?", "it's 3.14 [MASK] !", "x y."):
        ids = bert.encode(text).ids
        golden["decoded"].append({"ids": ids, "text": bert.decode(ids),
                                  "whole": bert.decode(ids, skip_special_tokens=False)})
    (HERE / "golden_tokens.json").write_text(json.dumps(golden, indent=1, ensure_ascii=True) + "\n")


# --- Unicode ---

def find_newer():
    import icu
    bert = normalizers.BertNormalizer(True, True, True, True)
    cased = normalizers.BertNormalizer(False, False, False, True)
    marks, levels = pre_tokenizers.BertPreTokenizer(), pre_tokenizers.ByteLevel(add_prefix_space=False)
    full = icu.Normalizer2.getInstance(None, "nfc", icu.UNormalizationMode2.DECOMPOSE)
    compatible = icu.Normalizer2.getInstance(None, "nfkc", icu.UNormalizationMode2.DECOMPOSE)
    strip, nfkd, nfc = normalizers.StripAccents(), normalizers.NFKD(), normalizers.NFC()
    different = []
    for code in range(0x110000):
        if 0xD800 <= code < 0xE000:
            continue
        character, kind = chr(code), icu.Char.charType(code)
        letter, number = 1 <= kind <= 5, 9 <= kind <= 11
        other = kind in (15, 16, 17)  # Cc, Cf, Co
        mark = 19 <= kind <= 23 or kind in (28, 29) or (33 <= code < 127 and not letter and not number)
        space = icu.Char.isUWhiteSpace(code)
        decomposed = str(full.normalize(character))
        stripped = "".join(c for c in decomposed if icu.Char.charType(ord(c)) != 6)
        if other and character not in "\t\n\r" or code in (0, 0xFFFD):
            expected = ""
        elif space:
            expected = " "
        else:
            expected = "".join("i\u0307" if c == "\u0130" else chr(icu.Char.tolower(ord(c))) for c in stripped)
        is_letter = len(levels.pre_tokenize_str("a" + character)) == 1
        is_number = len(levels.pre_tokenize_str("1" + character)) == 1
        lower = "i\u0307" if code == 0x130 else chr(icu.Char.tolower(code))
        stripped_all = "" if 6 <= kind <= 8 else character
        same = (strip.normalize_str(character) == stripped_all
                and nfkd.normalize_str(character) == str(compatible.normalize(character))
                and nfc.normalize_str(character) == str(icu.Normalizer2.getNFCInstance().normalize(character))
                and bert.normalize_str(character).replace(" ", "") == expected.replace(" ", "")
                and cased.normalize_str(character) == lower and is_letter == letter and is_number == number
                and (space or (len(marks.pre_tokenize_str("a" + character + "b")) == 3) == mark))
        # What is not assigned yet may be by another ICU; the last planes and what is no character stay.
        later = kind == 0 and code < 0x40000 and (code & 0xFFFE) != 0xFFFE and not 0xFDD0 <= code < 0xFDF0
        if not same or later:
            if different and different[-1][1] == code - 1:
                different[-1][1] = code
            else:
                different.append([code, code])
    file = HERE / "adversarial.json"
    tables = json.loads(file.read_text())
    tables["newer"] = different
    write_tables(file, tables)


def write_tables(file, tables):
    rows = ",\n  ".join(json.dumps(group) for group in tables["groups"])
    file.write_text('{"groups": [\n  ' + rows + '\n ],\n "newer": ' + json.dumps(tables["newer"], separators=(",", ":"))
                    + "}\n")


# --- the command line on real text ---

def thaw_ids(thaw, tokenizer, file):
    answer = subprocess.run([thaw, "tokenize", str(tokenizer), "--file", str(file), "--json", "--ids-only"],
                            capture_output=True, check=True)
    return [row["ids"] for row in json.loads(answer.stdout)["texts"]]


def compare(thaw, data, folders):
    wrong = 0
    sources = data_texts(data)
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        lines = [line.decode("utf-8", "replace") for texts in sources.values() for line in texts]
        save_files(train_bytes(lines, 8000, ["<|endoftext|>"]), scratch / "gpt2")
        save_files(train_bytes(lines, 8000, ROBERTA + ["<mask>"]), scratch / "roberta")
        train_word_piece(lines, 8000, False).model.save(str(scratch))
        cased = scratch / "cased"
        cased.mkdir()
        (scratch / "vocab.txt").rename(cased / "vocab.txt")
        (cased / "tokenizer_config.json").write_text('{"do_lower_case": false}')
        pairs = [(scratch / "gpt2", of_files(scratch / "gpt2", False)),
                 (scratch / "roberta", of_files(scratch / "roberta", True)),
                 (cased, bert_of_lines(cased / "vocab.txt", False)),
                 (pathlib.Path(data, "vocab/bert-base-uncased-vocab.txt"),
                  bert_of_lines(pathlib.Path(data, "vocab/bert-base-uncased-vocab.txt"), True))]
        for folder in map(pathlib.Path, folders):
            reference = (Tokenizer.from_file(str(folder / "tokenizer.json")) if (folder / "tokenizer.json").exists()
                         else of_files(folder, False))
            reference.no_truncation()
            reference.no_padding()
            pairs.append((folder, reference))
        for source, texts in sources.items():
            file = scratch / f"{source}.txt"
            file.write_bytes(b"\n".join(texts) + b"\n")
            for folder, reference in pairs:
                mine = thaw_ids(thaw, folder, file)
                theirs = [e.ids for e in reference.encode_batch([t.decode("utf-8", "replace") for t in texts])]
                different = sum(a != b for a, b in zip(mine, theirs)) + abs(len(mine) - len(theirs))
                wrong += different
                print(f"{source:16} {folder.name:32} {len(theirs)} texts, {sum(map(len, theirs))} ids, "
                      f"{different} texts differ")
    return 1 if wrong else 0


def main(arguments):
    if arguments[:1] == ["vocabularies"]:
        make_vocabularies()
    elif arguments[:1] == ["newer"]:
        find_newer()
    elif arguments[:1] == ["golden"]:
        make_golden(arguments[1] if len(arguments) > 1 else os.environ.get("THAW_TEST_DATA"))
    elif arguments[:1] == ["compare"] and len(arguments) >= 3:
        return compare(arguments[1], arguments[2], arguments[3:])
    else:
        print(__doc__, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
