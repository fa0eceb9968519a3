export function writeDocs(_rows: unknown): void {}
