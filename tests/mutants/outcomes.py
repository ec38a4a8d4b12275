"""What came of each mutant, kept from run to run as long as nothing that decided it has changed."""

import dataclasses
import hashlib
import json
import os
import re

import entries


@dataclasses.dataclass(frozen=True)
class Outcome:
    """One trial: what came of it, the test that saw the change or the compiler's words, and when it began."""

    kind: str
    detail: str
    seconds: float
    tried: str  # UTC, to the minute


def withIncludes(root, paths):
    """The files of a test: its sources, the headers under tests/ that they include and the sources of these, each once."""
    files, left = [], list(paths)
    while left:
        path = left.pop(0)
        if path in files or not os.path.exists(os.path.join(root, path)):
            continue
        files.append(path)
        with open(os.path.join(root, path), encoding="utf-8") as file:
            for header in re.findall(r'#include "(tests/[^"]+\.h)"', file.read()):
                left += [header, header[:-1] + "cpp"]
    return files


def keys(mutants, root):
    """Mutant → a hash of its entry, of the changed file and of the sources of its tests."""
    sources, contents = entries.testSources(root), {}
    for path in {mutant.file for mutant in mutants} | {path for files in sources.values() for path in withIncludes(root, files)}:
        with open(os.path.join(root, path), "rb") as file:
            contents[path] = hashlib.sha256(file.read()).hexdigest()
    result = {}
    for mutant in mutants:
        files = sorted({path for program in mutant.programs for path in withIncludes(root, sources[program])})
        words = [mutant.file, mutant.old, mutant.new, *mutant.tests, contents[mutant.file], *(word for path in files for word in (path, contents[path]))]
        result[mutant] = hashlib.sha256("\0".join(words).encode()).hexdigest()[:32]
    return result


class Kept:
    """The file of outcomes: read whole, a line appended for each trial."""

    def __init__(self, path, mutants, root):
        self.path = path
        self.keys = keys(mutants, root)
        self.outcomes = {}  # key → the latest
        if os.path.exists(path):
            with open(path, encoding="utf-8") as file:
                for words in map(json.loads, filter(str.strip, file)):
                    self.outcomes[words["key"]] = Outcome(words["outcome"], words["detail"], words["seconds"], words["tried"])

    def of(self, mutant):
        return self.outcomes.get(self.keys[mutant])

    def valid(self, mutants):
        """Those that hold for the sources as they are."""
        return [(mutant, self.of(mutant)) for mutant in mutants if self.of(mutant)]

    def line(self, mutant):
        outcome = self.of(mutant)
        words = {"key": self.keys[mutant], "mutant": mutant.name, "outcome": outcome.kind, "detail": outcome.detail, "seconds": outcome.seconds,
                 "tried": outcome.tried}
        return json.dumps(words, ensure_ascii=False) + "\n"

    def add(self, mutant, outcome):
        self.outcomes[self.keys[mutant]] = outcome
        with open(self.path, "a", encoding="utf-8") as file:
            file.write(self.line(mutant))

    def tidy(self, mutants):
        """Leaves the valid ones, in the order of the lists."""
        with open(self.path + ".new", "w", encoding="utf-8") as file:
            file.writelines(self.line(mutant) for mutant, _ in self.valid(mutants))
        os.replace(self.path + ".new", self.path)
