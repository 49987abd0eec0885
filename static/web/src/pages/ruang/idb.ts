// Where a PIC's phone keeps what must survive a closed tab: the link's token, the people, and what is not sent yet.

const NAME = 'betang-ruang';
const STORES = ['keep', 'queue', 'files'] as const;
type Store = (typeof STORES)[number];

let opened: Promise<IDBDatabase> | null = null;

function open(): Promise<IDBDatabase> {
  opened ??= new Promise<IDBDatabase>((resolve, reject) => {
    const r = indexedDB.open(NAME, 1);
    r.onupgradeneeded = () => STORES.forEach((s) => r.result.createObjectStore(s));
    r.onsuccess = () => resolve(r.result);
    r.onerror = () => reject(r.error ?? new Error('indexedDB'));
  });
  return opened;
}

async function run<T>(store: Store, mode: IDBTransactionMode, f: (s: IDBObjectStore) => IDBRequest): Promise<T> {
  const db = await open();
  return new Promise((resolve, reject) => {
    const tx = db.transaction(store, mode, mode === 'readwrite' ? { durability: 'strict' } : {});
    const r = f(tx.objectStore(store));
    tx.oncomplete = () => resolve(r.result as T); // not at the request's success: only now it is on disk
    tx.onerror = tx.onabort = () => reject(tx.error ?? new Error('indexedDB'));
  });
}

export const get = <T>(store: Store, key: string): Promise<T | undefined> => run(store, 'readonly', (s) => s.get(key));
export const all = <T>(store: Store): Promise<T[]> => run(store, 'readonly', (s) => s.getAll());
export const put = (store: Store, key: string, v: unknown): Promise<void> => run(store, 'readwrite', (s) => s.put(v, key));
export const drop = (store: Store, key: string): Promise<void> => run(store, 'readwrite', (s) => s.delete(key));
/** Drops every key that starts with prefix. */
export const dropAll = (store: Store, prefix: string): Promise<void> =>
  run(store, 'readwrite', (s) => s.delete(IDBKeyRange.bound(prefix, `${prefix}\uffff`)));
