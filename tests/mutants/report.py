"""The table of mutants in README.md."""

import collections

from workshop import BROKEN, CAUGHT, SURVIVED

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

An outcome is kept in `results.jsonl` and holds as long as the entry, the changed file and the sources of its tests stay the same; `tests/mutants/run`
tries those without one, `--all` every one. What else a change passes through is no part of that: a whole run now and then is.
Outcomes of 2026-11-30 02:36 are of the whole run that began then.

New code brings its mutants with it. `tests/mutants/run --check`, part of `packaging/checks` and of the tests, says which entries no longer fit the sources.
"""


def counted(done):
    return collections.Counter(outcome.kind for _, outcome in done)


def share(counts):
    tried = counts[CAUGHT] + counts[SURVIVED]
    return f"{100 * counts[CAUGHT] / tried:.1f} %" if tried else "–"


def closing(done):
    counts = counted(done)
    rest = f", {counts[BROKEN]} do not compile" if counts[BROKEN] else ""
    return f"{counts[CAUGHT]} of {counts[CAUGHT] + counts[SURVIVED]} caught ({share(counts)}){rest}"


def code(text):
    text = text.replace("|", "\\|")
    fence = "``" if "`" in text else "`"
    return f"{fence}{text}{fence}"


def write(path, done, mutants):
    """The table of the outcomes that hold, and how many there are to be tried."""
    rooms = collections.Counter(mutant.room for mutant in mutants)
    with open(path, "w", encoding="utf-8") as file:
        file.write(HEAD)
        file.write(f"\n## Result\n\n{closing(done)}; {len(mutants) - len(done)} of {len(mutants)} have no outcome for the sources as they are.\n\n")
        file.write("| room | mutants | tried | caught | share |\n|---|---:|---:|---:|---:|\n")
        for room, number in sorted(rooms.items()):
            lines = [line for line in done if line[0].room == room]
            counts = counted(lines)
            file.write(f"| {room} | {number} | {len(lines)} | {counts[CAUGHT]} | {share(counts)} |\n")
        file.write("\n| mutant | file | instead of | stands | outcome | seen by | tried (UTC) |\n|---|---|---|---|---|---|---|\n")
        for mutant, outcome in done:
            seen = code(outcome.detail) if outcome.kind == CAUGHT else ""
            file.write(f"| {mutant.name} | {mutant.file} | {code(mutant.old)} | {code(mutant.new)} | {outcome.kind} | {seen} | {outcome.tried} |\n")
