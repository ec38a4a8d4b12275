"""Folders of pictures as people have them: names, splits, formats, classes without pictures, a leftover of one."""

import os
import unicodedata

from harness import expect, has, newest, notFinite, shortened

SMALL_LAST_BATCH = ("resnet18", "tf_efficientnet_lite0", "mobilenet_v2", "efficientnet_b0", "densenet121", "regnet_y_400mf", "mobilenet_v3_small")


def trainedPictures(case, data, folder="counted"):
    """Training pictures by the steps of an epoch of batches of one."""
    case.succeeded(case.train(case.experiment(data, batch_size=1), folder=folder), "train with batches of one")
    return case.summary(folder)["steps"]


def leftoverOfOne(case):
    experiment = case.path("leftover-of-one", "experiment.toml")
    for backbone in SMALL_LAST_BATCH:
        answer = case.train(experiment, f"model.backbone={backbone}", folder=backbone)
        case.succeeded(answer, backbone)
        expect(case.summary(backbone)["epochs"] == 2, f"{backbone} trained {case.summary(backbone)['epochs']} epochs")
        wrong = [name for name in notFinite(newest(case.inWork(backbone))) if "running" in name]
        expect(not wrong, f"{backbone}: {wrong[:1]} is not finite")
    case.refused(case.train(experiment, "train.batch_size=1", folder="one"), "batch size 1")


def longClassNames(case):
    data = case.path("long-class-names")
    names = sorted(os.listdir(os.path.join(data, "train")))
    case.succeeded(case.train(case.experiment(data)), "train")
    case.succeeded(case.resume("run", "train.epochs=2"), "resume")
    summary = case.summary()
    expect(summary["epochs"] == 2, f"{summary['epochs']} epochs instead of 2")
    for name in names:
        value = summary["last"].get("validation/accuracy/" + name)
        expect(value is not None, f"no accuracy is recorded under “{name}”")
        expect("validation/accuracy/" + name in case.run("runs", "show", case.inWork("run")).out, f"runs show does not have “{name}”")
    expect(case.classesOf()[0] == names, "evaluate names other classes")


def splits(case, name, classes, training, validation):
    data = case.path("split-folders-as-classes", name)
    answer = case.train(case.experiment(data))
    if answer.code == 2:
        folders = [folder for folder in os.listdir(data) if os.path.isdir(os.path.join(data, folder))]
        expect(any(has(answer.words, folder) for folder in folders), f"refused without the layout: {shortened(answer.words)}")
        return
    case.succeeded(answer, "train")
    found, samples = case.classesOf()
    expect(found == classes, f"the classes are {', '.join(found)}")
    expect(samples == validation, f"{samples} pictures are validated instead of {validation}")
    trained = trainedPictures(case, data)
    expect(trained == training, f"{trained} pictures are trained instead of {training}")


def nestedSplits(case):
    splits(case, "nested", ["blue", "green", "red"], 18, 9)


def namedSplits(case):
    splits(case, "named", ["green", "red"], 12, 6)


def otherFormats(case):
    data = case.path("class-in-other-formats")
    answer = case.train(case.experiment(data))
    said = answer.beforeTraining
    if answer.code == 2:
        expect(has(said, "blue", "18"), f"refused without the class and the count: {shortened(said)}")
        return
    case.succeeded(answer, "train")
    classes, samples = case.classesOf()
    if "blue" in classes:
        total = trainedPictures(case, data) + samples
        expect(classes == ["blue", "green", "red", "yellow"] and total == 36, f"{total} pictures in the classes {', '.join(classes)}")
    else:
        expect(has(said, "blue", "18"), f"three classes without a word about blue and 18 files: {shortened(said)}")


def emptyClass(case):
    answer = case.train(case.experiment(case.path("empty-class")))
    expect(answer.code in (0, 2), f"train ended with {answer.code}: {shortened(answer.words)}")
    expect(has(answer.beforeTraining, "blue", "3"), f"nothing about blue and its three pictures: {shortened(answer.beforeTraining)}")


def expectNamesTold(said, what):
    expect("Red" in said and "blue " in said, f"{what}: the folders Red and “blue ” are not named: {shortened(said)}")
    expect(has(said, "8"), f"{what}: that 8 pictures are left out is not said: {shortened(said)}")
    expect("red" in said and "blue" in said, f"{what}: the nearest classes are not named")


def validationNamesDiffer(case):
    data = case.path("validation-names-differ")
    answer = case.train(case.experiment(data))
    if answer.code == 0 and case.classesOf() == (["blue", "green", "red"], 12):
        pass
    else:
        expect(answer.code in (0, 2), f"train ended with {answer.code}: {shortened(answer.words)}")
        expectNamesTold(answer.beforeTraining, "train")
    case.succeeded(case.train(case.experiment(os.path.join(data, "train")), folder="other"), "train on train alone")
    evaluated = case.run("evaluate", case.inWork("other"), "--data", os.path.join(data, "val"), "--json")
    if evaluated.code != 0 or evaluated.json()["samples"] != 12:
        expect(evaluated.code in (0, 2), f"evaluate ended with {evaluated.code}")
        expectNamesTold(evaluated.all, "evaluate")
    composed(case)


def composed(case):
    """Class folders that differ in Unicode composition only, as a copy from another system leaves them."""
    source = case.copied("validation-names-differ", "train")
    data = case.inWork("composed")
    for split, form in (("train", "NFC"), ("val", "NFD")):
        for name, colour in (("café", "red"), ("thé", "green")):
            folder = os.path.join(data, split, unicodedata.normalize(form, name))
            os.makedirs(folder)
            for picture in sorted(os.listdir(os.path.join(source, colour)))[:4]:
                os.link(os.path.join(source, colour, picture), os.path.join(folder, picture))
    answer = case.train(case.experiment(data), folder="composition")
    if answer.code == 0 and case.classesOf("composition")[1] == 8:
        return
    expect(answer.code in (0, 2), f"train ended with {answer.code}: {shortened(answer.words)}")
    expect("caf" in answer.beforeTraining and has(answer.beforeTraining, "8"), f"composition: {shortened(answer.beforeTraining)}")


def validationWithoutFolders(case):
    answer = case.train(case.experiment(case.path("validation-without-class-folders")))
    expect(answer.code in (0, 2), f"train ended with {answer.code}: {shortened(answer.words)}")
    said = answer.beforeTraining
    expect(has(said, "val"), f"nothing about val: {shortened(said)}")
    expect(has(said, "class folder") or has(said, "folders of classes") or has(said, "no folder"), f"not why: {shortened(said)}")
    if answer.code == 0:
        expect(has(said, "held back") or has(said, "hold back") or "%" in said, f"nothing about the held back share: {shortened(said)}")


CASES = {
    "leftover-of-one": leftoverOfOne,
    "long-class-names": longClassNames,
    "split-folders-nested": nestedSplits,
    "split-folders-named": namedSplits,
    "class-in-other-formats": otherFormats,
    "empty-class": emptyClass,
    "validation-names-differ": validationNamesDiffer,
    "validation-without-class-folders": validationWithoutFolders,
}
