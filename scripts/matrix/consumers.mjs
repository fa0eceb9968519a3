// Cells of the matrix: TypeScript users and bundlers, and what the linters of packages say.
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { answer, installed, node } from './installers.mjs';
import { strictest } from './programs.mjs';
import { program, run, toolsFolder, versionOf } from './tools.mjs';

async function types(w, name, source, options) {
  const folder = await installed(w, `types ${name}`);
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: { ...strictest, ...options, outDir: 'out', typeRoots: [join(toolsFolder, '@types')] }, files: [source] }));
  await run(folder, node, [program('typescript', 'tsc'), '-p', '.']);
  return answer(folder, [node], join('out', source.replace(/ts$/, 'js')));
}

const typescript = [
  ['ESM', 'nodenext', 'xor-types.mts', { module: 'nodenext', moduleResolution: 'nodenext' }],
  ['require', 'nodenext', 'xor-types.cts', { module: 'nodenext', moduleResolution: 'nodenext' }],
  ['ESM', 'bundler', 'xor-types.mts', { module: 'esnext', moduleResolution: 'bundler' }],
].map(([form, resolution, source, options]) => ({ name: `TypeScript ${versionOf('typescript')}, strictest, ${resolution}, ${form}`, run: (w) => types(w, `${resolution} ${form}`, source, options) }));

/** Bundles xor.mjs with a tool's command and runs what came of it. */
function bundled(name, make, file) {
  return { name, run: async (w) => {
    const folder = await installed(w, name);
    mkdirSync(join(folder, 'out'), { recursive: true });
    await make(folder);
    return answer(folder, [node], join('out', file));
  } };
}

const esbuild = (format, file) => (folder) => run(folder, node, ['-e', `require(${JSON.stringify(join(toolsFolder, 'esbuild'))}).buildSync({
  entryPoints: ['${format === 'esm' ? 'xor.mjs' : 'xor.cjs'}'], bundle: true, platform: 'node', format: '${format}', outfile: 'out/${file}', logLevel: 'error' })`]);
const rollup = (format, file) => (folder) => {
  // Rollup writes top-level await in ESM alone; in CommonJS it gets a program without it.
  writeFileSync(join(folder, 'entry.mjs'), format === 'es' ? "import './xor.mjs';\n" : "import './xor-plain.mjs';\n");
  return run(folder, node, [program('rollup'), 'entry.mjs', '--format', format, '--file', `out/${file}`, '--plugin', join(toolsFolder, '@rollup/plugin-node-resolve/dist/cjs/index.js'), '--inlineDynamicImports', '--silent']);
};
const webpack = (folder) => {
  writeFileSync(join(folder, 'webpack.config.cjs'), "module.exports = { mode: 'production', target: 'node', entry: './xor.mjs', output: { path: __dirname + '/out', filename: 'webpack.cjs' } };\n");
  return run(folder, node, [program('webpack'), '--config', 'webpack.config.cjs'], { NODE_PATH: toolsFolder });
};
const vite = (inside) => async (folder) => {
  const options = { configFile: false, logLevel: 'error', ssr: inside ? { noExternal: true } : {}, build: { ssr: 'xor.mjs', outDir: 'out', target: 'node20' } };
  await run(folder, node, ['--input-type=module', '-e', `import { build } from ${JSON.stringify(join(toolsFolder, 'vite/dist/node/index.js'))}; await build(${JSON.stringify(options)});`]);
  if (existsSync(join(folder, 'out/xor.js'))) renameSync(join(folder, 'out/xor.js'), join(folder, 'out/xor.mjs'));
};

const bundlers = [
  bundled(`esbuild ${versionOf('esbuild')}, ESM`, esbuild('esm', 'esbuild.mjs'), 'esbuild.mjs'),
  bundled(`esbuild ${versionOf('esbuild')}, CommonJS`, esbuild('cjs', 'esbuild.cjs'), 'esbuild.cjs'),
  bundled(`rollup ${versionOf('rollup')}, ESM`, rollup('es', 'rollup.mjs'), 'rollup.mjs'),
  bundled(`rollup ${versionOf('rollup')}, CommonJS`, rollup('cjs', 'rollup.cjs'), 'rollup.cjs'),
  bundled(`webpack ${versionOf('webpack')}`, webpack, 'webpack.cjs'),
  bundled(`vite ${versionOf('vite')} SSR, the package outside`, vite(false), 'xor.mjs'),
  bundled(`vite ${versionOf('vite')} SSR, the package inside`, vite(true), 'xor.mjs'),
];

const linters = [
  { name: `publint ${versionOf('publint')}`, run: async (w) => void await run(w.folder('publint'), node, [program('publint'), w.tarball, '--strict']) },
  // "esm-only" passes over what has no exports of its own to offer: resolution before Node 12, and require() before Node 20.19.
  { name: `attw ${versionOf('@arethetypeswrong/cli')}, profile esm-only`, run: async (w) => void await run(w.folder('attw'), node, [program('@arethetypeswrong/cli', 'attw'), w.tarball, '--profile', 'esm-only']) },
];

export const consumers = [...typescript, ...bundlers, ...linters];
