/** The size of one tile, in CSS px. */
export interface Size {
  w: number;
  h: number;
}

/** How large n tiles of 16:9 to 4:3 can be in a box of w by h with gaps between them: whichever number of columns gives most. */
export function fit(w: number, h: number, n: number, gap: number): Size {
  let best: Size = { w: 0, h: 0 };
  for (let cols = 1; cols <= n; cols++) {
    const rows = Math.ceil(n / cols);
    const cell = { w: (w - gap * (cols - 1)) / cols, h: (h - gap * (rows - 1)) / rows };
    if (cell.w <= 0 || cell.h <= 0) continue;
    const width = Math.min(cell.w, (cell.h * 16) / 9);
    const tile = { w: Math.floor(width), h: Math.floor(Math.min(cell.h, (width * 3) / 4)) };
    if (tile.w * tile.h > best.w * best.h) best = tile;
  }
  return best;
}
