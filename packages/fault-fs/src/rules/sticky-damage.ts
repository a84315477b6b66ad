import type { DamageMemory } from './damage-memory.js';

/** Places that are remembered; more are damaged once, as with `flip`. */
const MOST_PLACES = 10_000;

interface Place {
  /** Of its first byte in the file. */
  readonly from: number;
  readonly bytes: Uint8Array;
}

/** Damage that every read sees again, until its bytes are overwritten or cut off. */
export class StickyDamage implements DamageMemory {
  readonly #files = new Map<string, Place[]>();
  #places = 0;

  damage(file: string, place: number, piece: Uint8Array, flip: (piece: Uint8Array) => void): number {
    flip(piece);
    if (this.#places >= MOST_PLACES) return piece.length;
    this.#places++;
    const places = this.#files.get(file) ?? [];
    places.push({ from: place, bytes: piece.slice() });
    this.#files.set(file, places);
    return piece.length;
  }

  show(file: string, offset: number, bytes: Uint8Array): void {
    for (const { from, bytes: damaged } of this.#files.get(file) ?? []) {
      const start = Math.max(from, offset);
      const end = Math.min(from + damaged.length, offset + bytes.length);
      if (start < end) bytes.set(damaged.subarray(start - from, end - from), start - offset);
    }
  }

  overwriting(file: string, from: number, to: number): void {
    const places = this.#files.get(file);
    if (!places) return;
    const left = places.flatMap((place) => without(place, from, to));
    this.#places += left.length - places.length;
    this.#files.set(file, left);
  }

  cutOff(file: string, size: number): void {
    this.overwriting(file, size, Number.POSITIVE_INFINITY);
  }
}

function without(place: Place, from: number, to: number): Place[] {
  const end = place.from + place.bytes.length;
  if (to <= place.from || from >= end) return [place];
  const pieces = [
    { from: place.from, bytes: place.bytes.subarray(0, Math.max(0, from - place.from)) },
    { from: to, bytes: place.bytes.subarray(Math.min(place.bytes.length, to - place.from)) },
  ];
  return pieces.filter(({ bytes }) => bytes.length > 0);
}
