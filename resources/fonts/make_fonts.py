#!/usr/bin/env python3
"""Makes the fonts of the window from the Debian packages fonts-inter and fonts-jetbrains-mono.

Qt 6.4 cannot switch on OpenType features, so the digits of Inter are pointed at their tabular (tnum) glyphs in the
character map, and the family is renamed to "Inter Tabular", as the licence asks of changed versions with a reserved name.
Needs fontTools (Debian package python3-fonttools). Run:  python3 make_fonts.py [OUTPUT FOLDER]
"""
import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

INTER = Path("/usr/share/fonts/opentype/inter")
MONO = Path("/usr/share/fonts/truetype/jetbrains-mono")
FAMILY = "Inter Tabular"
RANGES = [
    (0x20, 0x7E), (0xA0, 0x17F), (0x18F, 0x18F), (0x192, 0x192), (0x1CD, 0x1DC), (0x218, 0x21B), (0x2BC, 0x2DD),
    (0x300, 0x304), (0x370, 0x3FF), (0x400, 0x45F), (0x490, 0x4CF), (0x1E80, 0x1E85), (0x1EA0, 0x1EF9), (0x2010, 0x2027),
    (0x202F, 0x205F), (0x2070, 0x209C), (0x20A0, 0x20BF), (0x2100, 0x2126), (0x2150, 0x215F), (0x2190, 0x21B5),
    (0x21D0, 0x21D4), (0x2200, 0x226F), (0x2318, 0x2318), (0x2325, 0x2327), (0x232B, 0x232B), (0x23CE, 0x23CE),
    (0x25A0, 0x25CF), (0x2713, 0x2717), (0xFB01, 0xFB02), (0xFFFD, 0xFFFD),
]


def shrink(font):
    options = subset.Options(layout_features=["kern", "mark", "mkmk", "ccmp", "calt", "locl"], hinting=True,
                             name_IDs=["*"], name_languages=["*"], notdef_outline=True, glyph_names=False)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=[c for first, last in RANGES for c in range(first, last + 1)])
    subsetter.subset(font)


def tabular_digits(font):
    """The glyphs that the feature tnum puts in place of the plain digits."""
    gsub = font["GSUB"].table
    lookups = {i for record in gsub.FeatureList.FeatureRecord if record.FeatureTag == "tnum"
               for i in record.Feature.LookupListIndex}
    mapping = {}
    for index in sorted(lookups):
        for sub in gsub.LookupList.Lookup[index].SubTable:
            mapping.update(getattr(getattr(sub, "ExtSubTable", sub), "mapping", {}))
    return mapping


def rename(font, style):
    names = font["name"]
    for record in names.names:
        if record.nameID in (1, 16):
            record.string = FAMILY if style in ("Regular",) or record.nameID == 16 else f"{FAMILY} {style}"
        elif record.nameID in (2, 17):
            record.string = "Regular" if record.nameID == 2 else style
        elif record.nameID in (3, 4):
            record.string = f"{FAMILY} {style}"
        elif record.nameID == 6:
            record.string = f"{FAMILY.replace(' ', '')}-{style}"
    for name_id, text in ((16, FAMILY), (17, style)):
        names.setName(text, name_id, 3, 1, 0x409)
    if "CFF " in font:
        cff = font["CFF "].cff
        cff.fontNames[0] = f"{FAMILY.replace(' ', '')}-{style}"
        top = cff.topDictIndex[0]
        top.FamilyName, top.FullName = FAMILY, f"{FAMILY} {style}"


def main():
    out = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent)
    for style in ("Regular", "Medium", "SemiBold"):
        font = TTFont(INTER / f"Inter-{style}.otf")
        digits = tabular_digits(font)
        for table in font["cmap"].tables:
            for code in list(table.cmap):
                if table.cmap[code] in digits and 0x30 <= code <= 0x39:
                    table.cmap[code] = digits[table.cmap[code]]
        widest = max(font["hmtx"][font.getBestCmap()[code]] for code in range(0x30, 0x3A))
        for code in range(0x30, 0x3A):  # a few weights differ by a thousandth of an em
            font["hmtx"][font.getBestCmap()[code]] = widest
        shrink(font)
        rename(font, style)
        font.save(out / f"InterTabular-{style}.otf")
    font = TTFont(MONO / "JetBrainsMono-Regular.ttf")
    shrink(font)
    font.save(out / "JetBrainsMono-Regular.ttf")


if __name__ == "__main__":
    main()
