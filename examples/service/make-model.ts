// Writes a model to serve: 784-128-10 with first weights, or trained on digits if you train it. `npm run model -- [file] [seed]`
import { dense, Network } from 'densely';

const [file = 'model.safetensors', seed = '1'] = process.argv.slice(2);
const network = new Network({ inputs: 784, seed: Number(seed), layers: [dense(128, 'relu'), dense(10, 'softmax')] });
await network.save(file);
console.log(`${file}: ${network.inputs} inputs, ${network.outputs} outputs`);
