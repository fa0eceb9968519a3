// The folder and the number of epochs that an example is started with.

/** The first two arguments of the command line; without a folder the usage is printed and the process ends. */
export function readArguments(example: string, contents: string, epochs: number): { folder: string; epochs: number } {
  const [folder, count] = process.argv.slice(2);
  if (folder === undefined) {
    console.error(`usage: npm run example -- examples/${example} FOLDER [epochs]   (FOLDER holds ${contents})`);
    process.exit(2);
  }
  return { folder, epochs: count === undefined ? epochs : Number(count) };
}
