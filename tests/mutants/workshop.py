"""A copy of the tree in which one line at a time is changed, built and tested."""

import json
import os
import shutil
import subprocess
import time

CAUGHT, SURVIVED, BROKEN, UNCLEAR = "caught", "survived", "does not compile", "fails unchanged"
PASSES, FAILS, HANGS = "passes", "fails", "hangs"
BUILD_SECONDS = 1800
HANG_SECONDS = 120


def copyTree(root, build, target):
    """Sources and build folder with their times, so that only what is changed is built again."""
    shutil.rmtree(target, ignore_errors=True)
    os.makedirs(target)
    names = subprocess.run(["git", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"], check=True,
                           stdout=subprocess.PIPE).stdout.decode().split("\0")
    for name in filter(None, names):
        source = os.path.join(root, name)
        if os.path.exists(source):
            os.makedirs(os.path.dirname(os.path.join(target, name)), exist_ok=True)
            shutil.copy2(source, os.path.join(target, name), follow_symlinks=False)
    os.makedirs(os.path.dirname(os.path.join(target, build)), exist_ok=True)
    subprocess.run(["cp", "-a", os.path.join(root, build), os.path.join(target, build)], check=True)


def insideCopy(root, copy, command):
    """The command with the copy standing in the tree's place, in a mount namespace of its own: paths in the build folder hold."""
    rights = [] if os.geteuid() == 0 else ["--map-root-user"]
    script = 'mount --make-rprivate / && mount --bind "$0" "$1" && cd "$1" && shift && exec "$@"'
    return ["unshare", "--mount", *rights, "bash", "-c", script, copy, root, *command]


class Workshop:
    """Builds and tests in the copy; runs inside it."""

    def __init__(self, root, build):
        self.root = root
        self.build = os.path.join(root, build)
        self.known = {}
        self.unchanged = {}  # test → (passes, seconds)

    def readTests(self):
        """How ctest starts each test; it knows the command of a program once that is built."""
        answer = subprocess.run(["ctest", "--test-dir", self.build, "--show-only=json-v1"], check=True, stdout=subprocess.PIPE)
        for test in json.loads(answer.stdout)["tests"]:
            if "command" in test:
                settings = {p["name"]: p["value"] for p in test.get("properties", [])}
                environment = dict(word.split("=", 1) for word in settings.get("ENVIRONMENT", []))
                self.known[test["name"]] = (test["command"], environment, settings.get("WORKING_DIRECTORY"))

    def make(self, programs):
        command = ["cmake", "--build", self.build, "--parallel", "2", "--target", *programs]
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=BUILD_SECONDS)

    def verdict(self, test, limit):
        program, _, function = test.partition(":")
        if program not in self.known:
            self.readTests()
        command, environment, folder = self.known[program]
        try:
            finished = subprocess.run([*command, *([function] if function else [])], env={**os.environ, **environment}, cwd=folder or self.build,
                                      stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=limit)
        except subprocess.TimeoutExpired:
            return HANGS
        return PASSES if finished.returncode == 0 else FAILS

    def passesUnchanged(self, test):
        if test not in self.unchanged:
            begin = time.monotonic()
            self.unchanged[test] = (self.verdict(test, 1500) == PASSES, time.monotonic() - begin)
        return self.unchanged[test]

    def restore(self, file, text):
        with open(file, "w", encoding="utf-8") as written:
            written.write(text)

    def trial(self, mutant):
        """Outcome and the test that saw the change, or why there is none."""
        file = os.path.join(self.root, mutant.file)
        with open(file, encoding="utf-8") as read:
            text = read.read()
        if any(test not in self.unchanged for test in mutant.tests):
            if self.make(mutant.programs).returncode != 0:
                return UNCLEAR, "the tests do not build"
            failing = [test for test in mutant.tests if not self.passesUnchanged(test)[0]]
            if failing:
                return UNCLEAR, failing[0]
        elif any(not self.unchanged[test][0] for test in mutant.tests):
            return UNCLEAR, next(test for test in mutant.tests if not self.unchanged[test][0])
        try:
            self.restore(file, text.replace(mutant.old, mutant.new))
            built = self.make(mutant.programs)
            if built.returncode != 0:
                lines = [line for line in built.stdout.decode(errors="replace").splitlines() if "error:" in line]
                return BROKEN, (lines or [""])[0].strip()
            for test in mutant.tests:
                verdict = self.verdict(test, max(HANG_SECONDS, 10 * self.unchanged[test][1]))
                if verdict != PASSES:
                    return CAUGHT, test if verdict == FAILS else f"{test} {HANGS}"
            return SURVIVED, ""
        finally:
            self.restore(file, text)


def serve(root, build, mutants, requests, answers):
    """One worker: reads the numbers of mutants, answers each with a line of JSON."""
    # Each source for itself, so that a change compiles one.
    # And what a change leaves unused is no error.
    subprocess.run(["cmake", "-DTHAW_UNITY=OFF", "-DTHAW_WERROR=OFF", os.path.join(root, build)], check=True, stdout=subprocess.DEVNULL)
    workshop = Workshop(root, build)
    for line in requests:
        mutant = mutants[int(line)]
        begin = time.monotonic()
        outcome, detail = workshop.trial(mutant)
        answers.write(json.dumps([outcome, detail, round(time.monotonic() - begin, 1)]) + "\n")
        answers.flush()
