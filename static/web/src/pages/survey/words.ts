import { words } from '../../i18n';

const id = {
  title: 'Evaluasi kegiatan',
  lead: 'Jawaban bersifat anonim: nama Anda tidak disimpan bersama jawaban, dan kehadiran Anda tidak terpengaruh.',
  scale: 'Nilai 1 (sangat kurang) sampai 5 (sangat baik).',
  organisation: 'Penyelenggaraan',
  speaker: 'Narasumber',
  items: {
    service: 'Pelayanan panitia', broadcast: 'Gambar dan suara siaran', material: 'Kesesuaian materi', schedule: 'Ketepatan waktu pelaksanaan',
    mastery: 'Penguasaan materi', order: 'Sistematika penyajian', answers: 'Cara menjawab pertanyaan', time: 'Penggunaan waktu', language: 'Penggunaan bahasa',
    motivation: 'Pemberian motivasi',
  } as Record<string, string>,
  good: 'Apa yang sudah baik? (boleh dikosongkan)',
  better: 'Apa yang perlu diperbaiki? (boleh dikosongkan)',
  send: 'Kirim evaluasi',
  missing: (n: number) => `${n} butir belum dinilai.`,
  thanks: 'Terima kasih, evaluasi Anda sudah diterima.',
  results: 'Hasil evaluasi',
  answers: (n: string) => `${n} jawaban`,
  few: 'Hasil tampil setelah ada tiga jawaban, agar tetap anonim.',
  goodOnes: 'Yang sudah baik',
  betterOnes: 'Yang perlu diperbaiki',
  of: (mean: string) => `${mean} dari 5`,
};

const en: typeof id = {
  title: 'Evaluation',
  lead: 'Answers are anonymous: your name is not kept with them, and your attendance is not affected.',
  scale: 'From 1 (very poor) to 5 (very good).',
  organisation: 'Organisation',
  speaker: 'Speaker',
  items: {
    service: 'Service of the organisers', broadcast: 'Picture and sound', material: 'Relevance of the material', schedule: 'Punctuality',
    mastery: 'Command of the subject', order: 'Structure', answers: 'Answering questions', time: 'Use of time', language: 'Language', motivation: 'Motivation',
  },
  good: 'What was good? (optional)',
  better: 'What should be better? (optional)',
  send: 'Send',
  missing: (n: number) => `${n} items have no value yet.`,
  thanks: 'Thank you, your evaluation was received.',
  results: 'Evaluation results',
  answers: (n: string) => `${n} answers`,
  few: 'Results show once there are three answers, so that they stay anonymous.',
  goodOnes: 'What was good',
  betterOnes: 'What should be better',
  of: (mean: string) => `${mean} of 5`,
};

export const w = words(id, en);
