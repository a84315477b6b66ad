import { type Check, TARGET_KINDS, type Template, type Wanted } from '../shown-run.js';
import { ask, messageOf } from './api.js';
import { element, labelled, say } from './element.js';

const TARGET_WORDS = { pid: 'process id', cgroup: 'cgroup', container: 'container' } as const;

/** Starting a run: a template, the document with its mistakes, a target, whom it meets, and only then the start. */
export class StartForm {
  readonly #templates: readonly Template[];
  readonly #template: HTMLSelectElement;
  readonly #about = element('p', { class: 'hint' });
  readonly #document = element('textarea', { id: 'document', spellcheck: 'false', autocomplete: 'off' });
  readonly #findings = element('pre', { id: 'findings', role: 'status', tabindex: '0' });
  readonly #kind: HTMLSelectElement;
  readonly #target = element('input', { id: 'target', autocomplete: 'off', required: '' });
  readonly #plan = element('pre', { id: 'plan', role: 'status', tabindex: '0', hidden: '' });
  readonly #look = element('button', { type: 'submit' }, 'Show whom it meets');
  readonly #start = element('button', { type: 'button', class: 'main' }, 'Start');
  /** What the plan that is shown is for; undefined where none is. */
  #confirmed: Wanted | undefined;
  #checking = false;
  #unchecked = false;

  constructor(form: HTMLElement, templates: readonly Template[]) {
    this.#templates = templates;
    const options = templates.map(({ name, title }) => element('option', { value: name }, title));
    this.#template = element(
      'select',
      { id: 'template' },
      element('option', { value: '' }, 'choose one'),
      ...options,
    );
    const kinds = TARGET_KINDS.map((kind) => element('option', { value: kind }, TARGET_WORDS[kind]));
    this.#kind = element('select', { id: 'kind' }, ...kinds);
    form.append(
      ...labelled('Incident', this.#template),
      this.#about,
      ...labelled('Document', this.#document),
      this.#findings,
      element(
        'div',
        { class: 'target' },
        element('div', {}, ...labelled('Target', this.#kind)),
        element('div', {}, ...labelled('Which one', this.#target)),
      ),
      element('p', { class: 'buttons' }, this.#look, this.#start),
      this.#plan,
    );
    this.#template.addEventListener('change', () => this.#choose());
    this.#document.addEventListener('input', () => this.#changed());
    for (const control of [this.#kind, this.#target])
      control.addEventListener('input', () => this.#forgetPlan());
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#showPlan();
    });
    this.#start.addEventListener('click', () => void this.#startRun());
    this.#forgetPlan();
    this.#findings.hidden = true;
  }

  #choose(): void {
    const found = this.#templates.find(({ name }) => name === this.#template.value);
    say(this.#about, found?.description ?? '');
    this.#document.value = found?.document ?? '';
    this.#changed();
  }

  #changed(): void {
    this.#forgetPlan();
    void this.#check();
  }

  /** One check at a time: what was typed meanwhile is checked next. */
  async #check(): Promise<void> {
    this.#unchecked = true;
    if (this.#checking) return;
    this.#checking = true;
    try {
      while (this.#unchecked) {
        this.#unchecked = false;
        const text = this.#document.value;
        const { ok, text: findings } = await ask<Check>('/api/check', { document: text });
        this.#findings.hidden = text === '';
        this.#findings.className = ok ? 'ok' : 'failed';
        say(this.#findings, findings);
      }
    } catch (error) {
      say(this.#findings, messageOf(error));
    } finally {
      this.#checking = false;
    }
  }

  #forgetPlan(): void {
    this.#confirmed = undefined;
    this.#start.disabled = true;
    this.#plan.hidden = true;
  }

  #wanted(): Wanted {
    const kind = TARGET_KINDS.find((each) => each === this.#kind.value) ?? 'pid';
    return { document: this.#document.value, kind, target: this.#target.value.trim() };
  }

  async #showPlan(): Promise<void> {
    const wanted = this.#wanted();
    this.#forgetPlan();
    this.#look.disabled = true;
    try {
      const { text } = await ask<{ text: string }>('/api/plan', wanted);
      say(this.#plan, text);
      this.#confirmed = wanted;
      this.#start.disabled = false;
    } catch (error) {
      say(this.#plan, messageOf(error));
    } finally {
      this.#plan.hidden = false;
      this.#look.disabled = false;
    }
  }

  async #startRun(): Promise<void> {
    if (!this.#confirmed) return;
    this.#start.disabled = true;
    try {
      const { name } = await ask<{ name: string }>('/api/start', this.#confirmed);
      say(this.#plan, `${name} has been started.`);
    } catch (error) {
      say(this.#plan, messageOf(error));
    }
  }
}
