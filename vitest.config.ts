import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Tests see the sources under the names that users import. */
const alias = [
  { find: /^densely\/graph$/, replacement: here('lib/graph.ts') },
  { find: /^densely$/, replacement: here('lib/index.ts') },
];

export default defineConfig({
  resolve: { alias },
  test: {
    pool: 'forks',
    // Vitest leaves one processor to itself, which is one of two.
    maxWorkers: '100%',
    coverage: { provider: 'v8', include: ['lib/**/*.ts'], reporter: ['text', 'json'], reportsDirectory: 'coverage', thresholds: { lines: 95, branches: 90 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'library',
          include: ['test/**/*.test.ts'],
          exclude: ['test/distribution/**'],
          testTimeout: 30_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        // Builds and packs: last and one at a time, so that they neither disturb the others nor each other.
        extends: true,
        test: {
          name: 'distribution',
          include: ['test/distribution/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 240_000,
          hookTimeout: 240_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
