#!/usr/bin/env python3
"""Writes golden_metrics.json: scikit-learn's figures for made-up answers of several labels, which tst_task.cpp holds Thaw's to."""
import json
import os
import random

import numpy as np
import torch
from sklearn.utils.class_weight import compute_class_weight
from sklearn.metrics import average_precision_score, f1_score, precision_recall_curve

LABELS, SAMPLES = 5, 60
random.seed(3)
logits = [[round(random.gauss(0, 2), 1) for _ in range(LABELS)] for _ in range(SAMPLES)]  # rounded: some are equal
truth = [[int(random.random() < 0.1 + 0.15 * label + 0.05 * logit) for label, logit in enumerate(row)] for row in logits]
for row in truth:
    row[LABELS - 1] = 0  # a label that nobody has
scores = torch.sigmoid(torch.tensor(logits)).numpy()
answers = np.array(truth)

precision, best = [], []
for label in range(LABELS - 1):
    precision.append(average_precision_score(answers[:, label], scores[:, label]))
    p, r, _ = precision_recall_curve(answers[:, label], scores[:, label])
    best.append(float(np.max(2 * p * r / np.maximum(p + r, 1e-12))))
at_half = [f1_score(answers[:, label], scores[:, label] >= 0.5) for label in range(LABELS - 1)]
loss = torch.nn.BCEWithLogitsLoss()(torch.tensor(logits), torch.tensor(truth, dtype=torch.float32)).item()
smooth = torch.tensor(truth, dtype=torch.float32) * 0.9 + 0.05
smoothed = torch.nn.BCEWithLogitsLoss()(torch.tensor(logits), smooth).item()

# Classes of unequal size: the weights, and the losses that torch makes of them.
sizes = [80, 15, 5]
balanced = compute_class_weight("balanced", classes=np.arange(3), y=np.repeat(np.arange(3), sizes))
effective = np.array([(1 - 0.999) / (1 - 0.999**size) for size in sizes])  # Cui et al. 2019, equation 4
effective = effective * sum(sizes) / sum(effective * sizes)  # of mean one over the samples
labels, three = torch.arange(SAMPLES) % 3, torch.tensor(logits)[:, :3]
weighed = torch.nn.functional.cross_entropy(three, labels, torch.tensor(balanced, dtype=torch.float32), reduction="sum", label_smoothing=0.1)
yes = [SAMPLES / n - 1 if n else 1.0 for n in answers.sum(0)]  # no-samples per yes-sample
weighed_yes = torch.nn.BCEWithLogitsLoss(pos_weight=torch.tensor(yes))(torch.tensor(logits), torch.tensor(truth, dtype=torch.float32))

file = os.path.join(os.path.dirname(os.path.abspath(__file__)), "golden_metrics.json")
with open(file, "w", encoding="utf-8") as out:
    json.dump({"logits": logits, "truth": truth, "average_precision": precision, "mean_average_precision": float(np.mean(precision)),
               "best_f1": best, "f1_at_half": at_half, "loss": loss, "loss_smoothed": smoothed,
               "balanced": balanced.tolist(), "effective": effective.tolist(), "loss_weighed": weighed.item(), "yes_weights": yes,
               "loss_weighed_yes": weighed_yes.item()}, out)
    out.write("\n")
