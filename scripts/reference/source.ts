// What the sources say about themselves: doc comments and signatures of factory functions, options of interfaces.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A function that users call, as its source declares it. */
export interface Factory { readonly name: string; readonly signature: string; readonly description: string; readonly example: string | undefined }

/** One option of an interface. */
export interface Option { readonly name: string; readonly type: string; readonly required: boolean; readonly description: string }

interface Interface { readonly parents: readonly string[]; readonly options: readonly Option[] }

const comment = String.raw`\/\*\*((?:(?!\*\/)[\s\S])*)\*\/`;

/** The text of a doc comment on one line a paragraph, and its example. */
function readComment(text: string): { description: string; example: string | undefined } {
  const lines = text.split('\n').map((line) => line.replace(/^\s*\*? ?/, '').trimEnd());
  const [before, ...examples] = lines.join('\n').split(/^@example ?/m);
  const description = before!.replace(/^@throws \{(\w+)\}/gm, '\nThrows $1:').split(/\n{2,}/).map((part) => part.replace(/\s*\n\s*/g, ' ').trim());
  const example = examples.map((each) => each.trim()).join('\n');
  return { description: description.filter((part) => part !== '').join('\n\n'), example: example === '' ? undefined : example };
}

/** Everything that the TypeScript files of a folder declare. */
export class Sources {
  private readonly texts: readonly string[];

  constructor(folder: string) {
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile() && entry.name.endsWith('.ts'));
    this.texts = files.map((entry) => join(entry.parentPath, entry.name)).sort().map((file) => readFileSync(file, 'utf8'));
  }

  /** The exported function that makes descriptions of the kind `name`; its result is what tells it from others of that name. */
  factory(name: string): Factory | undefined {
    const pattern = new RegExp(`${comment}\\nexport (?:function ${name}|const ${name} = )\\((.*)\\): (?:Layer|\\w+Spec)\\b`);
    for (const text of this.texts) {
      const [, said, parameters] = pattern.exec(text) ?? [];
      if (said !== undefined) return { name, signature: `${name}(${parameters!})`, ...readComment(said) };
    }
    return undefined;
  }

  /** The options of an interface, those it inherits first; undefined where there is none of that name. */
  options(name: string): readonly Option[] | undefined {
    const own = this.interface(name);
    return own && [...own.parents.flatMap((parent) => this.options(parent) ?? []), ...own.options];
  }

  private interface(name: string): Interface | undefined {
    const pattern = new RegExp(`^export interface ${name}(?: extends ([^{]+))? \\{\\n([\\s\\S]*?)^\\}`, 'm');
    for (const text of this.texts) {
      const [, parents = '', body] = pattern.exec(text) ?? [];
      if (body === undefined) continue;
      const members = body.matchAll(new RegExp(`${comment}\\s*readonly (\\w+)(\\??): ([^;]+);`, 'g'));
      const options = [...members].map(([, said, member, optional, type]) => ({
        name: member!, type: type!.replace(/^readonly /, ''), required: optional === '', description: readComment(said!).description,
      }));
      return { parents: parents.split(',').map((parent) => parent.trim()).filter((parent) => parent !== ''), options };
    }
    return undefined;
  }
}
