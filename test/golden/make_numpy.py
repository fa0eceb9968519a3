#!/usr/bin/env python3
# Files that NumPy writes, as base64, with the numbers in them, written to numpy.json beside this file. Run it by hand where python3-numpy
# is installed.
import base64
import io
import json
import os

import numpy as np
from numpy.lib import format as npy

table = np.array([[0, 1, -2], [3.5, 100, -0.25]])
arrays = {
    **{f'{order}{kind}': np.abs(table).astype(order + kind) if kind[0] == 'u' else table.astype(order + kind)
       for order in '<>' for kind in ['i2', 'i4', 'i8', 'u2', 'u4', 'u8', 'f2', 'f4', 'f8']},
    'u1': np.abs(table).astype('u1'), 'i1': table.astype('i1'), 'bool': table > 0,
    'fortran': np.asfortranarray(np.arange(24, dtype='<f4').reshape(2, 3, 4)), 'fortran big': np.asfortranarray(np.arange(6, dtype='>i4').reshape(3, 2)),
    'one dimension': np.arange(5, dtype='<i8'), 'no dimension': np.array(2.5), 'halves': np.array([6.1e-5, 5.96e-8, 65504, -0.0, 1 / 3], 'f2'),
}


def written(array, version=None):
    file = io.BytesIO()
    npy.write_array(file, array, version=version)
    return base64.b64encode(file.getvalue()).decode()


def archive(save):
    file = io.BytesIO()
    save(file, x_train=table.astype('f4'), y_train=np.array([1, 0]))
    return base64.b64encode(file.getvalue()).decode()


golden = {
    'numpy': np.__version__,
    'arrays': {name: {'shape': list(array.shape), 'values': array.astype(float).ravel().tolist(), 'file': written(array)} for name, array in arrays.items()},
    'versions': {str(version): written(table, (version, 0)) for version in (1, 2, 3)}, 'table': table.ravel().tolist(),
    'stored': archive(np.savez), 'deflated': archive(np.savez_compressed),
    'refused': {'objects': written(np.array([1, 'a', None], dtype=object)), 'records': written(np.zeros(2, [('a', 'f4'), ('b', 'i4')])),
                'texts': written(np.array(['a', 'bc'])), 'complex': written(np.array([1j])), 'empty': written(np.zeros((0, 3))), 'large': written(np.array([2 ** 60]))},
}
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'numpy.json'), 'w') as file:
    json.dump(golden, file, separators=(',', ':'))
    file.write('\n')
