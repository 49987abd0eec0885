import type { ComponentType } from 'preact';
import type { PageProps } from '../../app';

/** Why the viewer gave control back. */
export type Left = 'left' | 'expired';

/** The viewer, as the page that lets people in loads it. */
export type ViewerPage = ComponentType<PageProps & { token: string; onLeave: (why: Left) => void }>;
