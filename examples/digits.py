"""Train a network on scikit-learn's digits and save what ncheck reads of it."""

import numpy as np
import torch
from sklearn.datasets import load_digits
from torch import nn


def entering(layer, network, X):
    """The features (N, width) that enter a layer while a network reads X."""
    seen = []
    hook = layer.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0].detach()))
    with torch.no_grad():
        network(X)
    hook.remove()
    return torch.cat(seen)


torch.manual_seed(0)
torch.set_default_dtype(torch.float64)

images = load_digits()
chosen = np.concatenate([np.flatnonzero(images.target == k)[:60] for k in range(10)])
labels = torch.tensor(images.target[chosen])
X = torch.tensor((images.data - images.data.mean(0))[chosen] / 160)
Y = nn.functional.one_hot(labels).double()

body = nn.Sequential(
    nn.Linear(64, 64, bias=False), nn.ReLU(), nn.Linear(64, 64, bias=False), nn.ReLU()
)
head = nn.Sequential(nn.Linear(64, 64, bias=False), nn.Linear(64, 10, bias=False))
network = nn.Sequential(body, head)
for matrix in network.parameters():
    nn.init.kaiming_normal_(matrix)

lam, steps = 0.3, 500
sgd = torch.optim.SGD(network.parameters(), lr=8e-3, momentum=0.9, weight_decay=lam)
schedule = torch.optim.lr_scheduler.OneCycleLR(sgd, max_lr=8e-3, total_steps=steps)
for _ in range(steps):
    loss = (network(X) - Y).square().sum() / 2
    sgd.zero_grad()
    loss.backward()
    sgd.step()
    schedule.step()

np.savez(
    "network.npz",
    Z=entering(head, network, X).T,
    labels=labels,
    lam=lam,
    **{f"head_{i}": layer.weight.detach() for i, layer in enumerate(head)},
)
