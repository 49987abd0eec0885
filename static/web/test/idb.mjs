// As much of IndexedDB as pages/ruang/idb.ts uses. What a transaction wrote is there only when it completes, a turn later:
// a tab that is closed before that has kept nothing.
class Range {
  constructor(from, to) {
    Object.assign(this, { from, to });
  }
  has = (k) => k >= this.from && k <= this.to;
}
globalThis.IDBKeyRange = { bound: (from, to) => new Range(from, to) };

export const disk = new Map(); // store -> Map of key -> value; survives a closed tab
export const broken = { is: false };

const later = (f) => setImmediate(f);
const db = {
  createObjectStore: (s) => disk.set(s, new Map()),
  transaction(store) {
    const tx = { error: null };
    const ask = (result, write = () => {}) => {
      const r = { result };
      later(() => {
        if (broken.is) {
          tx.error = new Error('QuotaExceededError');
          return tx.onabort?.();
        }
        write();
        tx.oncomplete?.();
      });
      return r;
    };
    const at = () => disk.get(store);
    tx.objectStore = () => ({
      get: (k) => ask(structuredClone(at().get(k))),
      getAll: () => ask([...at().values()].map((v) => structuredClone(v))),
      put: (v, k) => {
        const copy = structuredClone(v);
        return ask(k, () => at().set(k, copy));
      },
      delete: (k) => ask(undefined, () => {
        for (const key of [...at().keys()]) if (k instanceof Range ? k.has(key) : key === k) at().delete(key);
      }),
    });
    return tx;
  },
};
globalThis.indexedDB = {
  open() {
    const r = { result: db };
    later(() => {
      r.onupgradeneeded?.();
      r.onsuccess?.();
    });
    return r;
  },
};
