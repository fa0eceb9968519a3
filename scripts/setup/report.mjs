// What setup says while it works: one line a step, with the reason when it begins and the time when it ends.
const started = new Map();

export const say = (line) => process.stdout.write(`densely: ${line}\n`);
export const warn = (line) => process.stderr.write(`densely: ${line}\n`);

export function begin(step, why) {
  started.set(step, performance.now());
  say(`${step} (${why}) …`);
}

export function end(step) {
  say(`${step}: done in ${((performance.now() - started.get(step)) / 1000).toFixed(1)} s`);
}
