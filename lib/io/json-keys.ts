// JSON of files: JSON.parse keeps the last of two equal names and says nothing, and makes hundreds of bytes of every bracket; a file that has
// the one, or brackets without end, is not to be trusted.

/** The value of JSON in which lists and objects lie at most `deepest` within each other; throws a SyntaxError on any other text. */
export function parseNested(json: string, deepest: number): unknown {
  if (isDeeper(json, deepest)) throw new SyntaxError(`more than ${deepest} lists and objects within each other`);
  return JSON.parse(json);
}

/** Whether more than `deepest` brackets are open at some point of a text, those in strings left out. */
function isDeeper(json: string, deepest: number): boolean {
  let open = 0;
  for (let at = 0; at < json.length; at++) {
    const character = json.charCodeAt(at);
    if (character === 0x22) at = endOfString(json, at);
    else if ((character === 0x7b || character === 0x5b) && ++open > deepest) return true;
    else if (character === 0x7d || character === 0x5d) open--;
  }
  return false;
}

/** The most values that one list or object has of those that lie directly in the outermost one; a text that is no JSON has any number. */
export function longestPart(json: string): number {
  let open = 0, count = 0, longest = 0;
  for (let at = 0; at < json.length; at++) {
    const character = json.charCodeAt(at);
    if (character === 0x22) at = endOfString(json, at);
    else if (character === 0x7d || character === 0x5d) open--;
    else if (character === 0x7b || character === 0x5b) {
      if (++open === 2) count = 1;
    } else if (character === 0x2c && open === 2) count++;
    else continue;
    if (count > longest) longest = count;
  }
  return longest;
}

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

/** Whether a value of JSON is an object, not a list. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
