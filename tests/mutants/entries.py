"""The lists of mutants: what they say, and whether it still holds for the sources."""

import dataclasses
import os
import re


@dataclasses.dataclass(frozen=True)
class Mutant:
    """One changed line and the tests that must see it."""

    room: str
    number: int  # within its room, from 1
    file: str
    old: str
    new: str
    tests: tuple

    @property
    def name(self):
        return f"{self.room} {self.number}"

    @property
    def programs(self):
        return tuple(dict.fromkeys(test.split(":")[0] for test in self.tests))


class BadList(Exception):
    """A list that cannot be read."""


def parsed(lines, room, number, where):
    if len(lines) != 4 or not lines[1].startswith("- ") or not lines[2].startswith("+ "):
        raise BadList(f"{where}: a mutant is four lines: file, “- old”, “+ new”, tests")
    return Mutant(room, number, lines[0].strip(), lines[1][2:], lines[2][2:], tuple(lines[3].split()))


def readRoom(path):
    room = os.path.splitext(os.path.basename(path))[0]
    with open(path, encoding="utf-8") as file:
        lines = [line for line in file.read().split("\n") if line.strip() and not line.startswith("#")]
    starts = range(0, len(lines), 4)
    return [parsed(lines[start:start + 4], room, number, f"{os.path.basename(path)}, entry {number}") for number, start in enumerate(starts, 1)]


def readAll(folder):
    return [mutant for name in sorted(os.listdir(folder)) if name.endswith(".mutants") for mutant in readRoom(os.path.join(folder, name))]


def chosen(mutants, only):
    """By room, “room N”, file or a part of its path; everything without a word."""
    return [m for m in mutants if not only or any(word in (m.room, m.name) or ("/" in word or "." in word) and word in m.file for word in only)]


def testSources(root):
    """Test program → its sources as the CMake lists name them, relative to the tree."""
    result = {}
    for folder, _, files in os.walk(os.path.join(root, "tests")):
        if "CMakeLists.txt" not in files:
            continue
        with open(os.path.join(folder, "CMakeLists.txt"), encoding="utf-8") as file:
            lists = file.read()
        for name, rest in re.findall(r"thaw_test\((\w+)([^)]*)\)", lists):
            paths = [os.path.normpath(os.path.join(folder, source)) for source in re.findall(r"[\w./]+\.(?:cpp|h)", rest)]
            result[name] = [os.path.relpath(path, root) for path in paths if os.path.exists(path)]
    return result


def textOf(root, paths):
    text = ""
    for path in paths:
        with open(os.path.join(root, path), encoding="utf-8") as file:
            text += file.read()
    return text


def problems(mutants, root):
    """A sentence for every mutant that does not fit the sources any more."""
    sources = {program: textOf(root, paths) for program, paths in testSources(root).items()}
    found = []
    for mutant in mutants:
        path = os.path.join(root, mutant.file)
        if not os.path.exists(path):
            found.append(f"{mutant.name}: {mutant.file} does not exist")
            continue
        with open(path, encoding="utf-8") as file:
            count = file.read().count(mutant.old)
        if count != 1:
            found.append(f"{mutant.name}: “{mutant.old}” occurs {count} times in {mutant.file}")
        if mutant.old == mutant.new:
            found.append(f"{mutant.name}: nothing is changed")
        for test in mutant.tests:
            program, _, function = test.partition(":")
            function = function.split(":")[0]
            if program not in sources:
                found.append(f"{mutant.name}: there is no test program {program}")
            elif function and not re.search(rf"void (\w+::)?{function}\(\)", sources[program]):
                found.append(f"{mutant.name}: {program} has no test {function}")
    return found
