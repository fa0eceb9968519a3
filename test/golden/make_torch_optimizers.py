#!/usr/bin/env python3
# Golden numbers from PyTorch in double precision, written to torch-optimizers.json beside this file: every optimizer, clipping and
# schedules over 51 steps of a small network, and the learning rates of schedulers. Run it by hand where python3-torch is installed.
import json
import os
import random
import warnings

import torch
import torch.nn.functional as F
from torch import optim
from torch.optim import lr_scheduler as schedulers

warnings.simplefilter('ignore')
torch.set_default_dtype(torch.float64)
ROWS, INPUTS, HIDDEN, OUTPUTS, BATCH, EPOCHS, PER_EPOCH = 22, 5, 4, 3, 8, 17, 3


def matrix(rows, columns, seed, scale=1.0):
    generator = random.Random(seed)
    return [[round(scale * generator.gauss(0, 1), 6) for _ in range(columns)] for _ in range(rows)]


# Multiples of 1/1024, which single precision holds exactly.
X = [[round(value * 1024) / 1024 for value in row] for row in matrix(ROWS, INPUTS, 1)]
LABELS = [random.Random(100 + i).randrange(OUTPUTS) for i in range(ROWS)]
WEIGHTS = {
    'dense1.weight': matrix(HIDDEN, INPUTS, 3, 0.5), 'dense1.bias': matrix(1, HIDDEN, 4, 0.1)[0],
    'dense2.weight': matrix(OUTPUTS, HIDDEN, 5, 0.5), 'dense2.bias': matrix(1, OUTPUTS, 6, 0.1)[0],
}


class Lion(optim.Optimizer):
    """Program 1 of Chen et al. 2023, which PyTorch 1.13 has not."""

    def __init__(self, params, lr, betas, weight_decay):
        super().__init__(params, {'lr': lr, 'betas': betas, 'weight_decay': weight_decay})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            beta1, beta2 = group['betas']
            for p in group['params']:
                m = self.state[p].setdefault('m', torch.zeros_like(p))
                update = torch.sign(beta1 * m + (1 - beta1) * p.grad)
                p.sub_(group['lr'] * (update + group['weight_decay'] * p))
                self.state[p]['m'] = beta2 * m + (1 - beta2) * p.grad


class StepVelocity(optim.Optimizer):
    """Momentum whose velocity adds up steps, as in Keras, scikit-learn and Goodfellow et al. 2016, algorithm 8.2."""

    def __init__(self, params, lr, momentum, nesterov):
        super().__init__(params, {'lr': lr, 'momentum': momentum, 'nesterov': nesterov})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group['params']:
                step = -group['lr'] * p.grad
                v = self.state[p]['v'] = group['momentum'] * self.state[p].get('v', torch.zeros_like(p)) + step
                p.add_(group['momentum'] * v + step if group['nesterov'] else v)


def nadam(params, **options):
    # The loop over single tensors of 1.13 multiplies the momenta by the present one twice; this variant, the documentation and later versions do not.
    return optim.NAdam(params, foreach=True, **options)


def schedule(kind, per='epoch', **options):
    return {'type': kind, 'options': {**options, 'per': per}}


SGD, STEP = optim.SGD, 'step'
# Our optimizer, our options, PyTorch's, its options, then clip and its function, or a scheduler.
RUNS = [
    ('sgd', {'learningRate': 0.05, 'momentum': 0.9, 'velocity': 'steps'}, StepVelocity, {'lr': 0.05, 'momentum': 0.9, 'nesterov': False}),
    ('adam', {'learningRate': 0.02, 'amsgrad': True, 'beta2': 0.9}, optim.Adam, {'lr': 0.02, 'amsgrad': True, 'betas': (0.9, 0.9)}),
    ('adamw', {'learningRate': 0.02, 'amsgrad': True, 'beta2': 0.8, 'weightDecay': 0.1}, optim.AdamW, {'lr': 0.02, 'amsgrad': True, 'betas': (0.9, 0.8), 'weight_decay': 0.1}),
    ('rmsprop', {}, optim.RMSprop, {}),
    ('rmsprop', {'learningRate': 0.005, 'alpha': 0.9, 'epsilon': 1e-4, 'weightDecay': 0.1}, optim.RMSprop, {'lr': 0.005, 'alpha': 0.9, 'eps': 1e-4, 'weight_decay': 0.1}),
    ('rmsprop', {'momentum': 0.5}, optim.RMSprop, {'momentum': 0.5}),
    ('rmsprop', {'alpha': 0.8, 'epsilon': 1e-3, 'centered': True}, optim.RMSprop, {'alpha': 0.8, 'eps': 1e-3, 'centered': True}),
    ('rmsprop', {'alpha': 0.9, 'epsilon': 1e-3, 'centered': True, 'momentum': 0.8, 'weightDecay': 0.02}, optim.RMSprop,
     {'alpha': 0.9, 'eps': 1e-3, 'centered': True, 'momentum': 0.8, 'weight_decay': 0.02}),
    ('adagrad', {}, optim.Adagrad, {}),
    ('adagrad', {'learningRate': 0.1, 'learningRateDecay': 0.05, 'initialAccumulatorValue': 0.1, 'epsilon': 1e-4, 'weightDecay': 0.05}, optim.Adagrad,
     {'lr': 0.1, 'lr_decay': 0.05, 'initial_accumulator_value': 0.1, 'eps': 1e-4, 'weight_decay': 0.05}),
    ('adadelta', {}, optim.Adadelta, {}),
    ('adadelta', {'learningRate': 0.7, 'rho': 0.8, 'epsilon': 1e-4, 'weightDecay': 0.05}, optim.Adadelta, {'lr': 0.7, 'rho': 0.8, 'eps': 1e-4, 'weight_decay': 0.05}),
    ('adamax', {}, optim.Adamax, {}),
    ('adamax', {'learningRate': 0.02, 'beta1': 0.8, 'beta2': 0.9, 'epsilon': 1e-3, 'weightDecay': 0.1}, optim.Adamax,
     {'lr': 0.02, 'betas': (0.8, 0.9), 'eps': 1e-3, 'weight_decay': 0.1}),
    ('nadam', {}, nadam, {}),
    ('nadam', {'learningRate': 0.01, 'beta1': 0.95, 'beta2': 0.9, 'epsilon': 1e-4, 'momentumDecay': 0.3, 'weightDecay': 0.1}, nadam,
     {'lr': 0.01, 'betas': (0.95, 0.9), 'eps': 1e-4, 'momentum_decay': 0.3, 'weight_decay': 0.1}),
    ('radam', {}, optim.RAdam, {}),
    ('radam', {'learningRate': 0.02, 'beta1': 0.8, 'beta2': 0.95, 'epsilon': 1e-4, 'weightDecay': 0.1}, optim.RAdam, {'lr': 0.02, 'betas': (0.8, 0.95), 'eps': 1e-4, 'weight_decay': 0.1}),
    ('radam', {'beta2': 0.5}, optim.RAdam, {'betas': (0.9, 0.5)}),
    ('lion', {}, Lion, {'lr': 1e-4, 'betas': (0.9, 0.99), 'weight_decay': 0}),
    ('lion', {'learningRate': 2e-3, 'beta1': 0.7, 'beta2': 0.9, 'weightDecay': 0.5}, Lion, {'lr': 2e-3, 'betas': (0.7, 0.9), 'weight_decay': 0.5}),
    ('sgd', {'learningRate': 0.5}, SGD, {'lr': 0.5}, {'clip': {'value': 0.03}}),
    ('sgd', {'learningRate': 0.5}, SGD, {'lr': 0.5}, {'clip': {'norm': 0.15}}),
    ('sgd', {'learningRate': 0.5}, SGD, {'lr': 0.5}, {'clip': {'globalNorm': 0.3}}),
    ('sgd', {'learningRate': 0.2, 'momentum': 0.9, 'weightDecay': 0.05}, SGD, {'lr': 0.2, 'momentum': 0.9, 'weight_decay': 0.05}, {'clip': {'globalNorm': 0.2}}),
    ('adamw', {'learningRate': 0.02}, optim.AdamW, {'lr': 0.02}, {'clip': {'value': 0.1, 'norm': 0.2, 'globalNorm': 0.3}}),
    ('adam', {'learningRate': schedule('oneCycle', STEP, maxRate=0.05)}, optim.Adam, {'lr': 0.05},
     {'scheduler': lambda o: schedulers.OneCycleLR(o, 0.05, total_steps=EPOCHS * PER_EPOCH, cycle_momentum=False)}),
    ('sgd', {'learningRate': schedule('cosine', rate=0.2), 'momentum': 0.9, 'nesterov': True}, SGD, {'lr': 0.2, 'momentum': 0.9, 'nesterov': True},
     {'scheduler': lambda o: schedulers.CosineAnnealingLR(o, EPOCHS)}),
    ('sgd', {'learningRate': schedule('exponential', STEP, rate=0.3, factor=0.95), 'momentum': 0.9, 'velocity': 'steps', 'nesterov': True}, StepVelocity,
     {'lr': 0.3, 'momentum': 0.9, 'nesterov': True}, {'scheduler': lambda o: schedulers.ExponentialLR(o, 0.95)}),
    ('sgd', {'learningRate': {'type': 'reduceOnPlateau', 'options': {'rate': 0.5, 'factor': 0.5, 'patience': 0, 'threshold': 0.1, 'cooldown': 1, 'minRate': 0.02}}}, SGD, {'lr': 0.5},
     {'scheduler': lambda o: schedulers.ReduceLROnPlateau(o, factor=0.5, patience=0, threshold=0.1, cooldown=1, min_lr=0.02)}),
    ('adagrad', {'learningRate': {'type': 'warmup', 'options': {'steps': 6, 'startFactor': 0.1, 'learningRate': schedule('step', STEP, rate=0.2, every=10)}}}, optim.Adagrad, {'lr': 0.2},
     {'scheduler': lambda o: schedulers.SequentialLR(o, [schedulers.LinearLR(o, 0.1, 1, 6), schedulers.StepLR(o, 10)], [6])}),
]


def clip_gradients(weights, clip):
    if 'value' in clip:
        torch.nn.utils.clip_grad_value_(weights, clip['value'])
    if 'norm' in clip:
        for weight in weights:
            torch.nn.utils.clip_grad_norm_([weight], clip['norm'])
    if 'globalNorm' in clip:
        torch.nn.utils.clip_grad_norm_(weights, clip['globalNorm'])


def per_of(rate):
    options = rate['options'] if isinstance(rate, dict) else {}
    return per_of(options['learningRate']) if 'learningRate' in options else options.get('per')


def train(name, ours, make, options, extra=None):
    extra = extra or {}
    weights = {key: torch.tensor(values, requires_grad=True) for key, values in WEIGHTS.items()}
    optimizer = make(list(weights.values()), **options)
    scheduler = extra['scheduler'](optimizer) if 'scheduler' in extra else None
    per_step = per_of(ours.get('learningRate')) == STEP
    x, labels = torch.tensor(X), torch.tensor(LABELS)
    result = {'optimizer': name, 'options': ours, **({'clip': extra['clip']} if 'clip' in extra else {}), 'losses': [], 'rates': [], 'weights': {}}
    for epoch in range(1, EPOCHS + 1):
        total = 0.0
        result['rates'].append(optimizer.param_groups[0]['lr'])
        for first in range(0, ROWS, BATCH):
            rows = slice(first, min(first + BATCH, ROWS))
            hidden = torch.tanh(F.linear(x[rows], weights['dense1.weight'], weights['dense1.bias']))
            loss = F.cross_entropy(F.linear(hidden, weights['dense2.weight'], weights['dense2.bias']), labels[rows])
            optimizer.zero_grad()
            loss.backward()
            clip_gradients(list(weights.values()), extra.get('clip', {}))
            optimizer.step()
            total += loss.item() * (rows.stop - first) / ROWS
            if scheduler is not None and per_step:
                scheduler.step()
        result['losses'].append(total)
        if scheduler is not None and not per_step:
            scheduler.step(*([total] if isinstance(scheduler, schedulers.ReduceLROnPlateau) else []))
        if epoch in (1, EPOCHS):
            result['weights'][epoch] = {key: tensor.detach().flatten().tolist() for key, tensor in weights.items()}
    return result


# Our schedule, PyTorch's, and the first rate; 40 rates of each, in a run of 10 epochs of 4 steps or 40 epochs of 7.
COUNT = 40
SCHEDULES = [
    (schedule('step', rate=0.1, every=7), 0.1, lambda o: schedulers.StepLR(o, 7)),
    (schedule('step', STEP, rate=0.1, every=6, factor=0.7), 0.1, lambda o: schedulers.StepLR(o, 6, 0.7)),
    (schedule('multiStep', rate=0.2, milestones=[3, 11, 11, 30], factor=0.5), 0.2, lambda o: schedulers.MultiStepLR(o, [3, 11, 11, 30], 0.5)),
    (schedule('exponential', rate=0.3, factor=0.9), 0.3, lambda o: schedulers.ExponentialLR(o, 0.9)),
    (schedule('inverseTime', STEP, rate=0.3, decay=0.2, power=0.75), 0.3, lambda o: schedulers.LambdaLR(o, lambda t: (1 + 0.2 * t) ** -0.75)),
    (schedule('linear', rate=0.3), 0.3, lambda o: schedulers.LinearLR(o)),
    (schedule('linear', STEP, rate=0.3, startFactor=0.9, endFactor=0.1, over=33), 0.3, lambda o: schedulers.LinearLR(o, 0.9, 0.1, 33)),
    (schedule('polynomial', rate=0.3, over=23, power=2.5), 0.3, lambda o: schedulers.PolynomialLR(o, 23, 2.5)),
    (schedule('polynomial', STEP, rate=0.3), 0.3, lambda o: schedulers.PolynomialLR(o, COUNT)),
    (schedule('cosine', rate=0.3), 0.3, lambda o: schedulers.CosineAnnealingLR(o, COUNT)),
    (schedule('cosine', STEP, rate=0.3, over=13, minRate=0.02), 0.3, lambda o: schedulers.CosineAnnealingLR(o, 13, 0.02)),
    (schedule('cosineRestarts', rate=0.3, period=6), 0.3, lambda o: schedulers.CosineAnnealingWarmRestarts(o, 6)),
    (schedule('cosineRestarts', STEP, rate=0.3, period=5, periodFactor=3, minRate=0.01), 0.3, lambda o: schedulers.CosineAnnealingWarmRestarts(o, 5, 3, 0.01)),
    (schedule('oneCycle', STEP, maxRate=0.3), 0.3, lambda o: schedulers.OneCycleLR(o, 0.3, COUNT, cycle_momentum=False)),
    (schedule('oneCycle', STEP, maxRate=0.3, anneal='linear', divideStart=10, divideEnd=100, risingPart=0.37), 0.3,
     lambda o: schedulers.OneCycleLR(o, 0.3, COUNT, pct_start=0.37, anneal_strategy='linear', div_factor=10, final_div_factor=100, cycle_momentum=False)),
    (schedule('oneCycle', maxRate=0.3, threePhase=True, risingPart=0.4), 0.3, lambda o: schedulers.OneCycleLR(o, 0.3, COUNT, pct_start=0.4, three_phase=True, cycle_momentum=False)),
    (schedule('oneCycle', STEP, maxRate=0.3, threePhase=True, anneal='linear'), 0.3,
     lambda o: schedulers.OneCycleLR(o, 0.3, COUNT, three_phase=True, anneal_strategy='linear', cycle_momentum=False)),
    (schedule('cyclic', STEP, rate=0.01, maxRate=0.3, up=4), 0.3, lambda o: schedulers.CyclicLR(o, 0.01, 0.3, 4, cycle_momentum=False)),
    (schedule('cyclic', rate=0.01, maxRate=0.3, up=4, down=7, mode='triangular2'), 0.3, lambda o: schedulers.CyclicLR(o, 0.01, 0.3, 4, 7, 'triangular2', cycle_momentum=False)),
    (schedule('cyclic', STEP, rate=0.01, maxRate=0.3, up=5, down=3, mode='exponential', factor=0.97), 0.3,
     lambda o: schedulers.CyclicLR(o, 0.01, 0.3, 5, 3, 'exp_range', 0.97, cycle_momentum=False)),
    ({'type': 'warmup', 'options': {'steps': 8, 'startFactor': 0.1, 'learningRate': schedule('exponential', STEP, rate=0.3, factor=0.9)}}, 0.3,
     lambda o: schedulers.SequentialLR(o, [schedulers.LinearLR(o, 0.1, 1, 8), schedulers.ExponentialLR(o, 0.9)], [8])),
    ({'type': 'warmup', 'options': {'epochs': 3, 'startFactor': 0.2, 'learningRate': schedule('cosine', STEP, rate=0.3)}}, 0.3,
     lambda o: schedulers.SequentialLR(o, [schedulers.LinearLR(o, 0.2, 1, 12), schedulers.CosineAnnealingLR(o, COUNT - 12)], [12])),
]
PLATEAUS = [
    ({}, {}), ({'patience': 2, 'factor': 0.5}, {'patience': 2, 'factor': 0.5}),
    ({'patience': 1, 'cooldown': 3, 'factor': 0.3, 'minRate': 0.01}, {'patience': 1, 'cooldown': 3, 'factor': 0.3, 'min_lr': 0.01}),
    ({'patience': 0, 'threshold': 0.05, 'thresholdMode': 'absolute', 'factor': 0.8, 'epsilon': 0.01}, {'patience': 0, 'threshold': 0.05, 'threshold_mode': 'abs', 'factor': 0.8, 'eps': 0.01}),
    ({'patience': 1, 'threshold': 0.02, 'factor': 0.8, 'mode': 'max'}, {'patience': 1, 'threshold': 0.02, 'factor': 0.8, 'mode': 'max'}),
    ({'patience': 1, 'threshold': 0.02, 'thresholdMode': 'absolute', 'factor': 0.8, 'mode': 'max'}, {'patience': 1, 'threshold': 0.02, 'threshold_mode': 'abs', 'factor': 0.8, 'mode': 'max'}),
]
OBSERVED = [round(1.5 * 0.9 ** min(i, 12) + 0.1 * random.Random(i).gauss(0, 1), 6) for i in range(COUNT)]


def rates():
    result = []
    for ours, first, make in SCHEDULES:
        optimizer = SGD([torch.zeros(1, requires_grad=True)], lr=first)
        scheduler, values = make(optimizer), []
        for _ in range(COUNT):
            values.append(optimizer.param_groups[0]['lr'])
            optimizer.step()
            scheduler.step() if len(values) < COUNT else None
        result.append({'schedule': ours, 'per': per_of(ours), 'rates': values})
    return result


def plateaus():
    result = []
    for ours, options in PLATEAUS:
        optimizer = SGD([torch.zeros(1, requires_grad=True)], lr=0.2)
        scheduler, values = schedulers.ReduceLROnPlateau(optimizer, **options), []
        for observed in OBSERVED:
            values.append(optimizer.param_groups[0]['lr'])
            scheduler.step(observed)
        result.append({'options': {'rate': 0.2, **ours}, 'rates': values})
    return result


golden = {
    'torch': torch.__version__, 'batch': BATCH, 'x': X, 'labels': LABELS, 'start': WEIGHTS,
    'runs': [train(*run) for run in RUNS], 'schedules': rates(), 'observed': OBSERVED, 'plateaus': plateaus(),
}
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'torch-optimizers.json'), 'w') as file:
    json.dump(golden, file, separators=(',', ':'))
    file.write('\n')
