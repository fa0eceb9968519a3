// A feedforward network in plain loops and doubles: what fit, evaluate and the textbook interface are held against.

/** W is [out][in]. */
export interface ReferenceLayer { W: number[][]; b: number[]; readonly activation: 'linear' | 'tanh' | 'sigmoid' | 'softmax'; readonly l1?: number; readonly l2?: number }
export type ReferenceLoss = 'meanSquaredError' | 'crossEntropy';

function activate(z: number[], name: ReferenceLayer['activation']): number[] {
  if (name === 'tanh') return z.map(Math.tanh);
  if (name === 'sigmoid') return z.map((value) => 1 / (1 + Math.exp(-value)));
  if (name === 'linear') return z;
  const exps = z.map((value) => Math.exp(value - Math.max(...z)));
  return exps.map((value) => value / exps.reduce((a, b) => a + b, 0));
}

/** dZ from dA, given A. */
function derive(dA: number[], a: number[], name: ReferenceLayer['activation']): number[] {
  if (name === 'linear') return dA;
  if (name === 'tanh') return dA.map((d, i) => d * (1 - a[i]! ** 2));
  if (name === 'sigmoid') return dA.map((d, i) => d * a[i]! * (1 - a[i]!));
  const dot = dA.reduce((total, d, i) => total + d * a[i]!, 0);
  return dA.map((d, i) => a[i]! * (d - dot));
}

export function forward(layers: readonly ReferenceLayer[], x: readonly number[]): number[][] {
  const values = [[...x]];
  for (const { W, b, activation } of layers) {
    const input = values.at(-1)!;
    values.push(activate(W.map((row, k) => row.reduce((total, w, i) => total + w * input[i]!, b[k]!)), activation));
  }
  return values;
}

/** Loss of an example and its gradient with respect to the output; targets of cross-entropy are one-hot. */
function lossOf(a: number[], t: readonly number[], loss: ReferenceLoss): { value: number; dA: number[] } {
  if (loss === 'meanSquaredError') {
    return { value: a.reduce((total, v, i) => total + (v - t[i]!) ** 2, 0) / a.length, dA: a.map((v, i) => (2 * (v - t[i]!)) / a.length) };
  }
  return { value: -a.reduce((total, v, i) => total + (t[i] === 0 ? 0 : t[i]! * Math.log(v)), 0), dA: a.map((v, i) => -t[i]! / v) };
}

export interface ReferenceGradients { loss: number; dW: number[][][]; db: number[][] }

/** Mean loss with penalties, and its gradients, over a minibatch. */
export function gradientsOf(layers: readonly ReferenceLayer[], x: readonly number[][], t: readonly number[][], loss: ReferenceLoss): ReferenceGradients {
  const dW = layers.map(({ W }) => W.map((row) => row.map(() => 0))), db = layers.map(({ b }) => b.map(() => 0));
  let total = 0;
  x.forEach((row, example) => {
    const values = forward(layers, row);
    const { value, dA } = lossOf(values.at(-1)!, t[example]!, loss);
    total += value / x.length;
    let upstream = dA;
    for (let l = layers.length - 1; l >= 0; l--) {
      const dZ = derive(upstream, values[l + 1]!, layers[l]!.activation), input = values[l]!;
      dZ.forEach((d, k) => {
        db[l]![k]! += d / x.length;
        input.forEach((v, i) => { dW[l]![k]![i]! += (d * v) / x.length; });
      });
      upstream = input.map((_, i) => dZ.reduce((sum, d, k) => sum + d * layers[l]!.W[k]![i]!, 0));
    }
  });
  layers.forEach(({ W, l1 = 0, l2 = 0 }, l) => W.forEach((row, k) => row.forEach((w, i) => {
    total += l1 * Math.abs(w) + l2 * w * w;
    dW[l]![k]![i]! += l1 * Math.sign(w) + 2 * l2 * w;
  })));
  return { loss: total, dW, db };
}

/** One step of gradient descent, in place. Returns the loss before it. */
export function step(layers: readonly ReferenceLayer[], x: readonly number[][], t: readonly number[][], loss: ReferenceLoss, rate: number): number {
  const found = gradientsOf(layers, x, t, loss);
  layers.forEach((layer, l) => {
    layer.W = layer.W.map((row, k) => row.map((w, i) => w - rate * found.dW[l]![k]![i]!));
    layer.b = layer.b.map((b, k) => b - rate * found.db[l]![k]!);
  });
  return found.loss;
}

/** Layers with the weights of a network, by order of its dense layers. */
export function layersFrom(weights: readonly { shape: readonly number[]; data: ArrayLike<number> }[], activations: readonly ReferenceLayer['activation'][], penalties: { l1?: number; l2?: number } = {}): ReferenceLayer[] {
  return activations.map((activation, l) => {
    const weight = weights[2 * l]!, bias = weights[2 * l + 1]!, inputs = weight.shape[1]!;
    return {
      W: Array.from({ length: weight.shape[0]! }, (_, k) => Array.from({ length: inputs }, (_unused, i) => weight.data[k * inputs + i]!)),
      b: Array.from(bias.data), activation, ...penalties,
    };
  });
}

export function oneHot(labels: readonly number[], classes: number): number[][] {
  return labels.map((label) => Array.from({ length: classes }, (_, k) => (k === label ? 1 : 0)));
}
