"""The table of mutants in README.md."""

import collections
import datetime

from workshop import BROKEN, CAUGHT, SURVIVED, UNCLEAR

HEAD = """# Mutants

Can the tests fail? Each mutant is one changed line; the tests named with it must see it. `tests/mutants/run` applies them one at a time to a copy of
the tree, builds what the line touches and runs the named tests; a test that hangs has seen the change as well.

A list for each room, `<room>.mutants`, four lines a mutant and a blank line between; the text after `- ` occurs once in the file, a test is a program or
`program:function`:

```
engine/train/schedule.cpp
- old text, a part of one line
+ new text
tst_recipe:schedulesFollowTheirFormulas
```

New code brings its mutants with it. `tests/mutants/run --check`, part of `packaging/checks` and of the tests, says which entries no longer fit the sources.
"""


def counted(done):
    return collections.Counter(outcome for _, outcome, _, _ in done)


def share(counts):
    tried = counts[CAUGHT] + counts[SURVIVED]
    return 100 * counts[CAUGHT] / tried if tried else 0.0


def closing(done):
    counts = counted(done)
    rest = "".join(f", {counts[kind]} {words}" for kind, words in ((BROKEN, "do not compile"), (UNCLEAR, "with tests that fail unchanged")) if counts[kind])
    return f"{counts[CAUGHT]} of {counts[CAUGHT] + counts[SURVIVED]} caught ({share(counts):.1f} %){rest}"


def code(text):
    text = text.replace("|", "\\|")
    fence = "``" if "`" in text else "`"
    return f"{fence}{text}{fence}"


def write(path, done, seconds):
    rooms = collections.defaultdict(list)
    for line in done:
        rooms[line[0].room].append(line)
    with open(path, "w", encoding="utf-8") as file:
        file.write(HEAD)
        file.write(f"\n## Result\n\n`tests/mutants/run`, {datetime.date.today().isoformat()}, {seconds / 60:.0f} minutes: {closing(done)}.\n\n")
        file.write("| room | mutants | caught | share |\n|---|---:|---:|---:|\n")
        for room, lines in sorted(rooms.items()):
            counts = counted(lines)
            file.write(f"| {room} | {len(lines)} | {counts[CAUGHT]} | {share(counts):.0f} % |\n")
        file.write("\n| mutant | file | instead of | stands | outcome | seen by |\n|---|---|---|---|---|---|\n")
        for mutant, outcome, detail, _ in done:
            seen = code(detail) if outcome == CAUGHT else ""
            file.write(f"| {mutant.name} | {mutant.file} | {code(mutant.old)} | {code(mutant.new)} | {outcome} | {seen} |\n")
