#!/usr/bin/env python3
# What TensorBoard reads of an event file, written to tensorboard.json beside this file: first every event as its protocol buffers have
# it, with the sums of its records checked, then what its event accumulator shows, with events of interrupted runs left out.
# The file is that of test/helpers/sample-events.ts. Run it by hand where tensorboard is installed.
import base64
import json
import os
import shutil
import subprocess
import tempfile

import tensorboard
from google.protobuf.json_format import MessageToDict
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.compat.proto import event_pb2
from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import PyRecordReader_New

here = os.path.dirname(os.path.abspath(__file__))
source = "import('./test/helpers/sample-events.ts').then(({ sampleEvents }) => process.stdout.write(sampleEvents().toString('base64')))"
text = subprocess.run(['npx', 'tsx', '-e', source], cwd=os.path.join(here, '../..'), check=True, capture_output=True, text=True).stdout

folder = tempfile.mkdtemp()
path = os.path.join(folder, 'events.out.tfevents.1700000000.sample')
with open(path, 'wb') as file:
    file.write(base64.b64decode(text))


def events():
    """Every event of the file; the reader raises on sums that are wrong."""
    reader = PyRecordReader_New(path)
    while True:
        try:
            reader.GetNext()
        except Exception as error:
            if type(error).__name__ == 'OutOfRangeError':
                return
            raise
        yield MessageToDict(event_pb2.Event.FromString(reader.record()), preserving_proto_field_name=True)


shown = EventAccumulator(path, size_guidance={'scalars': 0, 'histograms': 0})
shown.Reload()
tags = shown.Tags()
result = {
    'tensorboard': tensorboard.__version__,
    'file': text,
    'events': list(events()),
    'graph': MessageToDict(shown.Graph(), preserving_proto_field_name=True),
    'scalars': {tag: [[each.step, each.wall_time, str(each.value)] for each in shown.Scalars(tag)] for tag in tags['scalars']},
    'histograms': {tag: [[each.step, each.wall_time, each.histogram_value.min, each.histogram_value.max, each.histogram_value.num, each.histogram_value.sum,
                          each.histogram_value.sum_squares, list(each.histogram_value.bucket_limit), list(each.histogram_value.bucket)]
                         for each in shown.Histograms(tag)] for tag in tags['histograms']},
}
with open(os.path.join(here, 'tensorboard.json'), 'w') as file:
    json.dump(result, file, separators=(',', ':'))
    file.write('\n')
shutil.rmtree(folder)
