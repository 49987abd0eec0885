import { words } from '../../i18n';

// What a viewer reads around a page; the presenter's own words are many more.
const id = {
  slideLabel: (title: string, n: number, of: number) => `Materi: ${title}, halaman ${n} dari ${of}`,
  pageOf: (n: number, of: number) => `Halaman ${n} dari ${of}`,
  zoomIn: 'Perbesar',
  zoomOut: 'Perkecil',
  zoomed: 'Materi diperbesar; geser untuk melihat bagian lain',
  loadingPage: 'Memuat halaman…',
  download: 'Unduh materi',
  downloadOf: (title: string) => `Unduh materi: ${title}`,
};

const en: typeof id = {
  slideLabel: (title, n, of) => `Material: ${title}, page ${n} of ${of}`,
  pageOf: (n, of) => `Page ${n} of ${of}`,
  zoomIn: 'Zoom in',
  zoomOut: 'Zoom out',
  zoomed: 'Enlarged material; scroll to see other parts',
  loadingPage: 'Loading the page…',
  download: 'Download material',
  downloadOf: (title) => `Download material: ${title}`,
};

export const w = words(id, en);
