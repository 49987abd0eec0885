/** Keeps the screen of a phone from going dark while a broadcast plays. Returns the end of it. */
export function keepAwake(): () => void {
  let lock: WakeLockSentinel | null = null;
  let over = false;
  const ask = async () => {
    if (over || lock || document.visibilityState !== 'visible' || !('wakeLock' in navigator)) return;
    try {
      const got = await navigator.wakeLock.request('screen');
      if (over) return void got.release();
      lock = got;
      got.addEventListener('release', () => (lock = null)); // the browser takes it back when the page is hidden
    } catch {
      // low battery: the person's device decides
    }
  };
  const on = () => void ask();
  document.addEventListener('visibilitychange', on);
  on();
  return () => {
    over = true;
    document.removeEventListener('visibilitychange', on);
    void lock?.release();
  };
}
