"""The networks of the table as other libraries have them: how to build each there, under its own names and numerics.

A twin is (backbone, library, architecture). Of timm also those that compute as TensorFlow does under the same names
("tf_efficientnet_b0"); which of them a file is, its config.json tells.
"""

import warnings

warnings.filterwarnings("ignore")

TIMM = {
    "mobilenet_v2": "mobilenetv2_100",
    "regnet_y_400mf": "regnety_004",
    "regnet_y_800mf": "regnety_008_tv",
    "regnet_y_1_6gf": "regnety_016",
    "regnet_y_3_2gf": "regnety_032",
    "regnet_y_8gf": "regnety_080_tv",
    "vit_b_16": "vit_base_patch16_224",
    "swin_t": "swin_tiny_patch4_window7_224",
    "swin_s": "swin_small_patch4_window7_224",
    **{
        name: name
        for name in (
            "resnet18 resnet34 resnet50 resnet101 resnet152 resnext50_32x4d wide_resnet50_2 wide_resnet101_2 "
            "densenet121 vgg16 vgg16_bn convnext_tiny convnext_small convnext_base"
        ).split()
    },
}
TIMM_TWOFOLD = {
    "mobilenet_v3_small": ("mobilenetv3_small_100", "tf_mobilenetv3_small_100"),
    "mobilenet_v3_large": ("mobilenetv3_large_100", "tf_mobilenetv3_large_100"),
    **{f"efficientnet_b{i}": (f"tf_efficientnet_b{i}",) for i in range(5)},
    **{f"tf_efficientnet_lite{i}": (f"efficientnet_lite{i}",) for i in range(3)},
}
TORCHVISION = {
    **{f"efficientnet_b{i}": f"efficientnet_b{i}" for i in range(5)},
    "vit_base_patch16_224": "vit_b_16",
    "deit_base_patch16_224": "vit_b_16",
}


def vit(**sizes):
    import transformers

    return transformers.ViTForImageClassification(transformers.ViTConfig(num_labels=1000, **sizes))


def swin(depths):
    import transformers

    return transformers.SwinForImageClassification(transformers.SwinConfig(num_labels=1000, depths=depths))


def convnext(depths, widths):
    import transformers

    return transformers.ConvNextForImageClassification(transformers.ConvNextConfig(num_labels=1000, depths=depths, hidden_sizes=widths))


def resnet(depths, kind):
    import transformers

    widths = [64, 128, 256, 512] if kind == "basic" else [256, 512, 1024, 2048]
    return transformers.ResNetForImageClassification(transformers.ResNetConfig(num_labels=1000, layer_type=kind, depths=depths, hidden_sizes=widths))


def regnet(depths, widths, group):
    import transformers

    return transformers.RegNetForImageClassification(
        transformers.RegNetConfig(num_labels=1000, layer_type="y", depths=depths, hidden_sizes=widths, groups_width=group)
    )


def mobilenet_v2():
    import transformers

    return transformers.MobileNetV2ForImageClassification(transformers.MobileNetV2Config(num_labels=1000))


EFFICIENTNET = {  # width, depth, size of the picture, channels of the head
    "efficientnet_b0": (1.0, 1.0, 224, 1280),
    "efficientnet_b1": (1.0, 1.1, 240, 1280),
    "efficientnet_b2": (1.1, 1.2, 260, 1408),
    "efficientnet_b3": (1.2, 1.4, 300, 1536),
    "efficientnet_b4": (1.4, 1.8, 380, 1792),
}


def efficientnet(name, size=None):
    """For a size it pads as TensorFlow does there: the published configurations list the blocks that see an odd one."""
    import math

    import transformers

    width, depth, own, head = EFFICIENTNET[name]
    odd, block, side = [], 0, math.ceil((size or own) / 2)
    for stride, blocks in zip((1, 2, 2, 2, 1, 2, 1), (1, 2, 2, 3, 3, 4, 1)):
        for i in range(math.ceil(blocks * depth)):
            if i == 0 and stride == 2:
                odd += [block] if side % 2 else []
                side = math.ceil(side / 2)
            block += 1
    return transformers.EfficientNetForImageClassification(
        transformers.EfficientNetConfig(
            num_labels=1000, width_coefficient=width, depth_coefficient=depth, image_size=own, hidden_dim=head, depthwise_padding=odd
        )
    )


TRANSFORMERS = {
    "resnet18": lambda: resnet([2, 2, 2, 2], "basic"),
    "resnet34": lambda: resnet([3, 4, 6, 3], "basic"),
    "resnet50": lambda: resnet([3, 4, 6, 3], "bottleneck"),
    "resnet101": lambda: resnet([3, 4, 23, 3], "bottleneck"),
    "resnet152": lambda: resnet([3, 8, 36, 3], "bottleneck"),
    "regnet_y_400mf": lambda: regnet([1, 3, 6, 6], [48, 104, 208, 440], 8),
    "regnet_y_800mf": lambda: regnet([1, 3, 8, 2], [64, 144, 320, 784], 16),
    "regnet_y_1_6gf": lambda: regnet([2, 6, 17, 2], [48, 120, 336, 888], 24),
    "regnet_y_3_2gf": lambda: regnet([2, 5, 13, 1], [72, 216, 576, 1512], 24),
    "regnet_y_8gf": lambda: regnet([2, 4, 10, 1], [224, 448, 896, 2016], 56),
    "mobilenet_v2": mobilenet_v2,
    "convnext_tiny": lambda: convnext([3, 3, 9, 3], [96, 192, 384, 768]),
    "convnext_small": lambda: convnext([3, 3, 27, 3], [96, 192, 384, 768]),
    "convnext_base": lambda: convnext([3, 3, 27, 3], [128, 256, 512, 1024]),
    "vit_tiny_patch16_224": lambda: vit(hidden_size=192, num_attention_heads=3, intermediate_size=768),
    "vit_small_patch16_224": lambda: vit(hidden_size=384, num_attention_heads=6, intermediate_size=1536),
    "vit_base_patch16_224": lambda: vit(),
    "vit_b_16": lambda: vit(),
    "deit_tiny_patch16_224": lambda: vit(hidden_size=192, num_attention_heads=3, intermediate_size=768),
    "deit_small_patch16_224": lambda: vit(hidden_size=384, num_attention_heads=6, intermediate_size=1536),
    "deit_base_patch16_224": lambda: vit(),
    "swin_t": lambda: swin([2, 2, 6, 2]),
    "swin_s": lambda: swin([2, 2, 18, 2]),
    **{name: (lambda name=name: efficientnet(name)) for name in EFFICIENTNET},
}

FIXED_SIZE = ("vit", "deit", "swin")  # of the picture, in timm and transformers


def twins(backbone):
    """(library, architecture) of every twin of this backbone."""
    found = []
    if backbone in TORCHVISION:
        found.append(("torchvision", TORCHVISION[backbone]))
    if backbone in TIMM:
        found.append(("timm", TIMM[backbone]))
    found += [("timm", architecture) for architecture in TIMM_TWOFOLD.get(backbone, ())]
    if backbone in TRANSFORMERS:
        found.append(("transformers", "transformers"))
    return found


def build(backbone, library, architecture, size=None):
    """The model with parameters of any value, for inference; its forward gives logits."""
    if library == "torchvision":
        import torchvision

        return torchvision.models.get_model(architecture, weights=None).eval()
    if library == "timm":
        import timm

        return timm.create_model(architecture, pretrained=False).eval()
    if backbone in EFFICIENTNET:
        return efficientnet(backbone, size).eval()
    return TRANSFORMERS[backbone]().eval()


def logits_of(model, pictures):
    out = model(pictures)
    return out if hasattr(out, "shape") else out.logits


def published_state(model, folder):
    """Names, shapes and values as the library publishes them: transformers' files are not called as its modules are."""
    import safetensors.torch

    if not hasattr(model, "save_pretrained"):
        return dict(model.state_dict())
    import transformers

    transformers.utils.logging.disable_progress_bar()
    model.save_pretrained(folder)
    return safetensors.torch.load_file(folder / "model.safetensors")


LARGEST = 20.0  # logit; beyond it a network amplifies the rounding of its first layers


def filled(backbone, library, architecture, gain, size, folder):
    """The twin filled by the formula: model, tensors as its library publishes them (also a file in the folder), its logits and
    the gain, which is lowered until the logits are calm."""
    import safetensors.torch
    from reference_logits import fill, pictures

    model = build(backbone, library, architecture, size)
    shapes = published_state(model, folder)
    while True:
        state = {name: fill(name, tensor, gain).contiguous() for name, tensor in shapes.items()}
        safetensors.torch.save_file(state, folder / "model.safetensors", metadata={"format": "pt"})
        if library == "transformers":
            model, found = type(model).from_pretrained(folder, output_loading_info=True)
            assert not found["missing_keys"] and not found["unexpected_keys"], found
            model.eval()
        else:
            model.load_state_dict(state, strict=True)
        logits = logits_of(model, pictures(size))
        if float(logits.abs().max()) < LARGEST:
            return model, state, logits, gain
        gain -= 1
