import { object } from '../schema/object.js';
import { sourceText } from '../schema/scalar.js';
import { type Infer, mapped, optional } from '../schema/shape.js';
import type { SourceText } from '../yaml/source-text.js';

const written = object({
  funcname: optional(
    sourceText({ grammar: 'the name of a kernel function' }),
    'The kernel function; only the last frame may leave it out, and stands for the fault point itself then.',
  ),
  parameters: optional(
    sourceText({ grammar: "a C parameter list, 'struct dentry *parent, const struct qstr *name'" }),
    "The function's parameters as C declares them, for the predicate to use.",
  ),
  predicate: optional(
    sourceText({ grammar: 'a C expression over the parameters' }),
    'What must hold when the function is entered; always when left out.',
  ),
});

type Texts = Infer<typeof written>;

/** A frame of the texts as they were written. Empty ones count as absent. */
export function frameOf(texts: Texts) {
  const funcname = unlessEmpty(texts.funcname);
  const parameters = unlessEmpty(texts.parameters);
  const predicate = unlessEmpty(texts.predicate);
  return {
    funcname: funcname?.text,
    parameters: parameters?.text,
    predicate: predicate?.text,
    /** The same texts with the places of their characters, for carets inside them. */
    source: { funcname, parameters, predicate },
  };
}

/** One frame of a call chain. */
export const frameShape = mapped(written, frameOf);

/** One function of a call chain, and the condition at its entry. */
export interface Frame extends Readonly<Infer<typeof frameShape>> {}

function unlessEmpty(text: SourceText | undefined): SourceText | undefined {
  return text === undefined || text.text.trim() === '' ? undefined : text;
}
