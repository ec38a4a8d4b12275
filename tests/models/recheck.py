#!/usr/bin/env python3
"""Checks every backbone live against the torchvision, timm and transformers that are installed here.

Every backbone against its own library: Thaw writes a safetensors file, the reference model opens it strictly, and every
number in it is the one that the formula gives; the reference model writes one, Thaw opens it strictly (every name, shape and
number format) and its logits at two input sizes are the reference's within 1e-4 of the largest one.

Every twin of it in another library (twins.py): that library's model, filled by the formula, is saved as it publishes its
weights; Thaw loads all of the backbone from it by its tables of names, computes as that library does, and the logits are the
same. A run with these weights, written by `thaw export --names`, opens there by that library's own means and gives them again.

    python recheck.py --modelfile build/release/tests/models/thaw-modelfile --thaw build/release/bin/thaw [NAME…]
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import safetensors
import safetensors.torch
import torch
import twins

from reference_logits import MODELS, at_size, build, fill, pictures

TOLERANCE = 1e-4


def run(*command):
    answer = subprocess.run(list(map(str, command)), stdout=subprocess.PIPE, text=True)
    if answer.returncode != 0:
        raise RuntimeError(" ".join(map(str, command[:3])) + " failed")
    return answer.stdout


def difference(got, wanted):
    wanted = wanted.numpy().ravel()
    return float(np.abs(np.asarray(got, dtype=np.float64).ravel() - wanted).max() / max(1.0, np.abs(wanted).max()))


@torch.no_grad()
def check_own(tools, folder, name, maker, sizes, gain):
    model = build(name, maker).eval()
    state = {key: fill(key, tensor, gain) for key, tensor in model.state_dict().items()}

    ours = folder / "thaw.safetensors"
    run(tools.modelfile, "write", name, repr(gain), ours)
    written = safetensors.torch.load_file(ours)
    model.load_state_dict(written, strict=True)
    different = [key for key in state if not torch.equal(written[key], state[key].to(written[key].dtype))]
    off = max((float((written[key].double() - state[key].double()).abs().max()) for key in different), default=0.0)
    if off > 1e-6:
        raise RuntimeError(f"the file that Thaw writes is off by {off:.1e}")

    theirs = folder / "reference.safetensors"
    model.load_state_dict(state, strict=True)
    safetensors.torch.save_file({key: tensor.contiguous() for key, tensor in state.items()}, theirs)
    lines = run(tools.modelfile, "logits", name, theirs, *sizes).splitlines()
    return max(
        difference(line.split(), at_size(model, name, state, size)(pictures(size))) for size, line in zip(sizes, lines, strict=True)
    )


def size_of(backbone, library, architecture):
    """Of the pictures: the twin's own."""
    if library == "timm":
        import timm

        return timm.get_pretrained_cfg(architecture).input_size[-1]
    if library == "transformers" and backbone in twins.EFFICIENTNET:
        return twins.EFFICIENTNET[backbone][2]
    return 224


def opened(folder, library, architecture, size):
    """The exported model, by its library's own means."""
    if library == "timm":
        import timm

        return timm.create_model(f"local-dir:{folder}", pretrained=True).eval()
    if library == "transformers":
        import transformers

        model, found = transformers.AutoModelForImageClassification.from_pretrained(folder, output_loading_info=True)
        assert not found["missing_keys"] and not found["unexpected_keys"], found
        transformers.AutoImageProcessor.from_pretrained(folder)
        return model.eval()
    import torchvision

    model = torchvision.models.get_model(architecture, weights=None)
    model.load_state_dict(safetensors.torch.load_file(folder / "model.safetensors"), strict=True)
    return model.eval()


@torch.no_grad()
def check_twin(tools, folder, backbone, library, architecture, gain):
    """Largest differences of the logits: of what Thaw loads, of what it exports."""
    size = size_of(backbone, library, architecture)
    published = folder / "published"
    published.mkdir()
    model, _, wanted, _ = twins.filled(backbone, library, architecture, gain, size, published)
    file = published / "model.safetensors"
    if library == "timm":
        (published / "config.json").write_text(json.dumps({"architecture": architecture}))
    loaded = difference(run(tools.modelfile, "renamed", backbone, file, size).split(), wanted)
    if library == "transformers":  # as its modules are called
        modules = published / "modules.safetensors"
        safetensors.torch.save_file({name: tensor.contiguous() for name, tensor in model.state_dict().items()}, modules)
        loaded = max(loaded, difference(run(tools.modelfile, "renamed", backbone, modules, size).split(), wanted))

    run(tools.modelfile, "run", backbone, file, folder / "run", size)
    (folder / "run" / "summary.json").write_text("{}")  # by which a run is known
    run(tools.thaw, "export", folder / "run", folder / "out", "--names", library)
    again = opened(folder / "out", library, architecture, size)
    exported = difference(twins.logits_of(again, pictures(size)), wanted)
    return loaded, exported


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--modelfile", required=True, help="the program thaw-modelfile")
    parser.add_argument("--thaw", required=True, help="the program thaw")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("names", nargs="*", help="backbones; all where none is named")
    tools = parser.parse_args()
    torch.set_num_threads(tools.threads)
    import timm
    import torchvision
    import transformers

    transformers.utils.logging.disable_progress_bar()
    print(f"torch {torch.__version__}, torchvision {torchvision.__version__}, timm {timm.__version__}, transformers {transformers.__version__}\n")
    print("Largest difference of the logits, as a share of the largest one:\n")
    print("| backbone | library | its name there | loaded | exported | |\n|---|---|---|---:|---:|---|", flush=True)
    failed = 0
    for name, maker, sizes, gain in MODELS:
        if tools.names and name not in tools.names:
            continue
        rows = [(maker, name, lambda folder: (check_own(tools, folder, name, maker, sizes, gain),))]
        for library, architecture in twins.twins(name):
            rows.append((library, architecture, lambda folder, l=library, a=architecture: check_twin(tools, folder, name, l, a, gain)))
        for library, architecture, check in rows:
            with tempfile.TemporaryDirectory() as folder:
                try:
                    worst = check(pathlib.Path(folder))
                    good = max(worst) < TOLERANCE
                    numbers = " | ".join(f"{value:.1e}" for value in worst) + (" | " if len(worst) == 1 else "")
                    words = "equal" if good else "DIFFERENT"
                except Exception as problem:
                    good, numbers, words = False, " | ", f"{type(problem).__name__}: {problem}"
                print(f"| {name} | {library} | {architecture} | {numbers} | {words} |", flush=True)
                failed += not good
    print(f"\n{failed} different" if failed else "\nAll are equal.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
