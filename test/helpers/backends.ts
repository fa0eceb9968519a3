// The backends that tests loop over. Where the native one is required and missing, its tests fail instead of being left out.
import { addonProblem, loadAddon } from '../../lib/backend/addon.ts';
import { nativeInfo } from '../../lib/backend/native.ts';

const required = process.env['DENSELY_REQUIRE_NATIVE'] === '1';

/** Both backends; only the TypeScript one where there is no addon and none is required. */
export const backends: readonly ('native' | 'typescript')[] = addonProblem() === undefined || required ? ['native', 'typescript'] : ['typescript'];

/** Those of them that run precision `'bfloat16'`: the native one on a processor with AVX512-BF16. */
export const bfloat16Backends = backends.filter((backend) => backend === 'typescript' || nativeInfo()?.bfloat16 === true);

/** Lets the native backend use so many threads in this file's tests, as it would on a machine with as many processors. */
export function withProcessors(cores: number): void {
  const { addon } = loadAddon();
  if (addon === undefined) return;
  const info = { ...addon.info(), cores };
  Object.assign(addon, { info: () => info });
}
