#!/usr/bin/env python3
# Preprocessing by scikit-learn, written to preprocessing.json beside this file: a table in the manner of the "adult" census data, with
# missing cells, skewed numbers and rare categories, fitted on its first rows and applied to all of them, the last of which have categories
# not seen before. Run it by hand where python3-sklearn is installed.
import json
import os

import numpy as np
import sklearn
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, OrdinalEncoder, RobustScaler, StandardScaler

TRAIN, TEST = 200, 25
random = np.random.default_rng(17)
NAMES = ['age', 'weight', 'gain', 'hours', 'score', 'workclass', 'education', 'country', 'marital']
EDUCATION = ['none', 'school', 'college', 'doctorate']


def column(values, missing):
    """The values as cells, some of them missing."""
    return [None if random.random() < missing else value for value in values]


rows = TRAIN + TEST
cells = {
    'age': column(random.integers(17, 90, rows).tolist(), 0.05),
    'weight': column([round(float(value), 1) for value in random.lognormal(12, 0.5, rows)], 0.1),
    'gain': column([0 if random.random() < 0.7 else int(value) for value in random.exponential(5000, rows)], 0.15),
    'hours': column([round(float(value), 2) for value in random.normal(40, 12, rows)], 0.08),
    'score': column([round(float(value), 3) for value in random.uniform(-2, 5, rows)], 0.2),
    'workclass': column(random.choice(['Private', 'State-gov', 'Self-emp', 'Federal-gov'], rows, p=[0.6, 0.2, 0.15, 0.05]).tolist(), 0.1),
    'education': column(random.choice(EDUCATION, rows).tolist(), 0),
    'country': column(random.choice(['US', 'MX', 'PH', 'DE', 'CU', 'VN', 'PL', 'YU'], rows, p=[0.6, 0.12, 0.1, 0.08, 0.04, 0.03, 0.02, 0.01]).tolist(), 0.05),
    'marital': column(random.choice(['married', 'single', 'divorced'], rows).tolist(), 0.12),
}
cells['workclass'][-1], cells['country'][-2], cells['country'][-3] = 'Never-worked', 'FR', 'US'
table = np.array([[np.nan if cells[name][i] is None else cells[name][i] for name in NAMES] for i in range(rows)], dtype=object)

transformer = ColumnTransformer([
    ('age', make_pipeline(SimpleImputer(strategy='mean'), StandardScaler()), [0]),
    ('weight', make_pipeline(SimpleImputer(strategy='median'), StandardScaler()), [1]),
    ('gain', make_pipeline(SimpleImputer(strategy='most_frequent'), RobustScaler()), [2]),
    ('hours', make_pipeline(SimpleImputer(strategy='median'), MinMaxScaler()), [3]),
    ('score', SimpleImputer(strategy='constant', fill_value=-10.0, add_indicator=True), [4]),
    ('workclass', make_pipeline(SimpleImputer(strategy='most_frequent'), OneHotEncoder(handle_unknown='ignore', sparse_output=False)), [5]),
    ('education', OrdinalEncoder(categories=[EDUCATION]), [6]),
    ('country', make_pipeline(SimpleImputer(strategy='most_frequent'), OneHotEncoder(handle_unknown='infrequent_if_exist', min_frequency=8, sparse_output=False)), [7]),
    ('marital', make_pipeline(SimpleImputer(strategy='constant', fill_value='unknown'), OneHotEncoder(handle_unknown='error', sparse_output=False)), [8]),
])
transformer.fit(table[:TRAIN])
outputs = transformer.transform(table).astype(float)


def plain(value):
    """Whole numbers without a point."""
    return int(value) if value == int(value) else float(value)


golden = {
    'sklearn': sklearn.__version__, 'train': TRAIN, 'names': NAMES, 'education': EDUCATION,
    'rows': [[cells[name][i] for name in NAMES] for i in range(rows)],
    'outputs': [[plain(value) for value in row] for row in outputs],
}
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'preprocessing.json'), 'w') as file:
    json.dump(golden, file, separators=(',', ':'))
    file.write('\n')
