import type { ICEServer } from '../wire.gen';

// The server's own TURN, on the port of the web: the way where a network lets through TLS and nothing else. Each use
// costs the server an allocation, so nobody asks for it before the direct ways, UDP and ICE-TCP, have failed.

/** How long the direct ways may take: a TCP connect and an ICE check over a satellite are done by then. */
const STUCK_MS = 2500;

let servers: RTCIceServer[] = [];
let needed = false; // this network has shown that nothing else passes
const armed = new WeakSet<RTCPeerConnection>();

if (typeof addEventListener === 'function') addEventListener('online', () => (needed = false)); // perhaps another network

/** Takes what the server's welcome says of TURN. */
export function setRelays(list: ICEServer[] | undefined): void {
  servers = (list ?? []).map((s) => ({ urls: s.urls, username: s.username, credential: s.credential }));
}

/** To be called before each offer of pc: lets it use TURN where a path has broken (again) or this network is known for it. */
export function prepareRelay(pc: RTCPeerConnection, again: boolean): void {
  if (again || needed) arm(pc);
}

/** To be called after the answer: calls restart, which is to restart ICE, when pc does not connect in time without TURN. */
export function relayIfStuck(pc: RTCPeerConnection, restart: () => Promise<void>): void {
  if (servers.length === 0 || armed.has(pc)) return;
  setTimeout(() => {
    const stuck = pc.iceConnectionState === 'new' || pc.iceConnectionState === 'checking' || pc.iceConnectionState === 'failed';
    if (!stuck || pc.signalingState !== 'stable' || armed.has(pc)) return;
    arm(pc);
    pc.addEventListener('iceconnectionstatechange', () => {
      if (pc.iceConnectionState === 'connected') needed = true;
    });
    restart().catch(() => {}); // the page's watchdog tries again
  }, STUCK_MS);
}

function arm(pc: RTCPeerConnection): void {
  if (servers.length === 0) return;
  armed.add(pc);
  pc.setConfiguration({ ...pc.getConfiguration(), iceServers: servers });
}
