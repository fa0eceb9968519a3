// JSON.parse keeps the last of two equal names and says nothing; a file that has them is not to be trusted.

/** The first name that one object of `json`, which must be valid JSON, holds twice, or null. */
export function duplicateKey(json: string): string | null {
  /** Names of each object open at this point; null for an open array. */
  const open: (Set<string> | null)[] = [];
  for (let at = 0; at < json.length; at++) {
    const character = json[at];
    if (character === '{') open.push(new Set());
    else if (character === '[') open.push(null);
    else if (character === '}' || character === ']') open.pop();
    else if (character === '"') {
      const begin = at;
      at = endOfString(json, at);
      const names = open.at(-1);
      if (!names || !isName(json, at + 1)) continue;
      const name = JSON.parse(json.slice(begin, at + 1)) as string;
      if (names.has(name)) return name;
      names.add(name);
    }
  }
  return null;
}

/** Position of the quote that ends the string which begins at `at`. */
function endOfString(json: string, at: number): number {
  let i = at + 1;
  while (i < json.length && json[i] !== '"') i += json[i] === '\\' ? 2 : 1;
  return i;
}

/** Whether a colon follows, behind white space. */
function isName(json: string, at: number): boolean {
  let i = at;
  while (json[i] === ' ' || json[i] === '\n' || json[i] === '\r' || json[i] === '\t') i++;
  return json[i] === ':';
}
