// Pictures as files.
import { writeFileAtomic } from '../io/atomic.ts';
import { invalid, nonEmptyString } from '../options.ts';

/** Writes the SVG text of a picture to a file, whole or not at all. */
export async function writePicture(path: string, picture: string): Promise<void> {
  nonEmptyString('writePicture', 'path', path);
  if (typeof picture !== 'string' || !picture.startsWith('<svg')) throw invalid('writePicture', 'picture', 'SVG text', picture);
  await writeFileAtomic(path, [Buffer.from(picture)]);
}
