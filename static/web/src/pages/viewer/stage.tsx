import { useSignal, type Signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { Accessibility, Captions as CaptionsIcon, ArrowLeftRight, Hourglass, LayoutGrid, Maximize, Minimize, Pause, Presentation, Unplug, Users, VideoOff, Volume2,
  VolumeX } from 'lucide-preact';
import { announce, arrived } from '../../a11y';
import { lang, t } from '../../i18n';
import type { Choice } from '../../media/quality';
import type { Viewer } from '../../media/viewer';
import { captions, connection, counts, cueNow, event, openDeck, rung, sourceOf, stage } from '../../store/state';
import { formatClock, formatElapsed, formatNumber, now, second } from '../../time';
import type { Source } from '../../wire.gen';
import type { Socket } from '../../socket';
import { CutBanner } from '../../ui/cut';
import { later } from '../../ui/later';
import { LangSwitch, Mark, Spinner } from '../../ui/parts';
import { Captions, captionSize } from './captions';
import { HandButton } from './hand';
import { layout, ownLayout, signPlace, signSize } from './layout';
import { QualityNote, QualityTools, VoiceCard } from './quality';
import { ShownQuestion } from './shown';
import { w } from './words';

const Slide = later<{ choice?: Choice }>(() => import('../material/slide').then((m) => m.Slide));

/** Head of the viewer: title, live badge, time elapsed, how many watch. */
export function Bar() {
  const e = event.value;
  second.value; // the clock below runs
  const live = e?.phase === 'live';
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => arrived(title.current), []);
  return (
    <header class="bar-top">
      <span class="brand" title={t.value.appName}><Mark size={26} /></span>
      <div class="what">
        <h1 ref={title}>{e?.title ?? t.value.appName}</h1>
        <p class="row">
          {live && <span class="badge live" data-testid="live-badge">{t.value.live}</span>}
          {e?.phase === 'paused' && <span class="badge gold">{t.value.paused}</span>}
          {e?.phase === 'scheduled' && <span class="badge gold">{t.value.notStarted}</span>}
          {live && e?.liveSince && (
            <span class="num" title={w.value.elapsed} data-testid="elapsed">
              <span class="sr">{w.value.elapsed} </span>
              {formatElapsed(now() - Date.parse(e.liveSince))}
            </span>
          )}
          {live && cueNow.value && <span class="cue-now" data-testid="cue-now">{cueNow.value.title}</span>}
          {counts.value.viewers > 0 && (
            <span class="row watching">
              <Users size={16} aria-hidden="true" />
              {(e?.kind === 'class' ? w.value.attendees : w.value.viewers)(formatNumber(counts.value.viewers, lang.value))}
            </span>
          )}
        </p>
      </div>
      <LangSwitch />
    </header>
  );
}

/** Says when the socket or the media is away, and whether attendance goes on meanwhile. */
export function Connection({ media }: { media: Viewer | null }) {
  const was = useRef(false);
  const away = connection.value === 'reconnecting';
  const cut = !away && counts.value.cut === true;
  const flows = counts.value.flows === true;
  const word = flows ? w.value.cutFlows : w.value.cutBanner;
  useEffect(() => {
    if (cut && event.peek()?.kind !== 'class') announce(word);
  }, [cut, flows]);
  useEffect(() => {
    if (was.current && !away) announce(t.value.reconnected);
    was.current = away;
  }, [away]);
  if (cut && event.value?.kind === 'class') return <CutBanner of="class" />;
  if (cut) {
    return (
      <div class={`banner ${flows ? 'quiet' : ''}`} role="status" data-testid="cut-banner" data-flows={flows}>
        <Unplug size={20} aria-hidden="true" />
        <span>
          {word}
          {event.value?.phase === 'live' && <span class="thin"> {t.value.stillCounted}.</span>}
        </span>
      </div>
    );
  }
  if (!away) return null;
  const counted = media?.status.value === 'connected';
  return (
    <div class="banner" role="status" data-testid="connection-banner">
      <Unplug size={20} aria-hidden="true" />
      <span>
        {t.value.disconnected}
        {counted && <span class="thin"> {t.value.stillCounted}.</span>}
      </span>
    </div>
  );
}

function Video({ stream, testid, label }: { stream: Signal<MediaStream | null>; testid: string; label: string }) {
  const ref = useRef<HTMLVideoElement>(null);
  const s = stream.value;
  useEffect(() => {
    const v = ref.current;
    if (!v) return;
    if (v.srcObject !== s) v.srcObject = s;
    v.muted = true; // the attribute alone does not hold in every browser; sound plays through the audio elements
    const play = () => void v.play().catch(() => {});
    play();
    addEventListener('pointerdown', play); // low-power mode of a phone waits for a touch even for silent video
    return () => removeEventListener('pointerdown', play);
  }, [s]);
  return <video ref={ref} playsInline autoPlay muted disablePictureInPicture aria-label={label} data-testid={testid} />;
}

export function Stage({ media, socket, choice }: { media: Viewer | null; socket: Socket; choice: Choice }) {
  const ref = useRef<HTMLElement>(null);
  const s = stage.value;
  const phase = event.value?.phase;
  const onAir = phase === 'live' && media !== null;
  const filled = onAir && s.main ? sourceOf(s.main) : undefined;
  // Whoever was seen last stays in sight while everybody waits for them: their last picture, and a word.
  const last = useRef<Source | undefined>(undefined);
  if (filled) last.current = filled;
  else if (!onAir) last.current = undefined;
  const main = filled ?? last.current;
  const cut = counts.value.cut === true && counts.value.flows !== true;
  const waiting = main !== undefined && (!filled || filled.silent === true || cut);
  const sign = onAir && s.interpreter ? sourceOf(s.interpreter) : undefined;
  const voice = Boolean(main) && !waiting && media?.status.value === 'connected' && rung.value?.rung === 'voice';
  // A page of material takes the main place; who speaks stands beside it, unless there is no picture of them to show.
  const slide = phase === 'live' && openDeck.value !== null;
  const beside = slide && filled !== undefined && !voice && layout.value !== 'only';
  const second = !slide && onAir && s.second && (layout.value !== 'only' || !main) ? sourceOf(s.second) : undefined;
  const side = slide ? beside || Boolean(sign) : Boolean(main && (second || sign)) || Boolean(second && sign);
  // A shared screen's label would cover its lowest line; its owner's camera beside it carries the name.
  const named = (of: Source | undefined) => of && !(of.kind === 'screen' && second?.owner === of.owner);
  return (
    <section ref={ref} class="stage dark" aria-label={w.value.stageOf} data-testid="stage">
      <div class={`screens${side ? ' side' : ''} sign-${signSize.now.value} place-${signPlace.now.value} lay-${layout.value || 'large'}${sign ? ' with-sign' : ''}${second || beside ? ' with-second' : ''}`}
        data-layout={layout.value} data-slide={slide}>
        {slide && (
          <Screen show cls="main slide" label="">
            <Slide choice={choice} />
          </Screen>
        )}
        {media && (
          <>
            <Screen show={slide ? beside : Boolean(main)} cls={slide ? 'second' : 'main'} label={named(main) ? (main?.label ?? '') : ''}>
              <Video stream={media.video.main} testid="main-video" label={main?.label || w.value.stageOf} />
              {main && voice && !slide && <VoiceCard media={media} choice={choice} name={main.label} />}
              {waiting && media.status.value === 'connected' && (
                <div class={`veil ${cut ? 'stand-by-slide' : ''}`} role="status" data-testid="stand-by">
                  {cut && <Mark size={56} />}
                  <p class="title">{t.value.standBy}</p>
                  <p class="small">{cut ? w.value.cutWait : w.value.cutOff}</p>
                </div>
              )}
              {main && media.status.value !== 'connected' && (
                <div class="veil">
                  <Spinner label={media.status.value === 'reconnecting' ? w.value.mendingStage : w.value.loadingStage} />
                </div>
              )}
              {main?.heldPicture && <Dark name={main.label} />}
            </Screen>
            <Screen show={Boolean(second)} cls={slide ? 'off' : 'second'} label={second?.label ?? ''}>
              <Video stream={media.video.second} testid="second-video" label={second?.label || w.value.secondOf} />
              {second?.heldPicture && <Dark name={second.label} />}
            </Screen>
            <Screen show={Boolean(sign)} cls="sign" label={t.value.interpreter}>
              <Video stream={media.video.interpreter} testid="interpreter-video" label={t.value.interpreter} />
            </Screen>
          </>
        )}
        {!main && !second && !slide && <Empty media={media} />}
        <Captions />
        {media && onAir && media.blocked.value && (
          <div class="veil tap">
            <button type="button" class="btn gold" onClick={() => media.unblock()} data-testid="tap-to-hear">
              <Volume2 size={28} aria-hidden="true" />
              {t.value.tapToHear}
            </button>
            <p class="small">{w.value.tapHint}</p>
          </div>
        )}
      </div>
      <ShownQuestion />
      {onAir && <QualityNote choice={choice} />}
      {media && (
        <Controls media={media} socket={socket} choice={choice} box={ref} sign={sign !== undefined} many={Boolean(main && (s.second || slide))} />
      )}
    </section>
  );
}

/** A frame with its label. It stays in the document while hidden: a slot may be filled again at any moment. */
function Screen(p: { show: boolean; cls: string; label: string; children: preact.ComponentChildren }) {
  return (
    <figure class={`screen ${p.cls}`} hidden={!p.show}>
      {p.children}
      {p.label && <figcaption>{p.label}</figcaption>}
    </figure>
  );
}

/** Instead of the last frame of a camera that the operator switched off. */
function Dark({ name }: { name: string }) {
  return (
    <div class="veil dark-out">
      <VideoOff size={32} aria-hidden="true" />
      <p>{name}</p>
    </div>
  );
}

/** What stands where a picture would be: waiting room, pause, nothing yet, no WebRTC. */
function Empty({ media }: { media: Viewer | null }) {
  second.value;
  const e = event.value;
  const x = w.value;
  if (!media) {
    return <Message icon={<Unplug size={40} aria-hidden="true" />} title={t.value.unsupported} text={x.noWebRTC} />;
  }
  if (!e) return <div class="empty"><Spinner label={t.value.connecting} /></div>;
  if (e.phase === 'paused') {
    return (
      <Message icon={<Pause size={40} aria-hidden="true" />} title={t.value.standBy} text={x.pauseHint}
        testid="state-paused" />
    );
  }
  if (e.phase === 'live') {
    return (
      <Message icon={<Presentation size={40} aria-hidden="true" />} title={t.value.standBy} text={x.noSource}
        testid="state-empty" />
    );
  }
  const left = Date.parse(e.startsAt) - now();
  return (
    <div class="empty" data-testid="state-waiting">
      <p class="eyebrow"><Hourglass size={18} aria-hidden="true" />{t.value.waitingRoom}</p>
      <p class="title">{left > 0 ? t.value.startsAt(formatClock(e.startsAt, lang.value)) : x.soon}</p>
      {left > 0 && left < 24 * 3600_000 && (
        <p class="countdown">
          <span class="small">{x.startsIn}</span>
          <span class="num" role="timer">{formatElapsed(left + 999)}</span>
        </p>
      )}
      {e.speaker && <p class="who">{e.speaker}</p>}
      <p class="muted">{x.waitHint}</p>
    </div>
  );
}

function Message(p: { icon: preact.JSX.Element; title: string; text: string; testid?: string }) {
  return (
    <div class="empty" role="status" data-testid={p.testid}>
      {p.icon}
      <p class="title">{p.title}</p>
      <p class="muted">{p.text}</p>
    </div>
  );
}

function Controls(p: {
  media: Viewer; socket: Socket; choice: Choice; box: { current: HTMLElement | null }; sign: boolean; many: boolean;
}) {
  const { media } = p;
  const size = signSize.now.value;
  const own = ownLayout.now.value;
  const full = useSignal(false);
  useEffect(() => {
    const on = () => (full.value = document.fullscreenElement !== null);
    document.addEventListener('fullscreenchange', on);
    return () => document.removeEventListener('fullscreenchange', on);
  }, []);
  const toggleFull = () => {
    const box = p.box.current;
    if (document.fullscreenElement) void document.exitFullscreen();
    else if (box?.requestFullscreen) void box.requestFullscreen();
    else {
      // iPhones give full screen to a video element only
      const v = box?.querySelector<HTMLVideoElement & { webkitEnterFullscreen?: () => void }>('.main video');
      v?.webkitEnterFullscreen?.();
    }
  };
  const silent = media.muted.value || media.volume.value === 0;
  return (
    <div class="controls">
      <button type="button" class="btn bare icon" aria-pressed={silent} onClick={() => {
        if (media.volume.value === 0) media.setVolume(1);
        media.setMuted(!silent);
      }} aria-label={silent ? w.value.soundOn : w.value.soundOff} title={silent ? w.value.soundOn : w.value.soundOff}
        data-testid="mute">
        {silent ? <VolumeX size={24} aria-hidden="true" /> : <Volume2 size={24} aria-hidden="true" />}
      </button>
      <input type="range" min="0" max="100" step="5" aria-label={w.value.volume}
        value={silent ? 0 : Math.round(media.volume.value * 100)}
        onInput={(e) => media.setVolume(Number(e.currentTarget.value) / 100)} data-testid="volume" />
      <HandButton socket={p.socket} />
      <span class="grow" />
      <QualityTools media={media} choice={p.choice} />
      {p.many && (
        <button type="button" class="btn bare small" onClick={() => announce(w.value.layouts[ownLayout.next() || 'large'])}
          data-testid="layout" data-own={own} aria-label={`${w.value.layout}: ${w.value.layouts[own || 'large']}`} title={w.value.layout}>
          <LayoutGrid size={20} aria-hidden="true" />
          <span class="long">{w.value.layouts[own || 'large']}</span>
        </button>
      )}
      {captions.value.length > 0 && (
        <button type="button" class="btn bare icon" data-testid="caption-size" title={w.value.captions}
          onClick={() => announce(w.value.captionSizes[captionSize.next()])}
          aria-label={`${w.value.captions}: ${w.value.captionSizes[captionSize.now.value]}`}>
          <CaptionsIcon size={20} aria-hidden="true" />
        </button>
      )}
      {p.sign && (
        <>
          <button type="button" class="btn bare icon" onClick={() => signPlace.next()} data-testid="interpreter-place"
            aria-label={w.value.signPlace} title={w.value.signPlace}>
            <ArrowLeftRight size={20} aria-hidden="true" />
          </button>
          <button type="button" class="btn bare small" onClick={() => signSize.next()} data-testid="interpreter-size"
            aria-label={w.value.signSize(w.value.sizes[size])}>
            <Accessibility size={20} aria-hidden="true" />
            <span class="long">{w.value.signSize(w.value.sizes[size])}</span>
            <span class="short" aria-hidden="true">{w.value.sizes[size]}</span>
          </button>
        </>
      )}
      <button type="button" class="btn bare icon" onClick={toggleFull} data-testid="full-screen"
        aria-label={full.value ? t.value.exitFullScreen : t.value.fullScreen}
        title={full.value ? t.value.exitFullScreen : t.value.fullScreen}>
        {full.value ? <Minimize size={22} aria-hidden="true" /> : <Maximize size={22} aria-hidden="true" />}
      </button>
    </div>
  );
}
