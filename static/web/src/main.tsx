import { render } from 'preact';
import './styles/tokens.css';
import './styles/base.css';
import './styles/ui.css';
import { App } from './app';
import { route } from './router';
import { scopeOf, takeLinkToken } from './token';

const to = route(location.pathname);
if ('event' in to) {
  takeLinkToken(scopeOf(to.page, to.event));
  // Another link to the same page, opened in this tab, only changes the fragment.
  addEventListener('hashchange', () => location.hash.startsWith('#t=') && location.reload());
}

const root = document.getElementById('app');
if (root) render(<App to={to} />, root);
