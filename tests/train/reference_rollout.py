#!/usr/bin/env python3
"""Writes golden_rollout.json: attention rollout (Abnar and Zuidema 2020) in plain torch for the networks of
reference_logits.py whose tokens all look at each other.

    python reference_rollout.py        needs: torch, torchvision, timm (tried with 2.11, 0.26, 1.0.31)

Parameters and picture are filled by the formulas of tests/models/reference_logits.py, the first picture is taken. Every
block's attention, its heads averaged, is mixed half and half with the identity; their product, last block leftmost, has in
the row of the class token what reaches it. The patches' part is taken over its largest value.
"""

import json
import pathlib
import sys

import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "models"))
import reference_logits as reference  # noqa: E402


def timm_attention(block, tokens):
    attention = block.attn
    batch, length, width = tokens.shape
    joint = attention.qkv(block.norm1(tokens)).reshape(batch, length, 3, attention.num_heads, width // attention.num_heads)
    queries, keys, _ = joint.permute(2, 0, 3, 1, 4)
    return (queries @ keys.transpose(-2, -1) * attention.head_dim ** -0.5).softmax(-1)[0]


def torchvision_attention(block, tokens):
    normed = block.ln_1(tokens)
    _, weights = block.self_attention(normed, normed, normed, need_weights=True, average_attn_weights=False)
    return weights[0]


# blocks, how one of them attends, their names in Thaw
TARGETS = {
    "vit_tiny_patch16_224": (lambda model: model.blocks, timm_attention, "blocks.0 – blocks.11"),
    "deit_tiny_patch16_224": (lambda model: model.blocks, timm_attention, "blocks.0 – blocks.11"),
    "vit_b_16": (lambda model: model.encoder.layers, torchvision_attention,
                 "encoder.layers.encoder_layer_0 – encoder.layers.encoder_layer_11"),
}


def rollout(model, blocks, attention_of, pixels):
    seen = []
    handles = [block.register_forward_pre_hook(lambda block, given: seen.append(attention_of(block, given[0]))) for block in blocks]
    model(pixels)
    for handle in handles:
        handle.remove()
    same = torch.eye(seen[0].shape[-1])
    reaches = same
    for attention in seen:
        reaches = (attention.mean(0) + same) / 2 @ reaches
    heat = reaches[0, 1:]
    return heat / heat.max()


torch.set_num_threads(1)
torch.set_grad_enabled(False)
entries = []
for name, maker, sizes, gain in reference.MODELS:
    if name not in TARGETS:
        continue
    blocks, attention_of, block = TARGETS[name]
    model = reference.build(name, maker, any_size=False).eval()
    state = {key: reference.fill(key, tensor, gain) for key, tensor in model.state_dict().items()}
    model.load_state_dict(state, strict=True)
    heat = rollout(model, blocks(model), attention_of, reference.pictures(sizes[0])[:1])
    side = int(len(heat) ** 0.5)
    entries.append({"name": name, "gain": gain, "size": sizes[0], "block": block, "height": side, "width": side,
                    "heat": [round(float(value), 6) for value in heat]})
text = json.dumps({"torch": torch.__version__, "maps": entries}, separators=(",", ":")).replace('{"name"', '\n{"name"')
pathlib.Path(__file__).with_name("golden_rollout.json").write_text(text + "\n")
