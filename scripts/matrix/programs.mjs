// The programs of the package's users: each trains XOR and says in a line of JSON whether it learnt it, and on which backend.
const body = `
const x = [[0, 0], [0, 1], [1, 0], [1, 1]], y = [[0], [1], [1], [0]];
async function learn() {
  const network = new Network({ inputs: 2, seed: 1, layers: [dense(8, 'tanh'), dense(1, 'sigmoid')] });
  await network.fit({ x, y }, { epochs: 300, batchSize: 4, optimizer: adam({ learningRate: 0.05 }), loss: 'binaryCrossEntropy' });
  const { data } = await network.predict(x);
  const { backend, reason, addon } = diagnostics();
  const learnt = y.every(([wanted], i) => Math.round(data[i]!) === wanted) && input('x', ['rows', 2]) !== undefined;
  return { learnt, backend, reason, file: addon.file };
}
const say = async (): Promise<void> => console.log(JSON.stringify(await learn()));
`;
const withoutTypes = body.replace('[i]!', '[i]').replace(': Promise<void>', '');
const imports = "import { adam, dense, diagnostics, Network } from 'densely';\nimport { input } from 'densely/graph';\n";
const requires = "const { adam, dense, diagnostics, Network } = require('densely');\nconst { input } = require('densely/graph');\n";

/** Programs by the names of their files. */
export const programs = {
  'xor.mjs': `${imports}${withoutTypes}await say();\n`,
  'xor.cjs': `${requires}${withoutTypes}say();\n`,
  'worker.mjs': `import { Worker, isMainThread } from 'node:worker_threads';
if (isMainThread) new Worker(new URL(import.meta.url));
else await import('./xor.mjs');
`,
  'xor-types.mts': `${imports}import type { History } from 'densely';\nexport type Told = History['epochs'];\n${body}await say();\n`,
  'xor-types.cts': `import densely = require('densely');\nimport graph = require('densely/graph');\nconst { adam, dense, diagnostics, Network } = densely, { input } = graph;\n${body}void say();\n`,
};

/** Every switch by which TypeScript looks more closely; declarations of the package are checked too. */
export const strictest = {
  strict: true, skipLibCheck: false, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, noImplicitOverride: true,
  noPropertyAccessFromIndexSignature: true, isolatedModules: true, verbatimModuleSyntax: true, target: 'es2023', types: ['node'],
};
