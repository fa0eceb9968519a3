#!/usr/bin/env python3
# Golden numbers of losses from PyTorch in double precision, written to torch-losses.json beside this file: the loss of every
# example, the mean as PyTorch's own module takes it, and the gradient of that mean. Run it by hand where python3-torch is
# installed. All numbers given are floats of single precision too, so that all backends start from the same.
import json
import math
import os
import random

import torch
import torch.nn.functional as F
from torch import nn
from torch.distributions import Categorical, Independent, MixtureSameFamily, Normal

torch.set_default_dtype(torch.float64)
ROWS, K, WIDTH, COMPONENTS = 7, 4, 2, 3
EXTREMES = [[1e4, -1e4, 0.0, 0.0], [-1e4, 1e4, 1e4, -1e4], [0.0, 0.0, 0.0, 0.0], [30.0, -30.0, 1.0, -1.0], [-0.5, 2.5, 2.0 ** -20, 8.0]]


def binary(value):
    return round(value * 1024) / 1024


def matrix(rows, columns, seed, spread=1.0):
    generator = random.Random(seed)
    return [[binary(spread * generator.gauss(0, 1)) for _ in range(columns)] for _ in range(rows)]


def shares(rows, columns, seed):
    # Probabilities in 64ths, some of them 0, some rows all in one class.
    generator, result = random.Random(seed), []
    for row in range(rows):
        cuts = sorted(generator.randrange(65) for _ in range(columns - 1)) if row % 4 else [64] * (columns - 1)
        result.append([(b - a) / 64 for a, b in zip([0] + cuts, cuts + [64])])
    return result


def wholes(rows, columns, seed, below):
    generator = random.Random(seed)
    return [[float(generator.randrange(below)) for _ in range(columns)] for _ in range(rows)]


LOGITS = EXTREMES + matrix(ROWS, K, 1, 2.0)
COUNT = len(LOGITS)
NUMBERS, LABELS, SHARES, BITS, COUNTS = matrix(COUNT, K, 2), wholes(COUNT, 1, 3, K), shares(COUNT, K, 4), wholes(COUNT, K, 5, 2), wholes(COUNT, K, 6, 6)
SIGNS = [[2 * bit - 1 for bit in row] for row in BITS]
RATES = [[0.0, 2.0 ** -30, 1.0, 2.0]] + [[abs(v) for v in row] for row in matrix(COUNT - 1, K, 7)]
# Errors of all sizes, for losses that change with it.
NEAR = [[t + d for t, d in zip(row, [2.0 ** -12, -2.0 ** -8, 0.25, -0.5])] for row in NUMBERS[:3]] + [[t + d for t, d in zip(row, [-1e4, 1e4, 25.0, -15.0])] for row in NUMBERS[3:5]] + LOGITS[5:]
WEIGHTS, POSITIVE = [0.5, 2.0, 0.0, 1.25], [3.5, 1.0, 0.25, 2.0]
GAUSSIAN = [row + scales for row, scales in zip(matrix(COUNT, WIDTH, 8), [[-10.0, 10.0], [40.0, 0.0]] + matrix(COUNT - 2, WIDTH, 9))]
PAIRS = matrix(COUNT, WIDTH, 10)
MIXTURE_LOGITS = [[1e4, -1e4, 0.0], [-1e4, -1e4, 0.0], [0.0, 0.0, 0.0]] + matrix(COUNT - 3, COMPONENTS, 11)
MIXTURE_MEANS = [[8.0 * v for v in row] if i == 4 else row for i, row in enumerate(matrix(COUNT, COMPONENTS * WIDTH, 12))]
DIAGONAL = [a + b + c for a, b, c in zip(MIXTURE_LOGITS, MIXTURE_MEANS, matrix(COUNT, COMPONENTS * WIDTH, 13, 0.5))]
SPHERICAL = [a + b + c for a, b, c in zip(MIXTURE_LOGITS, MIXTURE_MEANS, matrix(COUNT, COMPONENTS, 14, 0.5))]


def tensor(values):
    return torch.tensor(values, dtype=torch.float64)


def mixture(spherical):
    def density(y):
        c, k = COMPONENTS, WIDTH
        means, scales = y[:, c:c + c * k].reshape(-1, c, k), y[:, c + c * k:].exp().reshape(-1, c, 1 if spherical else k)
        return MixtureSameFamily(Categorical(logits=y[:, :c]), Independent(Normal(means, scales.expand_as(means)), 1))
    return lambda y, t: -density(y).log_prob(t).mean()


def labels(t):
    return t[:, 0].long()


def smoothed(t, epsilon):
    return t * (1 - epsilon) + epsilon / 2


def cross_entropy(options, sparse):
    weight = tensor(options['classWeights']) if 'classWeights' in options else None
    module = nn.CrossEntropyLoss(weight=weight, label_smoothing=options.get('labelSmoothing', 0.0))
    sums = nn.CrossEntropyLoss(weight=weight, label_smoothing=options.get('labelSmoothing', 0.0), reduction='sum')
    read = labels if sparse else lambda t: t
    # The mean over one example alone would be divided by its weight.
    return lambda z, t: module(z, read(t)), lambda z, t: sums(z, read(t))


def gaussian(full):
    module = nn.GaussianNLLLoss(full=full)
    return lambda y, t: module(y[:, :WIDTH], t, y[:, WIDTH:].exp())


def log_cosh(y, t):
    # cosh x = 1 + 2 sinh²(x/2), and |x| − log 2 where e^(−2|x|) is nothing.
    d = (y - t).abs()
    near = torch.log1p(2 * torch.sinh(d.clamp(max=20) / 2) ** 2)
    return (near + (d - d.clamp(max=20))).mean()


# Loss, options, output, targets, PyTorch's mean, and where it is not the mean of the examples one by one, the loss of an example.
CASES = [
    ('meanSquaredError', {}, NEAR, NUMBERS, nn.MSELoss()),
    ('meanSquaredError', {'half': True}, NEAR, NUMBERS, lambda y, t: 0.5 * F.mse_loss(y, t)),
    ('meanAbsoluteError', {}, NEAR, NUMBERS, nn.L1Loss()),
    *[('huber', {'delta': delta} if delta != 1 else {}, NEAR, NUMBERS, nn.HuberLoss(delta=delta)) for delta in (1.0, 0.25, 3.0)],
    ('logCosh', {}, NEAR, NUMBERS, log_cosh),
    ('poisson', {}, matrix(COUNT, K, 15), COUNTS, nn.PoissonNLLLoss()),
    ('poisson', {'full': True}, matrix(COUNT, K, 15), COUNTS, nn.PoissonNLLLoss(full=True)),
    ('poisson', {'logInput': False}, RATES, COUNTS, nn.PoissonNLLLoss(log_input=False)),
    ('poisson', {'logInput': False, 'full': True, 'epsilon': 2.0 ** -10}, RATES, COUNTS, nn.PoissonNLLLoss(log_input=False, full=True, eps=2.0 ** -10)),
    ('binaryCrossEntropy', {}, LOGITS, SHARES, nn.BCEWithLogitsLoss()),
    ('binaryCrossEntropy', {}, LOGITS, BITS, nn.BCEWithLogitsLoss()),
    ('binaryCrossEntropy', {'labelSmoothing': 0.25}, LOGITS, BITS, lambda z, t: F.binary_cross_entropy_with_logits(z, smoothed(t, 0.25))),
    ('binaryCrossEntropy', {'positiveWeight': 3.5}, LOGITS, BITS, nn.BCEWithLogitsLoss(pos_weight=tensor(3.5))),
    ('binaryCrossEntropy', {'positiveWeight': POSITIVE}, LOGITS, SHARES, nn.BCEWithLogitsLoss(pos_weight=tensor(POSITIVE))),
    ('binaryCrossEntropy', {'positiveWeight': POSITIVE, 'labelSmoothing': 0.125}, LOGITS, BITS,
     lambda z, t: F.binary_cross_entropy_with_logits(z, smoothed(t, 0.125), pos_weight=tensor(POSITIVE))),
    *[('crossEntropy', options, LOGITS, targets, *cross_entropy(options, targets is LABELS)) for targets in (LABELS, SHARES)
      for options in ({}, {'labelSmoothing': 0.125}, {'classWeights': WEIGHTS}, {'labelSmoothing': 0.25, 'classWeights': WEIGHTS})],
    ('kullbackLeibler', {}, LOGITS, SHARES, lambda z, t: nn.KLDivLoss(reduction='batchmean')(F.log_softmax(z, 1), t)),
    # PyTorch has no hinge of its own with the mean over outputs: the formula.
    ('hinge', {}, LOGITS, SIGNS, lambda y, t: F.relu(1 - t * y).mean()),
    ('hinge', {}, LOGITS, BITS, lambda y, t: F.relu(1 - (2 * t - 1) * y).mean()),
    ('squaredHinge', {}, LOGITS, SIGNS, lambda y, t: (F.relu(1 - t * y) ** 2).mean()),
    ('multiMargin', {}, LOGITS, LABELS, lambda y, t: nn.MultiMarginLoss()(y, labels(t))),
    ('multiMargin', {'margin': 0.5, 'power': 2}, LOGITS, LABELS, lambda y, t: nn.MultiMarginLoss(p=2, margin=0.5)(y, labels(t))),
    ('gaussianNegativeLogLikelihood', {}, GAUSSIAN, PAIRS, gaussian(False)),
    ('gaussianNegativeLogLikelihood', {'full': True}, GAUSSIAN, PAIRS, gaussian(True)),
    ('mixtureDensity', {'components': COMPONENTS}, DIAGONAL, PAIRS, mixture(False)),
    ('mixtureDensity', {'components': COMPONENTS, 'covariance': 'spherical'}, SPHERICAL, PAIRS, mixture(True)),
]


def numbers(loss, options, output, targets, mean_of, example_of=None):
    y, t = tensor(output).requires_grad_(True), tensor(targets)
    mean = mean_of(y, t)
    mean.backward()
    values = [(example_of or mean_of)(y[i:i + 1], t[i:i + 1]).item() for i in range(COUNT)]
    assert all(map(math.isfinite, values)) and bool(torch.isfinite(y.grad).all()), loss
    return {'loss': loss, 'options': options, 'output': output, 'targets': targets, 'values': values, 'mean': mean.item(), 'gradient': y.grad.tolist()}


golden = {'torch': torch.__version__, 'cases': [numbers(*case) for case in CASES]}
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'torch-losses.json'), 'w') as file:
    json.dump(golden, file, separators=(',', ':'))
    file.write('\n')
