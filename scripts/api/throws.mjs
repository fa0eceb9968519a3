// A plugin of typedoc: what is thrown keeps its class, which `@throws {OptionError} On …` gives as a type.
import { Converter } from 'typedoc';

export function load(app) {
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, (context) => {
    for (const reflection of Object.values(context.project.reflections)) {
      for (const tag of reflection.comment?.getTags('@throws') ?? []) {
        const type = tag.typeAnnotation?.replace(/^\{|\}$/g, '');
        if (type) tag.content.unshift({ kind: 'code', text: `\`${type}\`` }, { kind: 'text', text: ' ' });
      }
    }
  });
}
