/** A map that holds a limited number of entries: beyond it, the entry that was added first is removed. */
export class BoundedMap<Key, Value> extends Map<Key, Value> {
  readonly #maxSize: number;

  constructor(maxSize: number) {
    super();
    this.#maxSize = maxSize;
  }

  /** Sets a value. A key that the map has already keeps its place; delete it first to make it the newest. */
  override set(key: Key, value: Value): this {
    super.set(key, value);
    if (this.size > this.#maxSize) {
      const [oldest] = this.keys();
      if (oldest !== undefined) this.delete(oldest);
    }
    return this;
  }
}
