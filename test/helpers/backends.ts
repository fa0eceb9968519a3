// The backends that tests loop over. Where the native one is required and missing, its tests fail instead of being left out.
import { nativeUnavailable } from '../../lib/backend/native.ts';

const required = process.env['DENSELY_REQUIRE_NATIVE'] === '1';

/** Both backends; only the TypeScript one where there is no addon and none is required. */
export const backends: readonly ('native' | 'typescript')[] = nativeUnavailable() === undefined || required ? ['native', 'typescript'] : ['typescript'];
