"""Makes torch-onnx.json: models as PyTorch's own exporter writes them (base64), with inputs and PyTorch's outputs.

/usr/bin/python3 test/golden/make_torch_onnx.py     (PyTorch 1.13)
"""
import base64
import io
import json
import os

import torch
from torch import nn

torch.manual_seed(7)


class Residual(nn.Module):
    """A skip connection, a shared layer and two outputs."""

    def __init__(self):
        super().__init__()
        self.first, self.shared, self.head = nn.Linear(5, 4), nn.Linear(4, 4), nn.Linear(8, 3)

    def forward(self, x):
        a = torch.relu(self.first(x))
        b = torch.tanh(self.shared(a)) + a
        c = torch.sigmoid(self.shared(b)) * b
        return self.head(torch.cat([b, c], 1)), (a - c).softmax(1)


class Scaled(nn.Module):
    """Inputs standardized by buffers, as exported preprocessing is."""

    def __init__(self):
        super().__init__()
        self.register_buffer('mean', torch.randn(5))
        self.register_buffer('deviation', torch.rand(5) + 0.5)
        self.layer = nn.Linear(5, 2)

    def forward(self, x):
        return self.layer((x - self.mean) / self.deviation) * 2.5 + 0.25


class View(nn.Module):
    """Images as rows by `view`, which exports the number of rows as arithmetic on shapes."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(12, 3)

    def forward(self, x):
        return self.layer(x.view(x.size(0), -1))


activations = [
    nn.ReLU(), nn.Sigmoid(), nn.Tanh(), nn.LeakyReLU(0.2), nn.ELU(0.7), nn.SELU(), nn.GELU(), nn.GELU(approximate='tanh'), nn.SiLU(), nn.Mish(), nn.Softplus(),
    nn.Softsign(), nn.LogSigmoid(), nn.ReLU6(), nn.Hardtanh(), nn.Hardsigmoid(), nn.Hardswish(), nn.Softmax(1), nn.LogSoftmax(1), nn.PReLU(), nn.PReLU(6), nn.Dropout(0.3),
]


def mixed(affine):
    norm = nn.BatchNorm1d(6, eps=1e-3)
    norm.running_mean.normal_()
    norm.running_var.uniform_(0.5, 2)
    nn.init.normal_(norm.weight)
    nn.init.normal_(norm.bias)
    layer_norm = nn.LayerNorm(4)
    nn.init.normal_(layer_norm.weight)
    nn.init.normal_(layer_norm.bias)
    return nn.Sequential(nn.Linear(5, 6), norm, nn.ReLU(), nn.Linear(6, 4, bias=False), layer_norm, nn.LayerNorm(4, elementwise_affine=affine), nn.Linear(4, 3))


def case(name, model, x, opset, fold=True):
    model.eval()
    memory = io.BytesIO()
    with torch.no_grad():
        y = model(x)
    outputs = y if isinstance(y, tuple) else (y,)
    names = [f'output.{i}' for i in range(len(outputs))]
    axes = {each: {0: 'rows'} for each in ['input.1', *names]}
    torch.onnx.export(model, x, memory, opset_version=opset, input_names=['input.1'], output_names=names, dynamic_axes=axes, do_constant_folding=fold)
    return {
        'name': f'{name}, opset {opset}', 'model': base64.b64encode(memory.getvalue()).decode(), 'x': x.flatten(1).tolist(),
        'outputs': [each.tolist() for each in outputs],
    }


def main():
    x, image = torch.randn(3, 5), torch.randn(2, 1, 3, 4)
    cases = []
    for activation in activations:
        cases.append(case(str(activation), nn.Sequential(nn.Linear(5, 6), activation), x, 13))
    for opset in (9, 11, 13, 17):
        # PyTorch 1.13 writes an invalid node for a LayerNorm without weights as one operator.
        cases.append(case("BatchNorm1d and LayerNorm", mixed(affine=opset == 17), x, opset))
        cases.append(case('view', View(), image, opset, fold=False))
    cases.append(case('Hardswish', nn.Sequential(nn.Linear(5, 6), nn.Hardswish()), x, 17))
    cases.append(case('Flatten', nn.Sequential(nn.Flatten(), nn.Linear(12, 3)), image, 13))
    cases.append(case('residual, shared, two outputs', Residual(), x, 13))
    cases.append(case('standardized', Scaled(), x, 13))
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'torch-onnx.json')
    with open(path, 'w', encoding='utf-8') as file:
        json.dump({'torch': torch.__version__.split('a')[0], 'cases': cases}, file, separators=(',', ':'))
        file.write('\n')
    print(f'{os.path.getsize(path)} bytes')


main()
