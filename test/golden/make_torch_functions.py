#!/usr/bin/env python3
# Golden numbers of elementwise functions and composed activations with their derivatives, from PyTorch in double precision,
# written to torch-functions.json beside this file. Run it by hand where python3-torch is installed.
import json
import os

import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)
GRID = [-1e4, -100.0, -20.0, -8.0, -5.0, -3.0, -2.0, -1.5, -1.0, -0.7, -0.3, -1e-3, -1e-8, 0.0, 1e-8, 1e-3, 0.2, 0.46875, 0.5, 0.7, 0.93, 1.0, 1.5, 2.0, 2.5,
        4.0, 5.0, 6.0, 8.0, 25.0, 100.0, 1e4]
FUNCTIONS = {
    'erf': (torch.erf, GRID),
    'log1p': (torch.log1p, [-0.999, -0.7, -0.3, -1e-3, -1e-8, 0.0, 1e-8, 1e-3, 0.2, 1.0, 2.5, 25.0, 1e4]),
    'expm1': (torch.expm1, [-1e4, -100.0, -20.0, -1.5, -0.3, -1e-3, -1e-8, 0.0, 1e-8, 1e-3, 0.2, 0.7, 1.0, 2.5, 6.0, 25.0, 80.0]),
    'gelu': (F.gelu, GRID),
    'gelu tanh': (lambda x: F.gelu(x, approximate='tanh'), GRID),
    'silu': (F.silu, GRID),
    'mish': (F.mish, GRID),
    'selu': (F.selu, GRID),
    'softsign': (F.softsign, GRID),
    'logSigmoid': (F.logsigmoid, GRID),
    'clip': (lambda x: torch.clamp(x, -1.5, 2.5), GRID),
    'hardTanh': (F.hardtanh, GRID),
    'hardTanh -1.5 2.5': (lambda x: F.hardtanh(x, -1.5, 2.5), GRID),
    'hardClip': (lambda x: F.hardtanh(x, 0.0, 1.0), GRID),
}


def numbers(function, grid):
    x = torch.tensor(grid, requires_grad=True)
    y = function(x)
    y.sum().backward()
    return {'x': grid, 'y': y.tolist(), 'dx': x.grad.tolist()}


golden = {'torch': torch.__version__, 'functions': {name: numbers(*case) for name, case in FUNCTIONS.items()}}
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'torch-functions.json'), 'w') as file:
    json.dump(golden, file, separators=(',', ':'))
    file.write('\n')
