#!/usr/bin/env python3
"""Prints the numbers that tst_recipe.cpp holds Thaw's schedules, losses and optimizers to (torch 2.11.0)."""
import torch
from torch.optim import SGD, Adam, AdamW
from torch.optim.lr_scheduler import CosineAnnealingLR, OneCycleLR


def rates(make, steps):
    optimizer = SGD([torch.zeros(1)], lr=0.1)
    schedule = make(optimizer)
    found = []
    for _ in range(steps):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return found


def steps(make):
    parameter = torch.nn.Parameter(torch.tensor([0.5, -1.0, 2.0]))
    optimizer = make([parameter])
    for scale in (1.0, -2.0, 3.0):
        parameter.grad = torch.tensor([1.0, 2.0, 3.0]) * scale
        optimizer.step()
    return parameter.detach().tolist()


logits = torch.tensor([[2.0, -1.0, 0.5], [0.1, 0.2, 0.3]])
labels = torch.tensor([0, 2])
print("cosine", rates(lambda o: CosineAnnealingLR(o, 8), 8))
print("one-cycle", rates(lambda o: OneCycleLR(o, 0.1, total_steps=10), 10))
print("loss", torch.nn.functional.cross_entropy(logits, labels).item())
print("smoothed", torch.nn.functional.cross_entropy(logits, labels, label_smoothing=0.1).item())
print("adamw", steps(lambda p: AdamW(p, lr=0.1, weight_decay=0.05)))
print("adam", steps(lambda p: Adam(p, lr=0.1, weight_decay=0.05)))
print("adam, settings", steps(lambda p: Adam(p, lr=0.1, weight_decay=0.05, betas=(0.8, 0.95), eps=1e-3)))
print("sgd", steps(lambda p: SGD(p, lr=0.1, momentum=0.9, weight_decay=0.05)))
