import { api } from '../../api';
import { rtcConfig } from '../../media/pc';
import { Refusal } from '../../refusal';
import type { ICEServer } from '../../wire.gen';

// Tries each way of the media by itself: a connection that may use that way alone. Then a stream of packets at rising
// rates over the best way, counted here, on the device that is to receive the lecture.

export type Way = 'socket' | 'udp' | 'tcp' | 'tls';
export interface Tried {
  ok: boolean;
  ms: number; // until it stood
  port: number; // of the server; 0: not known
  absent?: boolean; // the server has no such way
}
export interface Plan {
  ice: ICEServer[];
  steps: { kbps: number; ms: number }[];
}
export interface Measured {
  kbps: number; // the highest step that came through
  loss: number; // tenths of a percent, up to that step; of the first when none did
  rtt: number; // ms
  jitter: number; // ms
}

/** Nothing passed by a way. Any other error says nothing of the network: the test itself could not run. */
export class NoWay extends Error {}

const CONNECT_MS = 8000;
const GOOD_LOSS = 0.05; // voice and picture are repaired up to here
const GOOD_SHARE = 0.85; // of a step's bytes, so much must arrive in its time
const GOOD_RTT_MS = 1500; // beyond it a queue has filled

export const getPlan = (): Promise<Plan> => api('GET', '/api/uji');

/** Opens a websocket and closes it again. */
export function trySocket(): Promise<Tried> {
  return new Promise((done) => {
    const began = performance.now();
    const ws = new WebSocket(`${location.protocol === 'https:' ? 'wss:' : 'ws:'}//${location.host}/ws`);
    const end = (ok: boolean) => {
      clearTimeout(timer);
      ws.onopen = ws.onerror = null;
      ws.close();
      done({ ok, ms: performance.now() - began, port: pagePort() });
    };
    const timer = setTimeout(() => end(false), CONNECT_MS);
    ws.onopen = () => end(true);
    ws.onerror = () => end(false);
  });
}

/** Connects by one way and hangs up. */
export async function tryWay(way: Exclude<Way, 'socket'>, plan: Plan): Promise<Tried> {
  if (way === 'tls' && relays(plan).length === 0) return { ok: false, ms: 0, port: 0, absent: true };
  const began = performance.now();
  let port = way === 'tls' ? portOfURL(relays(plan)[0]!.urls[0]!) : 0;
  const ok = await connect(way, plan, false, (p) => (port ||= p)).then(
    (pc) => (pc.close(), true),
    (e: unknown) => {
      if (e instanceof NoWay) return false;
      throw e;
    },
  );
  return { ok, ms: performance.now() - began, port };
}

/** Streams over a way; tell hears the share that is done, 0 to 1. */
export async function measure(way: Exclude<Way, 'socket'>, plan: Plan, tell: (share: number) => void): Promise<Measured> {
  const pc = await connect(way, plan, true);
  try {
    return await listen(pc, plan, tell);
  } finally {
    pc.close();
  }
}

// Not by negotiate of the lecture's pages: that falls back to TURN, and what is found here must be this way alone.
async function connect(
  way: Exclude<Way, 'socket'>,
  plan: Plan,
  stream: boolean,
  seen: (port: number) => void = () => {},
): Promise<RTCPeerConnection> {
  const relay = way === 'tls';
  const pc = new RTCPeerConnection(
    relay ? { ...rtcConfig, iceServers: relays(plan), iceTransportPolicy: 'relay' } : rtcConfig,
  );
  pc.addTransceiver('video', { direction: 'recvonly' });
  try {
    await pc.setLocalDescription(await pc.createOffer());
    const sdp = only(way, (await ask(pc.localDescription?.sdp ?? '', stream)).sdp);
    seen(portOfCandidates(sdp));
    await pc.setRemoteDescription({ type: 'answer', sdp });
    await connected(pc);
    return pc;
  } catch (e) {
    pc.close();
    throw e;
  }
}

/** TURN over TLS; on a server without a certificate, as on localhost, over TCP. */
function relays(plan: Plan): { urls: string[]; username: string; credential: string }[] {
  const pick = (scheme: string) =>
    plan.ice.flatMap((s) => {
      const urls = s.urls.filter((u) => u.startsWith(scheme) && u.endsWith('transport=tcp'));
      return urls.length ? [{ urls, username: s.username, credential: s.credential }] : [];
    });
  const secure = pick('turns:');
  return secure.length ? secure : pick('turn:');
}

export const relayIsTLS = (plan: Plan): boolean => plan.ice.some((s) => s.urls.some((u) => u.startsWith('turns:')));

const pagePort = (): number => Number(location.port) || (location.protocol === 'https:' ? 443 : 80);
const portOfURL = (url: string): number => Number(/:(\d+)\?/.exec(url)?.[1] ?? 0);
export const portOfCandidates = (sdp: string): number => Number(/^a=candidate:(?:\S+ ){5}(\d+)/m.exec(sdp)?.[1] ?? 0);

/** Leaves an answer the candidates of one way. TURN is asked to relay to UDP ones. */
export function only(way: Way, sdp: string): string {
  const want = way === 'tcp' ? 'tcp' : 'udp';
  return sdp
    .split('\r\n')
    .filter((l) => !l.startsWith('a=candidate:') || l.split(' ')[2]?.toLowerCase() === want)
    .join('\r\n');
}

/** The server lets few measure at a time; who is too many comes again. */
async function ask(sdp: string, stream: boolean): Promise<{ sdp: string }> {
  for (let tries = 0; ; tries++) {
    try {
      return await api('POST', '/api/uji', { body: { sdp, stream } });
    } catch (e) {
      if (!(e instanceof Refusal) || e.code !== 'uji_busy' || tries >= 8) throw e;
      await new Promise((again) => setTimeout(again, 3000 + 4000 * Math.random()));
    }
  }
}

function connected(pc: RTCPeerConnection): Promise<void> {
  return new Promise((done, fail) => {
    const timer = setTimeout(() => fail(new NoWay('not in time')), CONNECT_MS);
    const look = () => {
      if (pc.connectionState === 'connected') {
        clearTimeout(timer);
        done();
      } else if (pc.connectionState === 'failed') {
        clearTimeout(timer);
        fail(new NoWay('failed'));
      }
    };
    pc.onconnectionstatechange = look;
    look();
  });
}

interface Count {
  at: number;
  bytes: number;
  got: number;
  lost: number;
  jitter: number;
  rtt: number;
}

async function listen(pc: RTCPeerConnection, plan: Plan, tell: (share: number) => void): Promise<Measured> {
  const whole = plan.steps.reduce((n, s) => n + s.ms, 0);
  const out: Measured = { kbps: 0, loss: 1000, rtt: 0, jitter: 0 };
  let seen: Count | null = null;
  // The stream began when the server saw us connect, about now: its first packet sets the clock.
  for (let i = 0; i < 50 && !seen; i++) {
    const c = await count(pc);
    if (c.got > 0) seen = c;
    else await pause(100);
  }
  if (!seen) return out;
  let passed = 0;
  let end = seen.at;
  for (const step of plan.steps) {
    end += step.ms;
    while (performance.now() < end) {
      await pause(Math.min(200, Math.max(10, end - performance.now())));
      tell(Math.min(1, 1 - (end - performance.now()) / whole - (whole - passed - step.ms) / whole));
    }
    passed += step.ms;
    const c = await count(pc);
    const got = c.got - seen.got;
    const lost = Math.max(0, c.lost - seen.lost);
    const share = ((c.bytes - seen.bytes) * 8) / (step.kbps * (c.at - seen.at));
    const loss = got + lost > 0 ? lost / (got + lost) : 1;
    if (out.kbps === 0) Object.assign(out, { loss: Math.round(loss * 1000), rtt: c.rtt, jitter: c.jitter });
    if (loss > GOOD_LOSS || share < GOOD_SHARE || c.rtt > GOOD_RTT_MS) break;
    Object.assign(out, { kbps: step.kbps, loss: Math.round(loss * 1000), rtt: c.rtt, jitter: c.jitter });
    seen = c;
  }
  tell(1);
  return out;
}

const pause = (ms: number) => new Promise((r) => setTimeout(r, ms));

async function count(pc: RTCPeerConnection): Promise<Count> {
  const c: Count = { at: performance.now(), bytes: 0, got: 0, lost: 0, jitter: 0, rtt: 0 };
  for (const s of (await pc.getStats()).values()) {
    if (s.type === 'inbound-rtp') {
      c.bytes += (s.bytesReceived ?? 0) + (s.headerBytesReceived ?? 0);
      c.got += s.packetsReceived ?? 0;
      c.lost += s.packetsLost ?? 0;
      c.jitter = Math.round((s.jitter ?? 0) * 1000);
    } else if (s.type === 'candidate-pair' && s.nominated && s.currentRoundTripTime !== undefined) {
      c.rtt = Math.round(s.currentRoundTripTime * 1000);
    }
  }
  return c;
}
