/** A part of a template: text, or the action between `{{` and `}}`. */
export type Node =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'output'; readonly pipeline: Pipeline; readonly line: number }
  | {
      readonly type: 'assign';
      readonly variable: string;
      /** `:=` declares a variable, `=` assigns one. */
      readonly declares: boolean;
      readonly pipeline: Pipeline;
      readonly line: number;
    }
  | {
      readonly type: 'if' | 'with' | 'range';
      readonly variables: readonly string[];
      readonly pipeline: Pipeline;
      readonly body: readonly Node[];
      readonly otherwise: readonly Node[];
      readonly line: number;
    };

/** Commands, each of which gets the result of the previous one as its last argument. */
export type Pipeline = readonly Command[];

/** A function with its arguments, or a value alone. */
export type Command = readonly [Operand, ...Operand[]];

export type Operand =
  | { readonly type: 'value'; readonly value: string | number | boolean | null }
  | { readonly type: 'call'; readonly name: string }
  /** Fields of the dot, of a variable, or of the result of a pipeline. */
  | {
      readonly type: 'path';
      readonly of:
        | { readonly type: 'dot' }
        | { readonly type: 'variable'; readonly name: string }
        | NestedPipeline;
      readonly fields: readonly string[];
    };

export interface NestedPipeline {
  readonly type: 'pipeline';
  readonly pipeline: Pipeline;
}

/** The template of a file, and those that it defines for others. */
export interface Template {
  readonly file: string;
  readonly body: readonly Node[];
  readonly defines: ReadonlyMap<string, readonly Node[]>;
}
