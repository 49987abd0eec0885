package main

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"
)

// whipScript publishes the fake camera in three simulcast layers as any WHIP client would: RFC 9725 over fetch.
const whipScript = `(async ({url, token}) => {
  const stream = await navigator.mediaDevices.getUserMedia({audio: true, video: {width: 1280, height: 720}});
  const pc = new RTCPeerConnection();
  pc.addTransceiver(stream.getAudioTracks()[0], {direction: 'sendonly', streams: [stream]});
  pc.addTransceiver(stream.getVideoTracks()[0], {direction: 'sendonly', streams: [stream], sendEncodings: [
    {rid: 'q', scaleResolutionDownBy: 4, maxBitrate: 150000}, {rid: 'h', scaleResolutionDownBy: 2, maxBitrate: 500000}, {rid: 'f', maxBitrate: 1700000}]});
  await pc.setLocalDescription();
  const r = await fetch(url, {method: 'POST', headers: {'Content-Type': 'application/sdp', Authorization: 'Bearer ' + token}, body: pc.localDescription.sdp});
  const session = {status: r.status, location: r.headers.get('Location'), etag: r.headers.get('ETag')};
  await pc.setRemoteDescription({type: 'answer', sdp: await r.text()});
  window.__whip = {pc, session, url: new URL(session.location, url).href, token};
  return session;
})`

// whipH264Script publishes one layer of H.264, as hardware encoders do.
const whipH264Script = `(async ({url, token}) => {
  const codecs = RTCRtpSender.getCapabilities('video').codecs.filter(c => c.mimeType === 'video/H264');
  if (codecs.length === 0) return {status: 0};
  const stream = await navigator.mediaDevices.getUserMedia({audio: true, video: {width: 640, height: 360}});
  const pc = new RTCPeerConnection();
  pc.addTransceiver(stream.getAudioTracks()[0], {direction: 'sendonly', streams: [stream]});
  pc.addTransceiver(stream.getVideoTracks()[0], {direction: 'sendonly', streams: [stream]}).setCodecPreferences(codecs);
  await pc.setLocalDescription();
  const r = await fetch(url, {method: 'POST', headers: {'Content-Type': 'application/sdp', Authorization: 'Bearer ' + token}, body: pc.localDescription.sdp});
  await pc.setRemoteDescription({type: 'answer', sdp: await r.text()});
  window.__whip = {pc};
  return {status: r.status};
})`

// whepScript plays into a video element that it adds to the page.
const whepScript = `(async ({url, token}) => {
  const pc = new RTCPeerConnection();
  const media = new MediaStream();
  pc.ontrack = e => media.addTrack(e.track);
  pc.addTransceiver('audio', {direction: 'recvonly'});
  pc.addTransceiver('video', {direction: 'recvonly'});
  await pc.setLocalDescription();
  const r = await fetch(url, {method: 'POST', headers: {'Content-Type': 'application/sdp', Authorization: 'Bearer ' + token}, body: pc.localDescription.sdp});
  if (r.status !== 201) return {status: r.status, body: await r.text()};
  const session = {status: r.status, location: r.headers.get('Location'), etag: r.headers.get('ETag')};
  await pc.setRemoteDescription({type: 'answer', sdp: await r.text()});
  const v = document.createElement('video');
  v.dataset.testid = 'whep'; v.autoplay = true; v.srcObject = media;
  document.body.append(v);
  return session;
})`

// iceRestartScript restarts ICE with a PATCH that holds only the new credentials (RFC 9725 section 4.4.2).
const iceRestartScript = `(async () => {
  const {pc, url, token, session} = window.__whip;
  const offer = await pc.createOffer({iceRestart: true});
  await pc.setLocalDescription(offer);
  const line = k => offer.sdp.split('\r\n').find(l => l.startsWith('a=' + k + ':'));
  const frag = [line('ice-ufrag'), line('ice-pwd'), ''].join('\r\n');
  const r = await fetch(url, {method: 'PATCH', headers: {'Content-Type': 'application/trickle-ice-sdpfrag', 'If-Match': '*', Authorization: 'Bearer ' + token}, body: frag});
  const body = await r.text();
  if (r.status !== 200) return {status: r.status, body};
  const fresh = k => body.split(/\r?\n/).find(l => l.startsWith('a=' + k + ':'));
  let answer = pc.currentRemoteDescription.sdp;
  for (const k of ['ice-ufrag', 'ice-pwd']) answer = answer.replaceAll(new RegExp('a=' + k + ':.*', 'g'), fresh(k));
  await pc.setRemoteDescription({type: 'answer', sdp: answer});
  return {status: r.status, etag: r.headers.get('ETag')};
})()`

type mediaSession struct {
	Status   int    `json:"status"`
	Location string `json:"location"`
	ETag     string `json:"etag"`
	Body     string `json:"body"`
}

func call(t *testing.T, script string, e Endpoint) string {
	t.Helper()
	arg, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("%s(%s)", script, arg)
}

// TestWHIPAndWHEPInChromium publishes three layers over WHIP and plays them over WHEP in two tabs with one token;
// then the encoder restarts ICE, leaves, and comes back.
func TestWHIPAndWHEPInChromium(t *testing.T) {
	needBrowser(t)
	s := startServer(t)
	media := t.TempDir()
	b := startBrowser(t, fakeCamera(t, media), fakeMicrophone(t, media))
	base := "http://" + s.addr + "/"

	encoder := b.open("encoder", base)
	if got := eval[mediaSession](encoder, call(t, whipScript, s.links.WHIP)); got.Status != 201 || got.Location == "" || got.ETag == "" {
		t.Fatalf("publish: %+v", got)
	}
	var players []*tab
	for i := range 2 {
		p := b.open(fmt.Sprintf("player %d", i+1), base)
		if got := eval[mediaSession](p, call(t, whepScript, s.links.WHEP)); got.Status != 201 {
			t.Fatalf("play: %+v", got)
		}
		players = append(players, p)
	}
	for _, p := range players {
		p.until(20*time.Second, "30 frames", framesPast(30))
		p.until(20*time.Second, "sound", audible)
	}
	encoder.until(30*time.Second, "three simulcast layers", `(async () => [...(await __whip.pc.getStats()).values()].filter(s => s.type === 'outbound-rtp' && s.kind === 'video' && s.framesEncoded > 0).length === 3)()`)
	// Without transport-wide feedback Chromium would stay near 300 kbit/s.
	encoder.until(30*time.Second, "an estimate above 600 kbit/s", `(async () => [...(await __whip.pc.getStats()).values()].some(s => s.type === 'candidate-pair' && s.availableOutgoingBitrate > 6e5))()`)

	if got := eval[mediaSession](encoder, iceRestartScript); got.Status != 200 {
		t.Fatalf("ICE restart: %+v", got)
	}
	encoder.until(20*time.Second, "connected after the restart", `['connected', 'completed'].includes(__whip.pc.iceConnectionState)`)
	n := players[0].stats().Frames
	players[0].until(20*time.Second, "frames after the ICE restart", framesPast(n+30))

	if status := eval[int](encoder, `(async () => { const r = await fetch(__whip.url, {method: 'DELETE', headers: {Authorization: 'Bearer ' + __whip.token}}); __whip.pc.close(); return r.status; })()`); status != 200 && status != 204 {
		t.Errorf("DELETE: %d", status)
	}
	if got := eval[mediaSession](encoder, call(t, whipScript, s.links.WHIP)); got.Status != 201 {
		t.Fatalf("publish again: %+v", got)
	}
	for _, p := range players {
		n := p.stats()
		p.until(20*time.Second, "frames of the encoder that came back", framesPast(n.Frames+30))
		if again := p.stats(); again.Deals != 1 {
			t.Errorf("%s renegotiated: %d answers", p.name, again.Deals)
		}
	}
}

// TestH264InChromium: an encoder of the other codec reaches a player that is there already and one that comes late.
func TestH264InChromium(t *testing.T) {
	needBrowser(t)
	s := startServer(t)
	b := startBrowser(t, "", "")
	base := "http://" + s.addr + "/"
	first := b.open("first player", base)
	if got := eval[mediaSession](first, call(t, whepScript, s.links.WHEP)); got.Status != 201 {
		t.Fatalf("play: %+v", got)
	}
	encoder := b.open("encoder", base)
	switch got := eval[mediaSession](encoder, call(t, whipH264Script, s.links.WHIP)); got.Status {
	case 201:
	case 0:
		t.Skip("this Chromium has no H.264 encoder")
	default:
		t.Fatalf("publish: %+v", got)
	}
	late := b.open("late player", base)
	first.until(20*time.Second, "30 frames", framesPast(30))
	if got := eval[mediaSession](late, call(t, whepScript, s.links.WHEP)); got.Status != 201 {
		t.Fatalf("play late: %+v", got)
	}
	late.until(20*time.Second, "30 frames", framesPast(30))
	for _, p := range []*tab{first, late} {
		if codec := eval[string](p, `(async () => { for (const pc of window.__peers) { const all = await pc.getStats(); for (const s of all.values()) if (s.type === 'inbound-rtp' && s.kind === 'video') return all.get(s.codecId).mimeType; } return ''; })()`); codec != "video/H264" {
			t.Errorf("%s decodes %s", p.name, codec)
		}
	}
}
