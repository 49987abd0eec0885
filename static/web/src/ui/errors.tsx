import { Component, type ComponentChildren } from 'preact';
import { TriangleAlert } from 'lucide-preact';
import { t } from '../i18n';
import { Notice } from './parts';

/** Shows a way out when a part of the page could not be loaded or drawn. */
export class Boundary extends Component<{ children: ComponentChildren }, { failed: boolean }> {
  override state = { failed: false };
  static override getDerivedStateFromError() {
    return { failed: true };
  }
  override render() {
    if (!this.state.failed) return this.props.children;
    return (
      <Notice icon={<TriangleAlert size={40} aria-hidden="true" />} title={t.value.serverProblem}>
        <p>
          <button type="button" class="btn" onClick={() => location.reload()}>{t.value.reload}</button>
        </p>
      </Notice>
    );
  }
}
