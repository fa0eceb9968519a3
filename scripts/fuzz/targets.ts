// All readers under test.
import { checkpoint, model, onnx, safetensors } from './models.ts';
import { configuration, csv, idx, jsonLines, npy, npz, preprocessor } from './tables.ts';
import type { Target } from './target.ts';

export const targets: readonly Target[] = [safetensors, model, checkpoint, onnx, idx, npy, npz, csv, jsonLines, configuration, preprocessor];
