import type { Socket } from '../../socket';
import { Chat, ChatForm } from '../chat/list';
import { w } from '../chat/words';
import '../viewer/questions.css';

/** The chat beside the questions: a speaker reads along and may answer. */
export function Talk({ socket }: { socket: Socket }) {
  return (
    <section class="studio-chat" aria-labelledby="talk-h" data-testid="stage-chat">
      <h2 id="talk-h">{w.value.tab}</h2>
      <div class="chat-scroll" tabIndex={0}>
        <Chat socket={socket} />
      </div>
      <ChatForm socket={socket} />
    </section>
  );
}
