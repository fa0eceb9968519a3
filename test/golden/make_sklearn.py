#!/usr/bin/env python3
# Training curves of scikit-learn's MLPClassifier on the digits, written to sklearn.json beside this file: the seven configurations of
# its example "Compare Stochastic learning strategies for MLPClassifier", with the initial weights and the orders of examples that its
# random state gives, the same for all seven. Run it by hand where python3-sklearn is installed.
import base64
import json
import os
import warnings

import numpy as np
import sklearn
from sklearn.datasets import load_digits
from sklearn.neural_network import MLPClassifier, _multilayer_perceptron
from sklearn.preprocessing import MinMaxScaler

warnings.simplefilter('ignore')
EPOCHS = 15
COMMON = {'random_state': 0, 'max_iter': EPOCHS}
SGD = {'solver': 'sgd', 'learning_rate_init': 0.2}
CONFIGURATIONS = {
    'constant': {**SGD, 'learning_rate': 'constant', 'momentum': 0},
    'constant, momentum': {**SGD, 'learning_rate': 'constant', 'momentum': 0.9, 'nesterovs_momentum': False},
    'constant, Nesterov': {**SGD, 'learning_rate': 'constant', 'momentum': 0.9, 'nesterovs_momentum': True},
    'invscaling': {**SGD, 'learning_rate': 'invscaling', 'power_t': 0.5, 'momentum': 0},
    'invscaling, momentum': {**SGD, 'learning_rate': 'invscaling', 'power_t': 0.5, 'momentum': 0.9, 'nesterovs_momentum': False},
    'invscaling, Nesterov': {**SGD, 'learning_rate': 'invscaling', 'power_t': 0.5, 'momentum': 0.9, 'nesterovs_momentum': True},
    'adam': {'solver': 'adam', 'learning_rate_init': 0.01},
}


def train(options):
    """Trains as it stands, and notes the weights at the beginning and every order of the examples."""
    start, orders = {}, []
    initialize, shuffle = MLPClassifier._initialize, _multilayer_perceptron.shuffle

    def noting_initialize(self, *arguments):
        initialize(self, *arguments)
        start['weights'] = [coefs.T.copy() for coefs in self.coefs_]
        start['biases'] = [intercepts.copy() for intercepts in self.intercepts_]

    def noting_shuffle(indices, random_state):
        orders.append(shuffle(indices, random_state=random_state))
        return orders[-1]

    MLPClassifier._initialize, _multilayer_perceptron.shuffle = noting_initialize, noting_shuffle
    try:
        network = MLPClassifier(**COMMON, **options).fit(X, Y)
    finally:
        MLPClassifier._initialize, _multilayer_perceptron.shuffle = initialize, shuffle
    assert network.n_iter_ == EPOCHS
    return network, start, np.stack(orders)


def encode(values, kind):
    return base64.b64encode(np.ascontiguousarray(values, kind).tobytes()).decode()


X, Y = load_digits(return_X_y=True)
X = MinMaxScaler().fit_transform(X)
curves, first = {}, None
for name, options in CONFIGURATIONS.items():
    network, start, orders = train(options)
    first = first or (start, orders)
    assert all(np.array_equal(a, b) for kind in start for a, b in zip(start[kind], first[0][kind])) and np.array_equal(orders, first[1])
    curves[name] = {'losses': network.loss_curve_, 'score': network.score(X, Y)}
start, orders = first
golden = {
    'sklearn': sklearn.__version__, 'batch': 200, 'alpha': 1e-4, 'curves': curves,
    'weights': {
        'dense1.weight': encode(start['weights'][0], '<f8'), 'dense1.bias': encode(start['biases'][0], '<f8'),
        'dense2.weight': encode(start['weights'][1], '<f8'), 'dense2.bias': encode(start['biases'][1], '<f8'),
    },
    'orders': [encode(order, '<i2') for order in orders],
}
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'sklearn.json'), 'w') as file:
    json.dump(golden, file, separators=(',', ':'))
    file.write('\n')
