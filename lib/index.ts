// densely: networks of layers, trained and served.
export { Network, type NetworkOptions, type Prediction } from './network/network.ts';
export type { EvaluateOptions, FitOptions } from './network/fit-options.ts';
export type { TrainingData } from './network/given.ts';
export type { GivenTensor, NamedTensor } from './network/tensors.ts';
export type { Arrangement, ArrangementOptions, Table } from './network/arrangement.ts';
export type { LayerCache, LayerGradients, TextbookLayer } from './network/textbook-layer.ts';
export { input } from './layers/input.ts';
export { dense, type DenseOptions } from './layers/dense.ts';
export { activation } from './layers/activation.ts';
export { dropout } from './layers/dropout.ts';
export { Layer, SymbolicTensor, type LayerSpec } from './layers/layer.ts';
export type { Activation, ActivationName } from './layers/activations.ts';
export type { Initializer, InitializerName } from './layers/initializers.ts';
export { sgd, type SgdOptions } from './train/optimizers/sgd.ts';
export { adam, adamw, type AdamOptions } from './train/optimizers/adam.ts';
export type { OptimizerSpec } from './train/optimizers/optimizer.ts';
export type { EpochRecord, Evaluation, History, Measures } from './train/history.ts';
export type { Callback, RunControl } from './train/callbacks/callback.ts';
export { earlyStopping, type EarlyStoppingOptions } from './train/callbacks/early-stopping.ts';
export { binaryCrossEntropy } from './train/losses/binary-cross-entropy.ts';
export { crossEntropy } from './train/losses/cross-entropy.ts';
export { meanSquaredError } from './train/losses/mean-squared-error.ts';
export type { LossSpec } from './train/losses/loss.ts';
export { constant } from './train/schedules/constant.ts';
export type { LearningRate } from './train/schedules/registry.ts';
export type { ScheduleSpec } from './train/schedules/schedule.ts';
export type { LossName } from './train/losses/registry.ts';
export type { MetricName } from './train/metrics.ts';
export type { Tables } from './data/parts.ts';
export { Dataset, type Columns, type MatrixLike } from './data/dataset.ts';
export { parseCsv, readCsv, type CsvOptions } from './data/csv.ts';
export { readIdx, readIdxDataset, readIdxFolder } from './data/idx.ts';
export { diagnostics, type BackendChoice, type Diagnostics, type Precision } from './backend/select.ts';
export {
  AbortedError, BusyError, DataError, DenselyError, DisposedError, ModelFormatError, NonFiniteError, OptionError, ShapeError, type ErrorCode,
} from './errors.ts';
