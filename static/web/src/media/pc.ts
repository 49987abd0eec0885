// What viewer and publisher share. The server is ICE-lite with all candidates in its answer, so an offer goes out at
// once, without waiting for ours, and no STUN server is ever asked. Its TURN is asked only when nothing else connects.

import { prepareRelay, relayIfStuck } from './relay';

export const rtcConfig: RTCConfiguration = { bundlePolicy: 'max-bundle', rtcpMuxPolicy: 'require', iceServers: [] };

/** What this browser cannot do that the page needs; "" if all is there. */
export function missing(publish: boolean): '' | 'webrtc' | 'secure' | 'capture' {
  if (typeof RTCPeerConnection === 'undefined' || !('addTransceiver' in RTCPeerConnection.prototype)) return 'webrtc';
  if (publish && !window.isSecureContext) return 'secure'; // getUserMedia exists only over https or on localhost
  if (publish && !navigator.mediaDevices?.getUserMedia) return 'capture';
  return '';
}

/** Makes an offer, shows it to the server and takes the answer in. */
export async function negotiate(
  pc: RTCPeerConnection,
  exchange: (sdp: string) => Promise<string>,
  iceRestart = false,
): Promise<void> {
  prepareRelay(pc, iceRestart);
  await pc.setLocalDescription(await pc.createOffer({ iceRestart }));
  const answer = await exchange(pc.localDescription?.sdp ?? '');
  if (pc.signalingState !== 'have-local-offer') return; // closed or overtaken meanwhile
  await pc.setRemoteDescription({ type: 'answer', sdp: answer });
  relayIfStuck(pc, () => negotiate(pc, exchange, true));
}

/**
 * Did the other side hang up? Its DTLS close_notify leaves connectionState at "connected" until ICE runs out of
 * patience, some ten seconds later.
 */
export function hungUp(pc: RTCPeerConnection): boolean {
  return [...pc.getReceivers(), ...pc.getSenders()].some((x) => x.transport?.state === 'closed');
}

/** Puts a codec first in what a transceiver offers. */
export function prefer(tr: RTCRtpTransceiver, mime: string): void {
  const all = RTCRtpReceiver.getCapabilities?.('video')?.codecs;
  if (!all || !('setCodecPreferences' in tr)) return; // Firefox before 128 offers VP8 first anyway
  const is = (c: { mimeType: string }) => c.mimeType.toLowerCase() === mime.toLowerCase();
  tr.setCodecPreferences([...all.filter(is), ...all.filter((c) => !is(c))]);
}
