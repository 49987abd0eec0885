/** A refusal by the server, over HTTP or the websocket. Its message is a sentence in the reader's language. */
export class Refusal extends Error {
  constructor(
    /** NotAllowed NotFound Conflict Invalid TooMany Internal, or Offline: the server was not reached */
    readonly kind: string,
    /** stable name of the sentence */
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}
