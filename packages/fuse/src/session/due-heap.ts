/** What a {@link DueHeap} holds; the heap writes `index`, which is -1 outside it. */
export interface Due {
  readonly due: number;
  index: number;
}

/** A binary heap by time from which any element can be removed. Elements must not change `due` while inside. */
export class DueHeap<T extends Due> {
  readonly #items: T[] = [];

  get size(): number {
    return this.#items.length;
  }

  get first(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    item.index = this.#items.length;
    this.#items.push(item);
    this.#up(item);
  }

  /** Does nothing if the item is not inside. */
  remove(item: T): void {
    const at = item.index;
    if (at < 0) return;
    item.index = -1;
    const last = this.#items.pop();
    if (last === undefined || last === item) return;
    this.#items[at] = last;
    last.index = at;
    this.#up(last);
    this.#down(last);
  }

  #up(item: T): void {
    while (item.index > 0) {
      const parent = this.#items[(item.index - 1) >> 1];
      if (parent === undefined || parent.due <= item.due) return;
      this.#swap(parent, item);
    }
  }

  #down(item: T): void {
    for (;;) {
      const left = this.#items[item.index * 2 + 1];
      const right = this.#items[item.index * 2 + 2];
      const child = right && left && right.due < left.due ? right : left;
      if (child === undefined || child.due >= item.due) return;
      this.#swap(item, child);
    }
  }

  #swap(a: T, b: T): void {
    const index = a.index;
    a.index = b.index;
    b.index = index;
    this.#items[a.index] = a;
    this.#items[b.index] = b;
  }
}
