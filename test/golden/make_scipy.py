#!/usr/bin/env python3
# Golden numbers from scipy.optimize.minimize with analytic gradients, written to scipy.json beside this file: what CG and L-BFGS-B
# need on Rosenbrock's, Beale's and Powell's functions and on a network of the digits. Run it by hand where python3-scipy is installed.
import json
import os

import numpy as np
import scipy
from scipy.optimize import minimize, rosen, rosen_der

HERE = os.path.dirname(os.path.abspath(__file__))
HIDDEN, CLASSES, PENALTY = 16, 10, 1e-4
# Values of the digits' loss for which the evaluations needed are counted.
LEVELS = [1.0, 0.5, 0.2, 0.1, 0.07, 0.06, 0.05, 0.045, 0.042]


def beale(x):
    a, b = x
    parts = [(c, c - a + a * b ** k, k) for k, c in ((1, 1.5), (2, 2.25), (3, 2.625))]
    gradient = [sum(2 * r * (b ** k - 1) for _, r, k in parts), sum(2 * r * a * k * b ** (k - 1) for _, r, k in parts)]
    return sum(r * r for _, r, _ in parts), np.array(gradient)


def powell(x):
    a, b, c, d = x
    r = np.array([a + 10 * b, c - d, b - 2 * c, a - d])
    value = r[0] ** 2 + 5 * r[1] ** 2 + r[2] ** 4 + 10 * r[3] ** 4
    u = np.array([2 * r[0], 10 * r[1], 4 * r[2] ** 3, 40 * r[3] ** 3])
    return value, np.array([u[0] + u[3], 10 * u[0] + u[2], u[1] - 2 * u[2], -u[1] - u[3]])


table = np.loadtxt(os.path.join(HERE, '../../examples/data/digits.csv'), delimiter=',', skiprows=1)
X, LABELS = table[:, :64] / 16, table[:, 64].astype(int)
ONE_HOT = np.eye(CLASSES)[LABELS]


def digits(x):
    """Mean cross-entropy of 64-16-10 with tanh and softmax, plus 1e-4 times the squares of the weights; weights are [out, in]."""
    sizes = [(HIDDEN, 64), (HIDDEN,), (CLASSES, HIDDEN), (CLASSES,)]
    bounds = np.cumsum([int(np.prod(size)) for size in sizes])[:-1]
    w1, b1, w2, b2 = (part.reshape(size) for part, size in zip(np.split(x, bounds), sizes))
    hidden = np.tanh(X @ w1.T + b1)
    z = hidden @ w2.T + b2
    z = z - z.max(1, keepdims=True)
    log_y = z - np.log(np.exp(z).sum(1, keepdims=True))
    value = -(ONE_HOT * log_y).sum() / len(X) + PENALTY * ((w1 ** 2).sum() + (w2 ** 2).sum())
    dz = (np.exp(log_y) - ONE_HOT) / len(X)
    dh = (dz @ w2) * (1 - hidden ** 2)
    parts = [dh.T @ X + 2 * PENALTY * w1, dh.sum(0), dz.T @ hidden + 2 * PENALTY * w2, dz.sum(0)]
    return value, np.concatenate([part.ravel() for part in parts])


def run(function, start, method, tolerance):
    lowest = []

    def counted(x):
        value, gradient = function(x)
        lowest.append(min(value, lowest[-1] if lowest else np.inf))
        return value, gradient

    options = {'gtol': tolerance, **({'ftol': 0, 'maxcor': 10} if method == 'L-BFGS-B' else {})}
    result = minimize(counted, start, jac=True, method=method, options=options)
    # The number of evaluations after which a value was at most a level.
    reached = [next((i + 1 for i, value in enumerate(lowest) if value <= level), None) for level in LEVELS]
    return {'success': bool(result.success), 'evaluations': len(lowest), 'iterations': int(result.nit), 'value': float(result.fun),
            'gradientNorm': float(np.abs(result.jac).max()), 'x': result.x.tolist() if len(result.x) <= 10 else [], 'reached': reached}


def alternating(size):
    return [-1.2 if i % 2 == 0 else 1.0 for i in range(size)]


def rosenbrock(x):
    return rosen(x), rosen_der(x)


count = HIDDEN * 64 + HIDDEN + CLASSES * HIDDEN + CLASSES
start_of_digits = np.sin(np.arange(count) + 1) / 4
CASES = [('rosenbrock', rosenbrock, alternating(2), 1e-6), ('rosenbrock', rosenbrock, alternating(10), 1e-6), ('beale', beale, [1.0, 1.0], 1e-6),
         ('powell', powell, [3.0, -1.0, 0.0, 1.0], 1e-6), ('digits', digits, start_of_digits, 1e-4)]
runs = []
for name, function, start, tolerance in CASES:
    start = np.array(start)
    value, gradient = function(start)
    at_start = {'value': float(value), 'gradientNorm': float(np.abs(gradient).max())}
    for ours, theirs in (('conjugateGradient', 'CG'), ('lbfgs', 'L-BFGS-B')):
        runs.append({'name': name, 'size': len(start), 'start': start.tolist() if len(start) <= 10 else 'sin(i + 1) / 4', 'atStart': at_start,
                     'tolerance': tolerance, 'method': ours, **run(function, start, theirs, tolerance)})

with open(os.path.join(HERE, 'scipy.json'), 'w') as file:
    json.dump({'scipy': scipy.__version__, 'levels': LEVELS, 'penalty': PENALTY, 'runs': runs}, file, separators=(',', ':'))
    file.write('\n')
