// How alike two questions are, to find duplicates. Pure. Words are compared without the little ones and without the
// commonest endings ("materinya" = "materi"); letter triples forgive typing errors. 0 is nothing alike, 1 the same.

const LITTLE = new Set(
  ('yang dan di ke dari untuk pada dengan apa apakah adalah itu ini kah nya juga akan bisa dapat ada saya kami bapak ' +
    'ibu pak bu mohon tolong izin bagaimana kapan mengapa kenapa siapa dimana mana para atau oleh sebagai agar supaya ' +
    'dalam tentang terhadap bagi secara lebih sudah belum tidak the of is are for how what when')
    .split(' '),
);

interface Shape {
  words: Set<string>;
  triples: Set<string>;
}

const shapes = new Map<string, Shape>();

function shapeOf(text: string): Shape {
  const known = shapes.get(text);
  if (known) return known;
  const all = text.toLowerCase().normalize('NFKD').replace(/[^\p{L}\p{N}]+/gu, ' ').trim().split(' ');
  const words = new Set(all.filter((x) => x.length > 1 && !LITTLE.has(x)).map(stem));
  const flat = ` ${[...words].join(' ')} `;
  const triples = new Set<string>();
  for (let i = 0; i + 3 <= flat.length; i++) triples.add(flat.slice(i, i + 3));
  const shape = { words, triples };
  if (shapes.size > 5000) shapes.clear();
  shapes.set(text, shape);
  return shape;
}

function stem(word: string): string {
  const s = word.replace(/(nya|kah|lah|pun)$/, '');
  const t = s.replace(/^(di|ber|me[mn]?g?|pe[mn]?g?|ter)(?=.{4})/, '');
  return t.length >= 4 ? t : s.length >= 3 ? s : word;
}

/** Twice what is shared, of all there is. */
function dice(a: Set<string>, b: Set<string>): number {
  if (a.size === 0 || b.size === 0) return 0;
  const [small, big] = a.size < b.size ? [a, b] : [b, a];
  let shared = 0;
  for (const x of small) if (big.has(x)) shared++;
  return (2 * shared) / (a.size + b.size);
}

export function similarity(a: string, b: string): number {
  const x = shapeOf(a);
  const y = shapeOf(b);
  return 0.6 * dice(x.words, y.words) + 0.4 * dice(x.triples, y.triples);
}

/** From here on a pair is offered as a duplicate. */
export const ALIKE = 0.4;

export interface Match<Q> {
  question: Q;
  score: number;
}

/** The others by likeness, the most alike first; of equals the one with more support, then the older one. */
export function ranked<Q extends { id: string; text: string; support: number }>(q: Q, others: Q[]): Match<Q>[] {
  return others
    .filter((o) => o.id !== q.id)
    .map((o) => ({ question: o, score: similarity(q.text, o.text) }))
    .sort((a, b) =>
      b.score - a.score || b.question.support - a.question.support || number(a.question.id) - number(b.question.id));
}

/** The most alike of the others if it is alike enough, without sorting them all. */
export function nearest<Q extends { id: string; text: string }>(q: Q, others: Q[]): Match<Q> | null {
  let best: Match<Q> | null = null;
  for (const o of others) {
    if (o.id === q.id) continue;
    const score = similarity(q.text, o.text);
    if (score >= ALIKE && score > (best?.score ?? 0)) best = { question: o, score };
  }
  return best;
}

const number = (id: string): number => Number(id.slice(1));
