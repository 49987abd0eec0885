import { useEffect, useRef } from 'preact/hooks';

/** Plays a stream without its sound. */
export function Video(p: { stream: MediaStream | null; label: string; mirror?: boolean; testid?: string }) {
  const ref = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const v = ref.current;
    if (!v) return;
    if (v.srcObject !== p.stream) v.srcObject = p.stream;
    v.muted = true; // the attribute alone does not hold in every browser
    if (p.stream) v.play().catch(() => {});
  }, [p.stream]);
  return (
    <video ref={ref} playsInline autoPlay muted disablePictureInPicture aria-label={p.label}
      class={p.mirror ? 'mirror' : ''} data-testid={p.testid} />
  );
}
