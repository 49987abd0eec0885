import { useEffect, useRef } from 'preact/hooks';
import type { Studio } from './studio';

const AGAIN_MS = 10_000; // between tries of a device with nobody before it

/**
 * Keeps a device in a hall behind the stage, or where the operator has it: it comes by itself, opens camera and microphone anew when
 * they could not be had or were plugged in, and is heard and seen again when the operator's hold ends. may is false while the
 * same link stands there with another device: two would drive each other off for ever.
 */
export function useRoom(room: boolean, studio: Studio, may: boolean, enter: () => Promise<void>): void {
  const ready = studio.ready.value;
  const where = studio.where.value;
  const now = useRef(enter);
  now.current = enter;
  useEffect(() => {
    if (!room || !may || !ready || where !== 'check') return;
    void now.current();
    const again = setInterval(() => void now.current(), AGAIN_MS);
    return () => clearInterval(again);
  }, [room, may, ready, where]);

  useEffect(() => {
    if (!room || ready) return;
    const again = setInterval(() => {
      const p = studio.problem.peek();
      if (!studio.opening.peek() && (p === 'busy' || p === 'other' || p === 'missing')) void studio.open();
    }, AGAIN_MS);
    return () => clearInterval(again);
  }, [room, ready, studio]);

  // A camera that came back, or one that was not there at the beginning.
  useEffect(() => {
    if (!room) return;
    const plugged = () => {
      if (studio.opening.peek() || studio.off.peek() || !studio.ready.peek()) return;
      if (!studio.picture.peek() && !studio.held.peek().picture) void studio.setCamera(true);
      else if (!studio.sound.peek()) void studio.voiceOnly();
    };
    navigator.mediaDevices?.addEventListener('devicechange', plugged);
    return () => navigator.mediaDevices?.removeEventListener('devicechange', plugged);
  }, [room, studio]);

  const { sound, picture } = studio.held.value;
  const held = useRef({ sound, picture });
  useEffect(() => {
    const was = held.current;
    held.current = { sound, picture };
    if (!room) return;
    if (was.sound && !sound) studio.setMic(true);
    if (was.picture && !picture) void studio.setCamera(true);
  }, [room, sound, picture, studio]);
}
