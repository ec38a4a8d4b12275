#!/usr/bin/env python3
"""Writes golden_comparison.json: the figures of statsmodels, scikit-learn and a resampling bootstrap for made-up answers, which
tst_comparison.cpp holds Thaw's to."""
import json
import os
import warnings

import numpy as np
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

warnings.filterwarnings("ignore")
random = np.random.default_rng(7)

wilson = [[right, all_, *proportion_confint(right, all_, alpha=0.05, method="wilson")]
          for right, all_ in [(0, 1), (1, 1), (0, 25), (25, 25), (43, 51), (41, 51), (147, 153), (990, 1000), (1, 2), (40000, 50000)]]

tests = [[b, c, float(mcnemar([[50, b], [c, 5]], exact=True).pvalue)]
         for b, c in [(0, 0), (1, 0), (4, 3), (4, 2), (10, 2), (12, 12), (30, 11), (300, 240), (1000, 1000)]]


def resampled(both, first, second, neither, times=400_000):
    """Percentiles of the paired bootstrap's difference; drawing n pairs anew is a multinomial draw."""
    n = both + first + second + neither
    draws = random.multinomial(n, np.array([both, first, second, neither]) / n, size=times)
    return np.quantile((draws[:, 1] - draws[:, 2]) / n, [0.025, 0.975], method="inverted_cdf")


bootstrap = [[*counts, *map(float, resampled(*counts))]
             for counts in [(143, 4, 3, 3), (39, 4, 2, 6), (10, 0, 0, 2), (500, 60, 20, 14), (8000, 700, 500, 800), (0, 1, 0, 0)]]

p = [0.02, 0.69, 0.12, 1.0, 0.02, 0.004]
holm = [p, [float(x) for x in multipletests(p, method="holm")[1]]]

classes = 6
truth = random.integers(0, classes - 1, 300)  # the last class has no samples
noise = random.random(300)
predicted = np.where(noise < 0.7, truth, random.integers(0, classes, 300))
predicted[truth == 2] = 1  # never recognised
predicted[predicted == 2] = 0  # and never answered
predicted[predicted == 4] = np.where(random.random((predicted == 4).sum()) < 0.5, 4, 5)
precision, recall, f1, support = precision_recall_fscore_support(truth, predicted, labels=range(classes), zero_division=np.nan)


def numbers(values):
    return [None if np.isnan(x) else float(x) for x in values]


scores = {"counts": confusion_matrix(truth, predicted, labels=range(classes)).ravel().tolist(), "precision": numbers(precision),
          "recall": numbers(recall), "f1": numbers(f1), "support": support.tolist(), "macro_f1": float(np.nanmean(f1))}

file = os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden_comparison.json")
with open(file, "w", encoding="utf-8") as out:
    json.dump({"wilson": wilson, "mcnemar": tests, "bootstrap": bootstrap, "holm": holm, "scores": scores}, out)
    out.write("\n")
