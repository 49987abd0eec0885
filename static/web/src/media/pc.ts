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

/** Says in a description what sound its writer takes: Opus in stereo. A browser decodes (and encodes) mono where nobody says so. */
export function stereo(sdp: string, maxBitrate = 0): string {
  const pts = new Set([...sdp.matchAll(/^a=rtpmap:(\d+) opus\/48000/gim)].map((m) => m[1]));
  return sdp.replace(/^a=fmtp:(\d+) (.*?)(\r?)$/gm, (line, pt: string, params: string, cr: string) => {
    if (!pts.has(pt)) return line;
    const kept = params.split(';').filter((p) => !/^\s*(stereo|sprop-stereo|maxaveragebitrate)=/.test(p));
    kept.push('stereo=1', ...(maxBitrate ? [`maxaveragebitrate=${maxBitrate}`] : []));
    return `a=fmtp:${pt} ${kept.join(';')}${cr}`;
  });
}

/** Says in an answer that its writer would rather have the voice with redundancy, if it takes it at all. */
export function redundant(sdp: string): string {
  const pt = /^a=rtpmap:(\d+) red\/48000/im.exec(sdp)?.[1];
  if (!pt) return sdp;
  return sdp.replace(/^(m=audio \S+ \S+)((?: \d+)+)/m, (line, head: string, list: string) =>
    list.split(' ').includes(pt) ? `${head} ${pt}${list.split(' ').filter((x) => x !== pt).join(' ')}` : line);
}

/** Makes an offer, shows it to the server and takes the answer in. tune: what is to be said differently in the offer. */
export async function negotiate(
  pc: RTCPeerConnection,
  exchange: (sdp: string) => Promise<string>,
  iceRestart = false,
  tune = (sdp: string) => sdp,
): Promise<void> {
  prepareRelay(pc, iceRestart);
  const offer = await pc.createOffer({ iceRestart });
  await pc.setLocalDescription({ type: 'offer', sdp: tune(offer.sdp ?? '') });
  const answer = await exchange(pc.localDescription?.sdp ?? '');
  if (pc.signalingState !== 'have-local-offer') return; // closed or overtaken meanwhile
  await pc.setRemoteDescription({ type: 'answer', sdp: answer });
  relayIfStuck(pc, () => negotiate(pc, exchange, true, tune));
}

/**
 * Did the other side hang up? Its DTLS close_notify leaves connectionState at "connected" until ICE runs out of
 * patience, some ten seconds later.
 */
export function hungUp(pc: RTCPeerConnection): boolean {
  return [...pc.getReceivers(), ...pc.getSenders()].some((x) => x.transport?.state === 'closed');
}

/** Offers the codecs of cameras alone: an offer of twelve pictures with all that a browser knows is too long a message. */
export function cameraOnly(tr: RTCRtpTransceiver): RTCRtpTransceiver {
  const all = RTCRtpReceiver.getCapabilities?.('video')?.codecs;
  if (all && 'setCodecPreferences' in tr) tr.setCodecPreferences(all.filter((c) => /\/(vp8|h264|rtx)$/i.test(c.mimeType)));
  return tr;
}

/** Puts a codec first in what a transceiver offers. */
export function prefer(tr: RTCRtpTransceiver, mime: string): void {
  const all = RTCRtpReceiver.getCapabilities?.('video')?.codecs;
  if (!all || !('setCodecPreferences' in tr)) return; // Firefox before 128 offers VP8 first anyway
  const is = (c: { mimeType: string }) => c.mimeType.toLowerCase() === mime.toLowerCase();
  tr.setCodecPreferences([...all.filter(is), ...all.filter((c) => !is(c))]);
}
