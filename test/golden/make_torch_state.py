"""Makes torch-state.json: state_dicts that were loaded into PyTorch with its outputs, and ones that PyTorch made.

/usr/bin/python3 test/golden/make_torch_state.py     (PyTorch 1.13; runs state-dicts.ts with npx tsx)
"""
import base64
import json
import os
import random
import struct
import subprocess

import numpy
import torch
from torch import nn

torch.manual_seed(11)
random.seed(11)
folder = os.path.dirname(os.path.abspath(__file__))
types = {'F32': numpy.float32, 'F64': numpy.float64, 'I64': numpy.int64}
activations = [
    nn.ReLU, nn.Sigmoid, nn.Tanh, nn.SELU, nn.GELU, nn.SiLU, nn.Mish, nn.Softplus, nn.Softsign, nn.LogSigmoid, nn.ReLU6, nn.Hardtanh, nn.Hardsigmoid, nn.Hardswish,
]
names = ['relu', 'sigmoid', 'tanh', 'selu', 'gelu', 'silu', 'mish', 'softplus', 'softsign', 'logSigmoid', 'relu6', 'hardTanh', 'hardSigmoid', 'hardSwish']


def read_safetensors(data):
    """The format is simple enough to be read without its package: a length, JSON, the numbers."""
    length, = struct.unpack('<Q', data[:8])
    header, body = json.loads(data[8:8 + length]), data[8 + length:]
    tensors = {}
    for name, entry in header.items():
        if name != '__metadata__':
            begin, end = entry['data_offsets']
            tensors[name] = torch.from_numpy(numpy.frombuffer(body[begin:end], types[entry['dtype']]).reshape(entry['shape']).copy())
    return tensors


def loaded():
    """Ours in PyTorch: the text is run, the file is loaded with every name and shape checked, outputs are of double precision."""
    root = os.path.dirname(os.path.dirname(folder))
    lines = subprocess.run(['npx', 'tsx', os.path.join(folder, 'state-dicts.ts')], capture_output=True, check=True, text=True, cwd=root).stdout
    cases = []
    for line in filter(lambda each: each.startswith('{'), lines.splitlines()):
        case = json.loads(line)
        model = eval(case['text'], {'nn': nn})
        model.load_state_dict(read_safetensors(base64.b64decode(case['file'])), strict=True)
        model.double().eval()
        with torch.no_grad():
            y = model(torch.tensor(case['x'], dtype=torch.float64))
        cases.append({'seed': case['seed'], 'text': case['text'], 'digest': case['digest'], 'y': y.tolist()})
    return cases


def made(number):
    """A random nn.Sequential, with the layers that are its counterparts as [type, options]."""
    width = inputs = random.randint(2, 9)
    modules, layers = [], []
    for _ in range(random.randint(1, 4)):
        units, bias, kind = random.randint(1, 9), random.random() < 0.8, random.randrange(len(activations))
        modules += [nn.Linear(width, units, bias=bias), activations[kind]()]
        layers.append(['dense', {'units': units, 'activation': names[kind], 'bias': bias, 'weightOrder': random.choice(['RL', 'LR'])}])
        width, extra = units, random.randrange(5)
        if extra == 0:
            modules.append(nn.BatchNorm1d(width))
            layers.append(['batchNorm', {}])
        elif extra == 1:
            modules.append(nn.LayerNorm(width))
            layers.append(['layerNorm', {}])
        elif extra == 2:
            modules.append(nn.PReLU(width))
            layers.append(['prelu', {'perUnit': True}])
        elif extra == 3:
            modules[-2] = nn.utils.weight_norm(modules[-2])
            layers[-1][1]['weightNorm'] = True
    model = nn.Sequential(*modules)
    for name, tensor in model.state_dict().items():
        if tensor.is_floating_point():
            tensor.copy_(torch.round((torch.rand_like(tensor) + 0.5 if 'var' in name or 'weight_g' in name else torch.randn_like(tensor)) * 64) / 64)
    model.double().eval()
    x = torch.round(torch.randn(3, inputs, dtype=torch.float64) * 64) / 64
    with torch.no_grad():
        y = model(x)
    state = [{'name': name, 'shape': list(tensor.shape), 'data': tensor.flatten().tolist()} for name, tensor in model.state_dict().items()]
    return {'number': number, 'inputs': inputs, 'layers': layers, 'state': state, 'x': x.tolist(), 'y': y.tolist()}


def main():
    path = os.path.join(folder, 'torch-state.json')
    content = {'torch': torch.__version__.split('a')[0], 'loaded': loaded(), 'made': [made(number) for number in range(20)]}
    with open(path, 'w', encoding='utf-8') as file:
        json.dump(content, file, separators=(',', ':'))
        file.write('\n')
    print(f'{os.path.getsize(path)} bytes, {len(content["loaded"])} loaded')


main()
