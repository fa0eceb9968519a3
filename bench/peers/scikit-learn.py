"""One trial of scikit-learn: MLPClassifier by `fit` with a warm start, or by `partial_fit` for part of an epoch.

Nothing is shuffled, nothing regularized, nothing stops early; a step is a batch, as everywhere in this benchmark. The loss that `fit`
works out on its way cannot be switched off.
"""
import json
import math
import sys
import warnings

import numpy as np
import sklearn
from sklearn.neural_network import MLPClassifier

from trial import blas_version, measure_training, print_result, read_request

ACTIVATIONS = {"relu": "relu", "tanh": "tanh", "sigmoid": "logistic"}


def build(case):
    layers = case["network"]["layers"]
    optimizer = case["optimizer"]
    solver = {"momentum": 0.0, "nesterovs_momentum": False} if optimizer["name"] == "sgd" else {}
    return MLPClassifier(
        hidden_layer_sizes=[layer["units"] for layer in layers[:-1]], activation=ACTIVATIONS[layers[0]["activation"]],
        solver=optimizer["name"], learning_rate_init=optimizer["learningRate"], batch_size=case["batch"], alpha=0.0, shuffle=False,
        tol=0.0, n_iter_no_change=2**31, max_iter=1, random_state=1, **solver)


def load_weights(model, path):
    with open(path) as file:
        manifest = json.load(file)
    numbers, offset, given = np.fromfile(path + ".f32", np.float32), 0, []
    for weight in manifest:
        size = math.prod(weight["shape"])
        given.append(numbers[offset:offset + size].reshape(weight["shape"]))
        offset += size
    for coefficients, intercepts, weight, bias in zip(model.coefs_, model.intercepts_, given[::2], given[1::2]):
        coefficients[:] = weight.T
        intercepts[:] = bias


def main():
    request = read_request()
    case = request["case"]
    warnings.simplefilter("ignore")
    x = np.fromfile(request["data"]["x"], np.float32).reshape(-1, case["network"]["inputs"])
    y = np.fromfile(request["data"]["y"], np.int32)
    model, classes, batch = build(case), np.unique(y), case["batch"]
    # The first call makes the weights; what the optimizer keeps of it is forgotten.
    model.partial_fit(x[:batch], y[:batch], classes)
    del model._optimizer
    if request.get("weights"):
        load_weights(model, request["weights"])

    def run(rows, epochs):
        if np.array_equal(np.unique(y[:rows]), classes):
            model.set_params(warm_start=True, max_iter=epochs).fit(x[:rows], y[:rows])
        else:
            model.set_params(warm_start=False)
            for _ in range(epochs):
                model.partial_fit(x[:rows], y[:rows])

    def loss():
        probabilities = model.predict_proba(x[:batch])[np.arange(batch), np.searchsorted(classes, y[:batch])]
        return float(-np.log(probabilities, dtype=np.float64).mean())

    if request["mode"] == "agree":
        before = loss()
        run(request["plan"]["rows"], request["plan"]["epochs"])
        result = {"lossBefore": before, "lossAfter": loss()}
    else:
        result = measure_training(request, run, loss)
    print_result(result, {"scikit-learn": sklearn.__version__, "NumPy": np.__version__, "scikit-learn's BLAS": blas_version()})


main()
