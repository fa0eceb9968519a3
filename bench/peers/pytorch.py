"""One trial of PyTorch: reads a request (JSON, the first argument), prints a result (JSON, the last line).

The same protocol as bench/trial.ts. Data is in memory; a training step is zero_grad, forward, loss, backward, update over
the batches in order, without a data loader; a call is one forward pass to probabilities.
"""
import ctypes
import gc
import json
import math
import os
import platform
import sys
from time import perf_counter, perf_counter_ns, process_time

import torch
from torch import nn

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


def plan_steps(count, batch, rows):
    """As planSteps in bench/timing.ts."""
    steps_per_epoch = rows // batch
    if count < steps_per_epoch:
        return count * batch, 1, count
    epochs = math.ceil(count / steps_per_epoch)
    return steps_per_epoch * batch, epochs, epochs * steps_per_epoch


def measure_run(run, seconds):
    """As measureRun in bench/timing.ts: warm up with growing counts, then one uninterrupted run of at least `seconds`."""

    def timed(count):
        start = perf_counter()
        done = run(count)
        return done, max(perf_counter() - start, 1e-9)

    count, elapsed = timed(1)
    warm = elapsed >= seconds
    while True:
        target = 1.1 * seconds if warm else seconds / 4
        count, elapsed = timed(max(1, math.ceil(count * target / elapsed)))
        if warm and elapsed >= seconds:
            return count, elapsed
        warm = warm or elapsed >= seconds / 8


def watch_others():
    """As watchOthers in bench/others.ts: processors that work for other processes, on average since now; None where unknown."""

    def busy():
        with open("/proc/stat") as file:
            user, nice, system, _, _, irq, softirq = map(int, file.readline().split()[1:8])
        return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")

    try:
        busy_before, own, start = busy(), process_time(), perf_counter()
        return lambda: max(0, (busy() - busy_before - (process_time() - own)) / (perf_counter() - start))
    except OSError:
        return lambda: None


def measure_training(request, settings, data):
    case = request["case"]
    run, loss = make_training(request, settings, data)

    def run_count(count):
        rows, epochs, steps = plan_steps(count, case["batch"], case["rows"])
        run(rows, epochs)
        return steps

    before, others = loss(), watch_others()
    count, elapsed = measure_run(run_count, request["seconds"])
    return {"value": elapsed * 1000 / count, "count": count, "seconds": elapsed, "others": others(), "lossBefore": before, "lossAfter": loss()}


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


def measure_inference(request, settings, data):
    """As measureCalls in bench/timing.ts."""
    case = request["case"]
    with torch.inference_mode():
        call = make_inference(request, settings, data)
        batches = list(data[0].split(case["batch"]))
        length, index, times, total, others = len(batches), 0, [], 0, watch_others()
        warm_end = perf_counter() + request["seconds"] / 4
        while index == 0 or perf_counter() < warm_end:
            call(batches[index % length])
            index += 1
        limit = request["seconds"] * 1e9
        while total < limit:
            inputs = batches[index % length]
            start = perf_counter_ns()
            call(inputs)
            time = perf_counter_ns() - start
            times.append(time)
            total += time
            index += 1
        disturbance = others()
    times.sort()
    at = lambda share: times[max(0, math.ceil(share * len(times)) - 1)] / 1000
    return {"value": at(0.5), "p99": at(0.99), "count": len(times), "seconds": total / 1e9, "others": disturbance}


def check(request, data):
    """The loss after the steps asked for, from the weights in the file."""
    plan, case = request["plan"], request["case"]
    run, loss = make_training({**request, "case": {"optimizer": {"name": "sgd", "learningRate": 0}, **case}}, {}, data)
    before = loss()
    run(plan["rows"], plan["epochs"])
    return {"lossBefore": before, "lossAfter": loss()}


def calibrate(request, data):
    measure = measure_training if request["case"]["kind"] == "training" else measure_inference
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


def versions():
    found = {"torch": torch.__version__, "python": platform.python_version()}
    try:
        # The name is looked up in what is loaded already: the preloaded library, where there is one.
        blas = ctypes.CDLL("libopenblas.so.0")
        blas.openblas_get_config.restype = blas.openblas_get_corename.restype = ctypes.c_char_p
        kind = {0: "serial", 1: "pthread", 2: "OpenMP"}[blas.openblas_get_parallel()]
        found["torch's BLAS"] = f"{blas.openblas_get_config().decode().strip()} {kind} {blas.openblas_get_corename().decode()}"
    except (OSError, AttributeError, KeyError):
        pass
    return found


def main():
    request = json.loads(sys.argv[1])
    settings = request.get("settings", {})
    torch.manual_seed(1)
    # The system's OpenBLAS has threads of its own, see peers/pytorch.ts.
    torch.set_num_threads(request["threads"] if settings.get("blas") == "openmp" else 1)
    # Denormal numbers cost PyTorch time in long runs; its users can switch them off, so it runs with them off.
    torch.set_flush_denormal(True)
    data = load_data(request)
    if request["mode"] == "check":
        result = check(request, data)
    elif request["mode"] == "calibrate":
        result = calibrate(request, data)
    elif request["case"]["kind"] == "training":
        result = measure_training(request, settings, data)
    else:
        result = measure_inference(request, settings, data)
    print(json.dumps({**{name: value for name, value in result.items() if value is not None}, "versions": versions()}))


main()
