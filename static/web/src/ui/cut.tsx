import { useEffect } from 'preact/hooks';
import { Unplug } from 'lucide-preact';
import { announce } from '../a11y';
import { words } from '../i18n';
import { connection, counts } from '../store/state';

const w = words(
  {
    stage: 'Server Anda terputus dari pusat. Peserta di server ini tetap menerima siaran Anda, peserta di server lain hanya selama jalur siarannya tersambung. Perintah belum diterima. Tetaplah di halaman ini: semuanya berlanjut sendiri begitu tersambung.',
    desk: 'Server Anda terputus dari pusat. Tombol dan perintah belum bekerja, dan angka hanya dari server ini. Semuanya berlanjut sendiri begitu tersambung.',
    class: 'Server kelas ini terputus dari pusat. Kelas tetap berjalan di server ini; tanya jawab dan catatan menyusul begitu tersambung.',
  },
  {
    stage: 'Your server is cut off from the centre. Participants at this server still get your broadcast, those at others only while the line for media stands. Commands are not taken yet. Stay on this page: everything goes on by itself once it is back.',
    desk: 'Your server is cut off from the centre. Buttons and commands do not work yet, and figures are of this server only. Everything goes on by itself once it is back.',
    class: 'This class’s server is cut off from the centre. The class goes on at this server; Q&A and notes follow once it is back.',
  },
);

/** Tells who works at an event that the server does not hear the centre. Viewers have their own words. */
export function CutBanner({ of }: { of: 'stage' | 'desk' | 'class' }) {
  const cut = connection.value === 'open' && counts.value.cut === true;
  const text = w.value[of];
  useEffect(() => {
    if (cut) announce(text, true);
  }, [cut, text]);
  if (!cut) return null;
  return (
    <div class="banner" role="status" data-testid="cut-banner">
      <Unplug size={20} aria-hidden="true" /><span>{text}</span>
    </div>
  );
}
