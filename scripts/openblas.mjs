// Prints the include folders (`include`) or link flags (`libs`) of OpenBLAS for binding.gyp.
// CMake has cmake/FindOpenBLAS.cmake; gyp has no search of its own, and pkg-config is not on every machine.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const prefixes = [process.env.OPENBLAS_ROOT, '/usr', '/opt/homebrew/opt/openblas', '/usr/local/opt/openblas'].filter(Boolean);

/** The folder itself and one level below it: Debian keeps libraries in lib/<architecture>/<variant>. */
function* foldersUnder(folder) {
  yield folder;
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) yield join(folder, entry.name);
  }
}

function find(kind, places) {
  for (const prefix of prefixes) {
    const folders = [...foldersUnder(join(prefix, kind))];
    for (const [variant, file] of places) {
      const found = folders.map((folder) => join(folder, variant)).find((folder) => existsSync(join(folder, file)));
      if (found) return { folder: found, file };
    }
  }
  process.stderr.write('OpenBLAS (pthread) with its header cblas.h was not found; OPENBLAS_ROOT=/path names a prefix\n');
  process.exit(1);
}

if (process.argv[2] === 'include') {
  const { folder } = find('include', [['openblas-pthread', 'cblas.h'], ['openblas', 'cblas.h'], ['', 'cblas.h']]);
  process.stdout.write(folder);
} else {
  const extension = process.platform === 'darwin' ? 'dylib' : 'so';
  const { folder, file } = find('lib', [
    ['openblas-pthread', `libopenblas.${extension}`],
    ['', `libopenblasp.${extension}`],
    ['', `libopenblas.${extension}`],
  ]);
  // The variant's folder is pinned so that update-alternatives cannot swap the serial one in.
  const pin = folder.endsWith('openblas-pthread') ? ` -Wl,-rpath,${folder}` : '';
  process.stdout.write(`-L${folder} -l${file.replace(/^lib|\.\w+$/g, '')}${pin}`);
}
