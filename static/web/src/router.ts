export type Route =
  | { page: 'landing' | 'missing' }
  | { page: 'join' | 'stage' | 'desk' | 'bpsdm' | 'roster' | 'verify' | 'ruang' | 'layar' | 'pindai' | 'uji' | 'notulis' | 'ringkasan'; event: string }; // "" where none is named; a document's number for verify

/** Which page an address means. Event ids are slugs of [a-z0-9-], 1 to 64 characters. */
export function route(path: string): Route {
  const parts = path.split('/').filter(Boolean);
  if (parts.length === 0) return { page: 'landing' };
  if (parts[0] === 'bpsdm' && parts.length === 1) return { page: 'bpsdm', event: '' };
  if (parts[0] === 'bpsdm' && parts[1] === 'pegawai' && parts.length === 2) return { page: 'roster', event: '' };
  if (parts[0] === 'bpsdm' && parts[1] === 'ringkasan' && parts.length === 3 && /^[a-z0-9-]{1,64}$/.test(parts[2] ?? '')) {
    return { page: 'ringkasan', event: parts[2] ?? '' };
  }
  if (parts[0] === 'v' && parts.length === 2 && /^[A-Za-z0-9]{8,64}$/.test(parts[1] ?? '')) {
    return { page: 'verify', event: parts[1] ?? '' };
  }
  if (parts[0] === 'h' && parts.length === 1) return { page: 'pindai', event: '' };
  if (parts[0] === 'uji' && parts.length === 1) return { page: 'uji', event: '' };
  const event = parts[1];
  if (parts[0] === 'k' && event && /^[a-z0-9-]{1,64}$/.test(event)) {
    if (parts.length === 2) return { page: 'join', event };
    if (parts.length === 3 && parts[2] === 'uji') return { page: 'uji', event };
    if (parts.length === 3 && parts[2] === 'panggung') return { page: 'stage', event };
    if (parts.length === 3 && parts[2] === 'meja') return { page: 'desk', event };
    if (parts.length === 3 && parts[2] === 'notulis') return { page: 'notulis', event };
    if (parts.length === 3 && parts[2] === 'ruang') return { page: 'ruang', event };
    if (parts.length === 3 && parts[2] === 'layar') return { page: 'layar', event };
  }
  return { page: 'missing' };
}
