/** There is no session, or it ended before the answer came. Whether the other side had it is not known. */
export class NotConnected extends Error {
  override readonly name = 'NotConnected';
}
