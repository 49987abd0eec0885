import { words } from '../../i18n';

const id = {
  title: 'Satu atap, banyak ruang',
  lead: 'Betang adalah ruang kuliah umum dan pelatihan daring bagi ASN Pemerintah Provinsi Kalimantan Tengah.',
  how: 'Cara masuk',
  step1: 'Buka tautan undangan Anda dari surat undangan atau pesan panitia.',
  step2: 'Masukkan NIP atau kode masuk, lalu pastikan nama Anda.',
  step3: 'Ikuti siaran dan ajukan pertanyaan. Kehadiran Anda tercatat sendiri.',
  help: 'Belum menerima tautan? Hubungi panitia kegiatan di perangkat daerah Anda.',
  test: 'Uji perangkat dan jaringan sebelum kegiatan',
};
const en: typeof id = {
  title: 'One roof, many rooms',
  lead: 'Betang is the online lecture hall and classroom of the civil service of Central Kalimantan Province.',
  how: 'How to join',
  step1: 'Open the invitation link in your letter or in the committee’s message.',
  step2: 'Enter your NIP or join code, then confirm your name.',
  step3: 'Follow the broadcast and ask questions. Your attendance is recorded by itself.',
  help: 'No link yet? Contact the event committee in your agency.',
  test: 'Test device and network before the event',
};
export const w = words(id, en);
