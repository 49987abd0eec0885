const KEY = 'betang.device';
let made = '';

/** A random name of this browser, made here and kept: it tells that one device came in for several people. */
export function deviceName(): string {
  try {
    made ||= localStorage.getItem(KEY) ?? '';
    if (!made) {
      made = randomName();
      localStorage.setItem(KEY, made);
    }
  } catch {
    made ||= randomName(); // storage is switched off: it lives as long as the page
  }
  return made;
}

/** 128 random bits in letters and digits: names what must count once. */
export function randomName(): string {
  const b = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(b, (x) => x.toString(16).padStart(2, '0')).join('');
}
