package main

import (
	"testing"
	"time"

	"betang/sfu/sfutest/impair"
)

// TestUplinkOnScreen: a speaker's uplink narrows. The page says so in plain words, the encoder sends fewer layers, and the voice goes
// on. Then a song: it reaches the viewer in stereo, though nothing was negotiated with the server.
func TestUplinkOnScreen(t *testing.T) {
	needTime(t)
	needBrowser(t)
	s := startServer(t)
	proxy := s.udpProxy()
	media := t.TempDir()
	b := startBrowser(t, fakeCamera(t, media), fakeMicrophone(t, media))
	speaker := b.behind(proxy, "speaker", s.links.Speaker)
	eval[bool](speaker, toneOnTheLeft)
	speaker.click("go-live")
	sri := b.open("sri", s.links.Participants[0])
	sri.click("confirm-me")
	sri.playing()
	speaker.until(30*time.Second, "judged", `(g => g && g !== 'wait')(document.querySelector('[data-testid=health]')?.dataset.grade)`)
	if n := eval[int](speaker, layersSent); n < 2 { // three, but for a machine too busy to send them
		t.Errorf("%d layers on a good uplink", n)
	}
	if sides := eval[[]float64](sri, ears); sides[0] < 0.01 || sides[1] < sides[0]/2 {
		t.Errorf("a voice is in one channel, so on both sides: %v", sides)
	}

	eval[bool](speaker, `document.querySelector('[data-testid=devices]').click(), true`)
	speaker.click("pick-music")
	sri.until(20*time.Second, "the left side alone", `(async () => { const [l, r] = await (`+ears+`); return l > 0.01 && r < l / 10 })()`)
	eval[bool](speaker, `[...document.querySelectorAll('[data-testid=devices-dialog] .dialog-buttons button')].pop().click(), true`)

	proxy.Set(impair.Link{Rate: 350_000, Queue: 300 * time.Millisecond}, impair.Link{})
	narrowed := time.Now()
	speaker.until(30*time.Second, "fewer layers", layersSent+`.then(n => n === 1)`)
	t.Logf("one layer %v after the uplink narrowed", time.Since(narrowed).Round(100*time.Millisecond))
	speaker.until(20*time.Second, "said so", `['slow', 'bad'].includes(document.querySelector('[data-testid=health]').dataset.grade)`)
	speaker.shots("uplink")
	sri.until(10*time.Second, "the voice goes on", voicePast(eval[int](sri, voicePackets)+100))
}

const (
	// toneOnTheLeft has the page take a tone that is in the left channel alone for its microphone.
	toneOnTheLeft = `(() => {
  const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  const ctx = new AudioContext(), tone = new OscillatorNode(ctx, { frequency: 330 }), out = ctx.createMediaStreamDestination();
  const sides = new ChannelMergerNode(ctx, { numberOfInputs: 2 });
  tone.connect(sides, 0, 0); sides.connect(out); tone.start();
  navigator.mediaDevices.getUserMedia = async (c) => {
    const s = await ask(c);
    for (const t of s.getAudioTracks()) { s.removeTrack(t); t.stop(); s.addTrack(out.stream.getAudioTracks()[0].clone()); }
    return s;
  };
  return true })()`

	// layersSent counts the layers of video that are encoded.
	layersSent = `(async () => { let n = 0; for (const pc of window.__peers) for (const s of pc.getSenders())
  if (s.track?.kind === 'video') n += s.getParameters().encodings.filter(e => e.active).length; return n })()`

	// ears measures how loud the left and the right side of what is heard are.
	ears = `(async () => {
  const pc = window.__peers.filter(p => p.connectionState === 'connected' && p.getReceivers().length >= 6).pop();
  const ctx = new AudioContext(), out = [0, 0];
  for (const r of pc.getReceivers().filter(r => r.track.kind === 'audio')) {
    const split = new ChannelSplitterNode(ctx, { numberOfOutputs: 2 });
    const source = ctx.createMediaStreamSource(new MediaStream([r.track]));
    const both = new GainNode(ctx, { channelCount: 2, channelCountMode: 'explicit' });
    source.connect(both).connect(split);
    const sides = [0, 1].map(i => { const a = new AnalyserNode(ctx, { fftSize: 4096 }); split.connect(a, i); return a });
    await ctx.resume();
    await new Promise(done => setTimeout(done, 400));
    sides.forEach((a, i) => { const b = new Float32Array(a.fftSize); a.getFloatTimeDomainData(b);
      out[i] = Math.max(out[i], Math.hypot(...b) / Math.sqrt(b.length)) });
  }
  await ctx.close();
  return out })()`
)
