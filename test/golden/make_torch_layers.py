# Golden numbers of layers: activations with their derivatives, and layers with parameters and state over several training
# steps and in evaluation, from PyTorch in double precision, written to torch-layers.json beside this file. Run it by hand
# where python3-torch is installed.
import json
import os

import torch
import torch.nn.functional as F
from torch import nn

torch.set_default_dtype(torch.float64)
torch.manual_seed(7)

GRID = [-1e4, -100.0, -20.0, -6.5, -3.0, -2.9, -2.0, -1.0, -0.7, -0.3, -1e-3, -1e-8, 1e-8, 1e-3, 0.2, 0.5, 0.93, 1.0, 1.5, 2.9, 3.0, 4.0, 6.0, 25.0, 100.0, 1e4]
ACTIVATIONS = {
    'linear': lambda x: x * 1, 'sigmoid': torch.sigmoid, 'tanh': torch.tanh, 'relu': F.relu, 'relu6': F.relu6, 'leakyRelu': F.leaky_relu, 'elu': F.elu,
    'selu': F.selu, 'gelu': F.gelu, 'geluTanh': lambda x: F.gelu(x, approximate='tanh'), 'silu': F.silu, 'mish': F.mish, 
    # From a threshold on, 20 by default, PyTorch takes z for softplus(z); beyond 40 the two are the same double.
    'softplus': lambda x: F.softplus(x, 1, 40),
   
    'softsign': F.softsign, 'logSigmoid': F.logsigmoid, 'hardClip': lambda x: F.hardtanh(x, 0.0, 1.0), 'hardTanh': F.hardtanh, 
    # F.hardsigmoid differentiates with 1/6 in single precision.
    'hardSigmoid': lambda x: F.hardtanh(x / 6 + 0.5, 0.0, 1.0), 'hardSwish': F.hardswish, 'abs': torch.abs, 'sin': torch.sin, 'cos': torch.cos, 'exp': torch.exp,
}


def activation(name, function):
    # e^z must not overflow; at 3 F.hardswish differentiates in one way or another with the length of the tensor.
    grid = [value for value in GRID if not (name == 'exp' and value > 80 or name == 'hardSwish' and value == 3)]
    x = torch.tensor(grid, requires_grad=True)
    y = function(x)
    y.sum().backward()
    return {'x': grid, 'y': y.tolist(), 'dx': x.grad.tolist()}


def over_features(function):
    x = torch.tensor([[0.3, -1.2, 2.5, 0.0], [1e4, 1e4 - 1, 0.0, -1e4]], requires_grad=True)
    upstream = torch.randn(2, 4)
    y = function(x, 1)
    y.backward(upstream)
    return {'x': x.tolist(), 'upstream': upstream.tolist(), 'y': y.tolist(), 'dx': x.grad.tolist()}


def run(module, x, upstream):
    """One pass forward and back: output, gradient of the input and of every parameter."""
    x = x.clone().requires_grad_(True)
    module.zero_grad()
    y = module(x)
    y.backward(upstream)
    return {'y': y.tolist(), 'dx': x.grad.tolist(), 'gradients': {name: p.grad.tolist() for name, p in module.named_parameters() if p.grad is not None}}


def layer(module, rows, inputs, outputs, steps=3):
    with torch.no_grad():
        for name, p in module.named_parameters():
            p.add_(0.3 * torch.randn_like(p))
    parameters = {name: p.flatten().tolist() for name, p in module.named_parameters()}
    states = {name: b.tolist() for name, b in module.named_buffers()}
    made = []
    for step in range(steps):
        x, upstream = torch.randn(rows, inputs) * (1 + step) + 0.7 * step, torch.randn(rows, outputs)
        module.train()
        training = {'x': x.tolist(), 'upstream': upstream.tolist(), **run(module, x, upstream)}
        training['states'] = {name: b.tolist() for name, b in module.named_buffers()}
        module.eval()
        made.append({**training, 'evaluation': run(module, x, upstream)})
    return {'parameters': parameters, 'states': states, 'steps': made}


golden = {
    'torch': torch.__version__,
    'activations': {name: activation(name, function) for name, function in ACTIVATIONS.items()},
    'softmax': over_features(F.softmax),
    'layers': {
        'batchNorm': layer(nn.BatchNorm1d(4), 5, 4, 4),
        'batchNorm momentum epsilon': layer(nn.BatchNorm1d(3, momentum=0.3, eps=1e-2), 7, 3, 3),
        'batchNorm not affine': layer(nn.BatchNorm1d(4, affine=False), 5, 4, 4, 1),
        'batchNorm untracked': layer(nn.BatchNorm1d(4, track_running_stats=False), 5, 4, 4, 1),
        'layerNorm': layer(nn.LayerNorm(6), 5, 6, 6, 1),
        'layerNorm epsilon': layer(nn.LayerNorm(4, eps=0.1, elementwise_affine=False), 3, 4, 4, 1),
        'prelu': layer(nn.PReLU(), 5, 4, 4, 1),
        'prelu perUnit': layer(nn.PReLU(4), 5, 4, 4, 1),
        'dense': layer(nn.Linear(3, 4), 5, 3, 4, 1),
        'weightNorm': layer(nn.utils.weight_norm(nn.Linear(3, 4)), 5, 3, 4, 1),
        'spectralNorm': layer(nn.utils.spectral_norm(nn.Linear(3, 4)), 5, 3, 4),
    },
    'logSoftmax': over_features(F.log_softmax),
}
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'torch-layers.json'), 'w') as file:
    json.dump(golden, file, separators=(',', ':'))
    file.write('\n')
