import { words } from '../i18n';

const id = {
  start: 'Pindai dengan kamera',
  stop: 'Matikan kamera',
  starting: 'Menyalakan kamera…',
  looking: 'Arahkan kamera ke kode QR sampai memenuhi bingkai.',
  picture: 'Gambar kamera',
  denied: 'Izin kamera ditolak. Izinkan kamera untuk halaman ini di pengaturan peramban, atau ketik kodenya.',
  none: 'Kamera tidak dapat dipakai di perangkat ini. Ketik kodenya.',
};
const en: typeof id = {
  start: 'Scan with the camera',
  stop: 'Turn camera off',
  starting: 'Turning the camera on…',
  looking: 'Point the camera at the QR code until it fills the frame.',
  picture: 'Camera picture',
  denied: 'Camera permission denied. Allow the camera for this page in the browser’s settings, or type the code.',
  none: 'The camera cannot be used on this device. Type the code.',
};
export const w = words(id, en);
