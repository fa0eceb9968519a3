// densely: networks of layers, trained and served.
export { Network, type EvaluateOptions, type FitOptions, type NamedTensor, type NetworkOptions, type Prediction, type TrainingData } from './network/network.ts';
export type { LayerCache, LayerGradients, TextbookLayer } from './network/textbook.ts';
export { dense, type DenseOptions } from './layers/dense.ts';
export { activation } from './layers/activation.ts';
export { dropout } from './layers/dropout.ts';
export type { LayerSpec } from './layers/layer.ts';
export type { Activation, ActivationName } from './layers/activations.ts';
export type { Initializer, InitializerName } from './layers/initializers.ts';
export { sgd, type SgdOptions } from './train/optimizers/sgd.ts';
export { adam, adamw, type AdamOptions } from './train/optimizers/adam.ts';
export { nadam, type NadamOptions } from './train/optimizers/nadam.ts';
export { radam, type RadamOptions } from './train/optimizers/radam.ts';
export { adamax, type AdamaxOptions } from './train/optimizers/adamax.ts';
export { rmsprop, type RmspropOptions } from './train/optimizers/rmsprop.ts';
export { adagrad, type AdagradOptions } from './train/optimizers/adagrad.ts';
export { adadelta, type AdadeltaOptions } from './train/optimizers/adadelta.ts';
export { lion, type LionOptions } from './train/optimizers/lion.ts';
export type { OptimizerSpec } from './train/optimizers/optimizer.ts';
export type { EpochRecord, Evaluation, History } from './train/history.ts';
export type { LossName } from './train/losses/registry.ts';
export type { MetricName } from './train/metrics.ts';
export { Dataset, type Columns, type MatrixLike } from './data/dataset.ts';
export { parseCsv, readCsv, type CsvOptions } from './data/csv.ts';
export { readIdx, readIdxDataset, readIdxFolder } from './data/idx.ts';
export { diagnostics, type BackendChoice, type Diagnostics, type Precision } from './backend/select.ts';
export {
  AbortedError, BusyError, DataError, DenselyError, DisposedError, ModelFormatError, NonFiniteError, OptionError, ShapeError, type ErrorCode,
} from './errors.ts';
