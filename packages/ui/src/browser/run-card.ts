import { CHART, chartPath, highestRate, rateWords } from '../chart-path.js';
import type { Change, ShownRun } from '../shown-run.js';
import { address, ask, messageOf } from './api.js';
import { element, say } from './element.js';

const SVG = 'http://www.w3.org/2000/svg';

/** One run: its state, its faults over time, and what can be done with it. */
export class RunCard {
  readonly root: HTMLElement;
  readonly #name: string;
  readonly #state = element('span', { class: 'state' });
  readonly #about = element('p');
  readonly #counts = element('p', { class: 'counts' });
  readonly #refusal = element('p', { class: 'refusal', role: 'status' });
  readonly #scale = element('span');
  readonly #chart = document.createElementNS(SVG, 'svg');
  readonly #path = document.createElementNS(SVG, 'path');
  readonly #pause = element('button', { type: 'button' }, 'Pause');
  readonly #stop = element('button', { type: 'button' }, 'Stop');
  #run: ShownRun;
  #busy = false;
  #objection = '';

  constructor(run: ShownRun) {
    this.#run = run;
    this.#name = run.name;
    this.#chart.setAttribute('viewBox', `0 0 ${CHART.width} ${CHART.height}`);
    this.#chart.setAttribute('preserveAspectRatio', 'none');
    this.#chart.setAttribute('role', 'img');
    this.#chart.append(this.#path);
    const report = element(
      'a',
      { class: 'button', href: address('/api/report', { name: run.name }), download: `${run.name}.html` },
      'Report',
    );
    for (const button of [this.#pause, this.#stop, report])
      button.setAttribute('aria-label', `${button.textContent} ${run.name}`);
    this.#pause.addEventListener('click', () => void this.#change(this.#run.paused ? 'resume' : 'pause'));
    this.#stop.addEventListener('click', () => void this.#change('stop'));
    this.root = element(
      'article',
      { class: 'run', 'data-run': run.name },
      element('h3', {}, `${run.name} `, this.#state),
      this.#about,
      this.#counts,
      element(
        'figure',
        { class: 'chart' },
        element('figcaption', {}, 'faults over time', this.#scale),
        this.#chart,
      ),
      this.#refusal,
      element('p', { class: 'buttons' }, this.#pause, this.#stop, report),
    );
    this.show(run);
  }

  show(run: ShownRun): void {
    this.#run = run;
    const { state, live, paused, summaries, target, counts, refusal, faults } = run;
    say(this.#state, state);
    this.#state.className = `state ${state}`;
    say(this.#about, `${summaries.join('; ')}, for ${target}`);
    say(this.#counts, counts);
    say(this.#refusal, this.#objection || refusal);
    say(this.#scale, `at most ${rateWords(highestRate(faults))}`);
    this.#path.setAttribute('d', chartPath(faults));
    this.#chart.setAttribute('aria-label', `${this.#name}, faults over time: ${this.#scale.textContent}`);
    say(this.#pause, paused ? 'Resume' : 'Pause');
    this.#pause.setAttribute('aria-label', `${this.#pause.textContent} ${this.#name}`);
    for (const button of [this.#pause, this.#stop]) button.disabled = this.#busy || !live;
  }

  async #change(change: Change): Promise<void> {
    this.#busy = true;
    this.#objection = '';
    this.show(this.#run);
    try {
      await ask('/api/change', { change, name: this.#name });
    } catch (error) {
      this.#objection = messageOf(error);
    } finally {
      this.#busy = false;
      this.show(this.#run);
    }
  }
}
