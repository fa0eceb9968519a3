"""One trial of PyTorch: reads a request (JSON, the first argument), prints a result (JSON, the last line).

The same protocol as bench/trial.ts. Data is in memory; a training step is zero_grad, forward, loss, backward, update over
the batches in order, without a data loader; a call is one forward pass to probabilities.
"""
import gc
import json
import sys

import torch
from torch import nn

from trial import blas_version, measure_calls, measure_training, print_result, read_request

ACTIVATIONS = {"relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid}


def read_numbers(path, dtype):
    with open(path, "rb") as file:
        return torch.frombuffer(bytearray(file.read()), dtype=dtype).clone()


def build(network):
    """The network to its logits: the last activation is the loss's business in training."""
    modules, inputs = [], network["inputs"]
    for index, layer in enumerate(network["layers"]):
        modules.append(nn.Linear(inputs, layer["units"]))
        inputs = layer["units"]
        if index + 1 < len(network["layers"]):
            modules.append(ACTIVATIONS[layer["activation"]]())
    return nn.Sequential(*modules)


class LossOf(nn.Module):
    """Network and loss as one module, so that a trace holds both."""

    def __init__(self, network, loss):
        super().__init__()
        self.network = network
        self.loss = nn.CrossEntropyLoss() if loss == "crossEntropy" else nn.BCEWithLogitsLoss()

    def forward(self, x, y):
        return self.loss(self.network(x), y)


def load_data(request):
    case = request["case"]
    x = read_numbers(request["data"]["x"], torch.float32).view(-1, case["network"]["inputs"])
    y = read_numbers(request["data"]["y"], torch.int32)
    if case["network"]["loss"] == "crossEntropy":
        return x, y.long()
    return x, y.float().view(-1, 1)


def load_weights(network, path):
    with open(path) as file:
        manifest = json.load(file)
    numbers, offset = read_numbers(path + ".f32", torch.float32), 0
    parameters = list(network.parameters())
    if [list(p.shape) for p in parameters] != [weight["shape"] for weight in manifest]:
        raise ValueError(f"expected weights {[list(p.shape) for p in parameters]} but received {manifest}")
    with torch.no_grad():
        for parameter in parameters:
            parameter.copy_(numbers[offset:offset + parameter.numel()].view_as(parameter))
            offset += parameter.numel()


def make_training(request, settings, data):
    """Returns run(rows, epochs) and loss() on the first batch."""
    case, (x, y) = request["case"], data
    batch = case["batch"]
    model = LossOf(build(case["network"]), case["network"]["loss"])
    if request.get("weights"):
        load_weights(model.network, request["weights"])
    parameters = list(model.parameters())
    optimizer_class = torch.optim.SGD if case["optimizer"]["name"] == "sgd" else torch.optim.Adam
    optimizer = optimizer_class(parameters, lr=case["optimizer"]["learningRate"], foreach=settings.get("foreach", False))
    mode = settings.get("mode", "eager")
    forward = torch.jit.trace(model, (x[:batch], y[:batch]), check_trace=False) if mode == "trace" else model
    batches = list(zip(x.split(batch), y.split(batch)))

    def run(rows, epochs):
        chosen = batches[:rows // batch]
        step = optimizer.step
        for _ in range(epochs):
            for inputs, targets in chosen:
                # What zero_grad(set_to_none=True) does, without the profiler's wrapper around it.
                for parameter in parameters:
                    parameter.grad = None
                forward(inputs, targets).backward()
                step()

    def loss():
        with torch.no_grad():
            return float(model(*batches[0]))

    return run, loss


def measure_inference(request, settings, data):
    with torch.inference_mode():
        return measure_calls(make_inference(request, settings, data), list(data[0].split(request["case"]["batch"])), request["seconds"])


def measure(request, settings, data):
    if request["case"]["kind"] == "training":
        return measure_training(request, *make_training(request, settings, data))
    return measure_inference(request, settings, data)


def make_inference(request, settings, data):
    """Returns call(batch of rows) to probabilities."""
    case, (x, _) = request["case"], data
    network = build(case["network"])
    eager = nn.Sequential(*network, nn.Softmax(dim=1)).eval()
    mode, example = settings.get("mode", "eager"), x[:case["batch"]]
    if mode == "eager":
        return eager
    if mode == "mkldnn":
        from torch.utils import mkldnn
        converted = mkldnn.to_mkldnn(nn.Sequential(*network).eval())
        call = lambda rows: torch.softmax(converted(rows.to_mkldnn()).to_dense(), 1)
    else:
        with torch.no_grad():
            call = torch.jit.freeze(torch.jit.trace(eager, example, check_trace=False))
        if mode == "optimized":
            call = torch.jit.optimize_for_inference(call)
    # The executor specialises a graph in its first calls: the answer is looked at after them.
    for _ in range(3):
        answer = call(example)
    if not torch.allclose(answer, eager(example), atol=1e-4):
        raise ValueError(f"{mode} gives other probabilities than eager")
    return call


def agree(request, data):
    """The loss after the steps asked for, from the weights in the file."""
    plan, case = request["plan"], request["case"]
    run, loss = make_training({**request, "case": {"optimizer": {"name": "sgd", "learningRate": 0}, **case}}, {}, data)
    before = loss()
    run(plan["rows"], plan["epochs"])
    return {"lossBefore": before, "lossAfter": loss()}


def calibrate(request, data):
    variants = []
    for settings in request["variants"]:
        try:
            measured = measure(request, settings, data)
            others = {} if measured["others"] is None else {"others": measured["others"]}
            variants.append({"settings": settings, "value": measured["value"], **others})
        except Exception as error:  # a way this build of PyTorch cannot go is no way to go
            print(f"{settings}: {error}", file=sys.stderr)
        gc.collect()
    return {"variants": variants}


def main():
    request = read_request()
    settings = request.get("settings", {})
    torch.manual_seed(1)
    # The system's OpenBLAS has threads of its own, see peers/pytorch.ts.
    torch.set_num_threads(request["threads"] if settings.get("blas") == "openmp" else 1)
    # Denormal numbers cost PyTorch time in long runs; its users can switch them off, so it runs with them off.
    torch.set_flush_denormal(True)
    data = load_data(request)
    if request["mode"] == "agree":
        result = agree(request, data)
    elif request["mode"] == "calibrate":
        result = calibrate(request, data)
    else:
        result = measure(request, settings, data)
    print_result(result, {"torch": torch.__version__, "torch's BLAS": blas_version()})


main()
