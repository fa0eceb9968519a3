#!/usr/bin/env python3
# scikit-learn's figures of predictions, written to sklearn-metrics.json beside this file. Run it by hand where python3-sklearn is installed.
import json
import os
import warnings

import numpy as np
from sklearn import metrics
from sklearn.calibration import calibration_curve
from sklearn.preprocessing import label_binarize

warnings.simplefilter('ignore')
random = np.random.default_rng(7)


def of_labels(labels, predicted, classes):
    averages = {name: metrics.precision_recall_fscore_support(labels, predicted, average=name)[:3] for name in ('micro', 'macro', 'weighted')}
    return {
        'confusion': metrics.confusion_matrix(labels, predicted, labels=range(classes)).tolist(),
        'classes': np.stack(metrics.precision_recall_fscore_support(labels, predicted, labels=range(classes)), axis=1).tolist(),
        **averages,
        'accuracy': metrics.accuracy_score(labels, predicted),
        'balancedAccuracy': metrics.balanced_accuracy_score(labels, predicted),
    }


def calibration(labels, predicted, confidence, bins):
    right = predicted == labels
    accuracy, mean = calibration_curve(right, confidence, n_bins=bins)
    counts = np.bincount(np.searchsorted(np.linspace(0, 1, bins + 1)[1:-1], confidence), minlength=bins)
    counts = counts[counts > 0]
    return {'counts': counts.tolist(), 'accuracy': accuracy.tolist(), 'confidence': mean.tolist(), 'error': float((counts / len(labels) * np.abs(accuracy - mean)).sum())}


def several(rows, classes, never):
    labels = random.integers(0, classes, rows)
    scores = random.normal(size=(rows, classes)) + 1.2 * np.eye(classes)[labels]
    scores[:, never] -= 5
    probabilities = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    predicted = probabilities.argmax(axis=1)
    ones = label_binarize(labels, classes=range(classes))
    return {
        'labels': labels.tolist(), 'predictions': probabilities.tolist(), **of_labels(labels, predicted, classes),
        'rocAuc': metrics.roc_auc_score(labels, probabilities, multi_class='ovr', average='macro'),
        'averagePrecision': metrics.average_precision_score(ones, probabilities, average='macro'),
        'rankings': [[metrics.roc_auc_score(ones[:, k], probabilities[:, k]), metrics.average_precision_score(ones[:, k], probabilities[:, k])] for k in range(classes)],
        'logLoss': metrics.log_loss(labels, probabilities),
        'brierScore': float(((probabilities - ones) ** 2).sum(axis=1).mean()),
        'calibration': calibration(labels, predicted, probabilities.max(axis=1), 10),
    }


def two(rows, bins):
    labels = random.integers(0, 2, rows)
    # Tenths, so that many are equal; some are exactly 0 and 1.
    probabilities = np.clip(np.round(0.5 + 0.25 * (2 * labels - 1) + 0.35 * random.normal(size=rows), 1), 0, 1)
    predicted = (probabilities > 0.5).astype(int)
    return {
        'labels': labels.tolist(), 'predictions': probabilities[:, None].tolist(), 'bins': bins, **of_labels(labels, predicted, 2),
        'rocAuc': metrics.roc_auc_score(labels, probabilities), 'averagePrecision': metrics.average_precision_score(labels, probabilities),
        'logLoss': metrics.log_loss(labels, probabilities), 'brierScore': metrics.brier_score_loss(labels, probabilities),
        'calibration': calibration(labels, predicted, np.where(predicted == 1, probabilities, 1 - probabilities), bins),
    }


def only_labels(rows):
    # Class 2 is no label but predicted, class 4 neither.
    labels, predicted = random.choice([0, 1, 3, 5], rows), random.choice([0, 1, 2, 3, 5], rows)
    return {'labels': labels.tolist(), 'predictions': predicted.tolist(), **of_labels(labels, predicted, 6)}


def regression(rows, outputs):
    targets = random.normal(size=(rows, outputs)) * [1, 100, 0.01]
    predictions = targets + random.normal(size=(rows, outputs)) * [0.5, 20, 0.02] + [0, 10, 0.03]
    each = {
        'r2': metrics.r2_score(targets, predictions, multioutput='raw_values'),
        'explainedVariance': metrics.explained_variance_score(targets, predictions, multioutput='raw_values'),
        'meanAbsoluteError': metrics.mean_absolute_error(targets, predictions, multioutput='raw_values'),
        'rootMeanSquaredError': metrics.mean_squared_error(targets, predictions, multioutput='raw_values', squared=False),
        'maximumError': np.array([metrics.max_error(targets[:, k], predictions[:, k]) for k in range(outputs)]),
    }
    return {
        'targets': targets.tolist(), 'predictions': predictions.tolist(), 'outputs': {name: values.tolist() for name, values in each.items()},
        'means': {
            'r2': metrics.r2_score(targets, predictions), 'explainedVariance': metrics.explained_variance_score(targets, predictions),
            'meanAbsoluteError': metrics.mean_absolute_error(targets, predictions), 'rootMeanSquaredError': metrics.mean_squared_error(targets, predictions, squared=False),
        },
    }


result = {'several': several(90, 4, 2), 'two': two(80, 7), 'labels': only_labels(70), 'regression': regression(50, 3)}
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'sklearn-metrics.json'), 'w') as file:
    json.dump(result, file, separators=(',', ':'))
    file.write('\n')
