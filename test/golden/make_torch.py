#!/usr/bin/env python3
# Golden numbers from PyTorch in double precision, written to torch.json beside this file: optimizers on a small network,
# losses with their gradients, activations with theirs. Run it by hand where python3-torch is installed.
import json
import os
import random

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
ROWS, INPUTS, HIDDEN, OUTPUTS, BATCH, STEPS, KEPT = 22, 5, 4, 3, 8, 50, (1, 10, 50)


def numbers(count, seed):
    generator = random.Random(seed)
    return [round(generator.gauss(0, 1), 6) for _ in range(count)]


def matrix(rows, columns, seed):
    values = numbers(rows * columns, seed)
    return [values[i * columns:(i + 1) * columns] for i in range(rows)]


DATA = {
    'x': matrix(ROWS, INPUTS, 1),
    'labels': [[random.Random(100 + i).randrange(OUTPUTS)] for i in range(ROWS)],
    'numbers': matrix(ROWS, OUTPUTS, 2),
    'bits': [[random.Random(200 + i * OUTPUTS + j).randrange(2) for j in range(OUTPUTS)] for i in range(ROWS)],
}
WEIGHTS = {
    'dense1.weight': [[round(0.5 * v, 6) for v in row] for row in matrix(HIDDEN, INPUTS, 3)],
    'dense1.bias': [round(0.1 * v, 6) for v in numbers(HIDDEN, 4)],
    'dense2.weight': [[round(0.5 * v, 6) for v in row] for row in matrix(OUTPUTS, HIDDEN, 5)],
    'dense2.bias': [round(0.1 * v, 6) for v in numbers(OUTPUTS, 6)],
}
# Loss by our name: targets, activation of the output, PyTorch's function of the logits.
LOSSES = {
    'crossEntropy': ('labels', 'softmax', lambda z, t: F.cross_entropy(z, t[:, 0].long())),
    'meanSquaredError': ('numbers', 'linear', F.mse_loss),
    'binaryCrossEntropy': ('bits', 'sigmoid', F.binary_cross_entropy_with_logits),
}
# Optimizer with our options, and PyTorch's.
OPTIMIZERS = [
    ('sgd', {'learningRate': 0.1}, torch.optim.SGD, {'lr': 0.1}),
    ('sgd', {'learningRate': 0.1, 'weightDecay': 0.05}, torch.optim.SGD, {'lr': 0.1, 'weight_decay': 0.05}),
    ('sgd', {'learningRate': 0.05, 'momentum': 0.9}, torch.optim.SGD, {'lr': 0.05, 'momentum': 0.9}),
    ('sgd', {'learningRate': 0.1, 'momentum': 0.8, 'dampening': 0.3}, torch.optim.SGD, {'lr': 0.1, 'momentum': 0.8, 'dampening': 0.3}),
    ('sgd', {'learningRate': 0.05, 'momentum': 0.9, 'nesterov': True}, torch.optim.SGD, {'lr': 0.05, 'momentum': 0.9, 'nesterov': True}),
    ('sgd', {'learningRate': 0.05, 'momentum': 0.9, 'nesterov': True, 'weightDecay': 0.02}, torch.optim.SGD,
     {'lr': 0.05, 'momentum': 0.9, 'nesterov': True, 'weight_decay': 0.02}),
    ('adam', {}, torch.optim.Adam, {}),
    ('adam', {'learningRate': 0.02, 'beta1': 0.8, 'beta2': 0.95, 'epsilon': 1e-6}, torch.optim.Adam, {'lr': 0.02, 'betas': (0.8, 0.95), 'eps': 1e-6}),
    ('adam', {'learningRate': 0.02, 'weightDecay': 0.1}, torch.optim.Adam, {'lr': 0.02, 'weight_decay': 0.1}),
    ('adamw', {}, torch.optim.AdamW, {}),
    ('adamw', {'learningRate': 0.02, 'weightDecay': 0.2}, torch.optim.AdamW, {'lr': 0.02, 'weight_decay': 0.2}),
    ('adamw', {'learningRate': 0.02, 'weightDecay': 0}, torch.optim.AdamW, {'lr': 0.02, 'weight_decay': 0}),
]


def train(loss_name, make, options):
    targets_name, _, loss_of = LOSSES[loss_name]
    weights = {name: torch.tensor(values, requires_grad=True) for name, values in WEIGHTS.items()}
    optimizer = make(list(weights.values()), **options)
    x, targets = torch.tensor(DATA['x']), torch.tensor(DATA[targets_name], dtype=torch.float64)
    losses, kept = [], {}
    for step in range(1, STEPS + 1):
        # The batches of 8, 8 and 6 rows come round in order.
        first = (step - 1) % 3 * BATCH
        rows = slice(first, min(first + BATCH, ROWS))
        hidden = torch.tanh(F.linear(x[rows], weights['dense1.weight'], weights['dense1.bias']))
        loss = loss_of(F.linear(hidden, weights['dense2.weight'], weights['dense2.bias']), targets[rows])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        if step in KEPT:
            kept[step] = {name: tensor.detach().flatten().tolist() for name, tensor in weights.items()}
    return {'losses': losses, 'weights': kept}


def losses():
    extreme = [[1e4, -1e4, 0.0], [-1e4, 1e4, 1e4], [0.0, 0.0, 0.0], [30.0, -30.0, 1.0], [-0.5, 2.5, 1e-8]]
    z = torch.tensor(extreme + matrix(4, OUTPUTS, 7))
    rows = z.shape[0]
    shares = torch.softmax(torch.tensor(matrix(rows, OUTPUTS, 8)), 1)
    labels = torch.tensor([[i % OUTPUTS] for i in range(rows)], dtype=torch.float64)
    cases = [
        ('crossEntropy', labels, lambda a: F.cross_entropy(a, labels[:, 0].long(), reduction='none')),
        ('crossEntropy', shares, lambda a: F.cross_entropy(a, shares, reduction='none')),
        ('meanSquaredError', shares, lambda a: F.mse_loss(a, shares, reduction='none').mean(1)),
        ('binaryCrossEntropy', shares, lambda a: F.binary_cross_entropy_with_logits(a, shares, reduction='none').mean(1)),
    ]
    result = []
    for name, targets, loss_of in cases:
        a = z.clone().requires_grad_(True)
        value = loss_of(a)
        value.sum().backward()
        result.append({'loss': name, 'logits': z.tolist(), 'targets': targets.tolist(), 'values': value.tolist(), 'gradients': a.grad.tolist()})
    return result


def activations():
    grid = [-1e4, -100.0, -20.0, -5.0, -1.5, -1.0, -0.3, -1e-3, 1e-3, 0.2, 0.7, 1.0, 2.5, 6.0, 25.0, 100.0, 1e4]
    functions = {
        'linear': lambda x: x * 1, 'sigmoid': torch.sigmoid, 'tanh': torch.tanh, 'relu': F.relu, 'leakyRelu': F.leaky_relu, 'elu': F.elu,
        # PyTorch's softplus is linear beyond 20: on this grid less than 1e-11 from the function itself.
        'softplus': F.softplus, 'softmax': lambda x: F.softmax(x, 1),
    }
    result = {}
    for name, function in functions.items():
        # Softmax over lines of the grid as features; the others one value a line.
        x = torch.tensor([grid[i:i + 3] for i in range(len(grid) - 2)] if name == 'softmax' else [[v] for v in grid], requires_grad=True)
        y = function(x)
        weights = torch.tensor([[1.0, -0.5, 2.0]]) if name == 'softmax' else torch.ones(1, 1)
        (y * weights).sum().backward()
        result[name] = {'x': x.tolist(), 'weights': weights[0].tolist(), 'y': y.tolist(), 'dx': x.grad.tolist()}
    return result


runs = [{'loss': loss, 'targets': LOSSES[loss][0], 'activation': LOSSES[loss][1], 'optimizer': name, 'options': ours, **train(loss, make, options)}
        for loss in LOSSES for name, ours, make, options in OPTIMIZERS]
golden = {'torch': torch.__version__, 'batch': BATCH, 'data': DATA, 'start': WEIGHTS, 'runs': runs, 'losses': losses(), 'activations': activations()}
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'torch.json'), 'w') as file:
    json.dump(golden, file, separators=(',', ':'))
    file.write('\n')
