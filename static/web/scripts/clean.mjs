// Empties ../dist but for .gitkeep, without which a fresh clone could not compile the Go embed.
import { readdirSync, rmSync } from 'node:fs';

const dist = new URL('../../dist/', import.meta.url);
for (const name of readdirSync(dist)) {
  if (name !== '.gitkeep') rmSync(new URL(name, dist), { recursive: true });
}
